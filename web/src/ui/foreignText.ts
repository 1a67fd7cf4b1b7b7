/**
 * Text that came from outside (a device, a form): it may say what it likes, but not turn the line around, break it, or fill
 * the page. Vue keeps it from being read as HTML.
 */

/** Controls, and the marks that change the direction of what follows them. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/gu
const FIRST_STRONG_ISOLATE = '\u2068'
const POP_ISOLATE = '\u2069'
const LONGEST = 120

/** One bounded line, to be put into a sentence: whatever its script, the sentence around it keeps its direction. */
export function foreignText(text: string, longest = LONGEST): string {
  const line = text.replace(STEERING, ' ').trim()
  const characters = Array.from(line)
  const shown = characters.length > longest ? `${characters.slice(0, longest).join('')}…` : line
  return `${FIRST_STRONG_ISOLATE}${shown}${POP_ISOLATE}`
}

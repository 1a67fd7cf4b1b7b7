/** The resident identity number (GB 11643-1999): what is wrong with one, and what it says. Pure. */

export type NumberFault = 'form' | 'birth' | 'check'
export interface NumberTold {
  birthDate: string
  sex: 'female' | 'male'
}

const FORM = /^[1-9]\d{5}(\d{4})(\d{2})(\d{2})(\d{3})[\dX]$/
const CHECK_DIGITS = '10X98765432'

/** ISO 7064 MOD 11-2 over the first 17. */
export function checkDigit(first17: string): string {
  let sum = 0
  for (const digit of first17) sum = ((sum + Number(digit)) * 2) % 11
  return CHECK_DIGITS[sum] ?? ''
}

export function readNumber(typed: string, today: string): NumberTold | NumberFault {
  const number = typed.replace(/\s/g, '').toUpperCase()
  const [, year, month, day, order] = FORM.exec(number) ?? []
  if (!year || !month || !day || !order) return 'form'
  const birthDate = `${year}-${month}-${day}`
  if (!isDay(birthDate) || birthDate < '1880-01-01' || birthDate > today) return 'birth'
  if (checkDigit(number.slice(0, 17)) !== number[17]) return 'check'
  return { birthDate, sex: Number(order) % 2 === 1 ? 'male' : 'female' }
}

/** The calendar has it: no 31 June, no 29 February in a common year. */
export function isDay(iso: string): boolean {
  const at = new Date(`${iso}T00:00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(iso) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso)
}

import type { MoveError } from './moves'

type Translate = (key: string, named?: Record<string, unknown>) => string

/** What happened to a move that was not made, and what to do, in the page's words. */
export function problemWords(what: MoveError | null, t: Translate): string {
  if (what === null) return ''
  if (what.is === 'claimedByOther') return t('moveError.claimedByOther', { name: what.name })
  if (what.is === 'illegal' || what.is === 'other') return t(`moveError.${what.is}`, { detail: what.detail })
  return t(`moveError.${what.is}`)
}

/** What can be done now, by which key, and which of it is the next sensible thing. Pure: page, foot and help use it. */
import type { CaseView, TimelineEntry } from '@/api/types'

export type Action =
  | 'claim_top'
  | 'claim'
  | 'call'
  | 'call_result'
  | 'note'
  | 'respond'
  | 'close'
  | 'release'
  | 'reopen'
  | 'next'
  | 'previous'
  | 'worklist'
  | 'help'

export interface Situation {
  selected: CaseView | null
  /** Id of the operator at this page. */
  me: string
  /** The case that `claim_top` would take. */
  top: CaseView | null
  /** The elder's own number and the contacts' can be called: 0 is the elder, 1..9 the contacts. */
  callable: readonly number[]
  /** Whom one may call has been read, or could not be read. */
  contactsKnown: boolean
  /** Newest call of the case and how it ended; null: nobody has been called. */
  lastCall: { label: string; result: string | null } | null
  rows: number
}

export interface Key {
  action: Action
  /** As shown on the key cap. */
  cap: string
  /** For digits: which contact or which result. */
  digit?: number
}

export function isMine(view: CaseView | null, me: string): boolean {
  return view !== null && view.state !== 'closed' && view.claimed_by?.id === me
}

/** A call of this case is under way and its result is asked for; it may be made while somebody is on the way, too. */
export function onCall(now: Situation): boolean {
  if (!isMine(now.selected, now.me)) return false
  if (now.selected?.state === 'calling') return true
  return now.selected?.state === 'responding' && now.lastCall !== null && now.lastCall.result === null
}

/** Everything that works now, in the order in which it is shown. */
export function keysNow(now: Situation): Key[] {
  const keys: Key[] = []
  const mine = isMine(now.selected, now.me)
  if (now.top) keys.push({ action: 'claim_top', cap: 'Space' })
  if (now.selected?.state === 'open' && now.selected.id !== now.top?.id) keys.push({ action: 'claim', cap: 'A' })
  if (onCall(now)) {
    for (let digit = 1; digit <= 5; digit += 1) keys.push({ action: 'call_result', cap: String(digit), digit })
  } else if (mine) {
    for (const digit of now.callable) keys.push({ action: 'call', cap: String(digit), digit })
  }
  if (mine) {
    keys.push({ action: 'respond', cap: 'R' }, { action: 'close', cap: 'E' }, { action: 'release', cap: 'U' })
  }
  if (now.selected) keys.push({ action: 'note', cap: 'N' })
  if (now.selected?.state === 'closed') keys.push({ action: 'reopen', cap: 'O' })
  if (now.rows > 0) keys.push({ action: 'next', cap: 'J' }, { action: 'previous', cap: 'K' })
  keys.push({ action: 'worklist', cap: 'W' }, { action: 'help', cap: '?' })
  return keys
}

/** The one filled button: what a calm colleague would do next. Null: there is nothing sensible to press. */
export function nextStep(now: Situation): Key | null {
  const find = (action: Action, digit?: number): Key | null =>
    keysNow(now).find((key) => key.action === action && (digit === undefined || key.digit === digit)) ?? null
  const view = now.selected
  if (!isMine(view, now.me)) {
    if (view?.state === 'open') return find('claim') ?? find('claim_top')
    if (view?.state === 'closed') return find('claim_top') ?? find('reopen')
    return find('claim_top')
  }
  if (onCall(now)) return find('call_result', 1)
  if (view?.state === 'responding') return find('close')
  if (now.lastCall?.result === 'answered') return find('close')
  if (now.lastCall === null) return find('call') ?? (now.contactsKnown ? find('note') : null)
  return find('call', firstNotTried(now)) ?? find('respond')
}

function firstNotTried(now: Situation): number {
  const last = Number.parseInt(now.lastCall?.label ?? '', 10)
  const after = now.callable.find((digit) => digit > (Number.isNaN(last) ? 0 : last))
  return after ?? -1
}

export interface Press {
  key: string
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  isComposing: boolean
}

/** The action of a key press, if it works now. Letters go by their place too: a Chinese input method hides `key`. */
export function keyOf(press: Press, now: Situation): Key | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.isComposing) return null
  const cap = capOf(press)
  return keysNow(now).find((key) => key.cap === cap) ?? null
}

function capOf(press: Press): string {
  if (press.key === '?' || press.key === '？') return '?'
  if (press.code === 'Space' || press.key === ' ') return 'Space'
  if (press.key === 'ArrowDown') return 'J'
  if (press.key === 'ArrowUp') return 'K'
  const place = /^(?:Key([A-Z])|Digit([0-9])|Numpad([0-9]))$/.exec(press.code)
  if (place) return place[1] ?? place[2] ?? place[3] ?? ''
  return press.key.toUpperCase()
}

/** A number label starts with the digit of its key, so that the timeline alone says who was called: “1 女儿 李敏”. */
export function callLabel(digit: number, words: string): string {
  return `${digit} ${words}`
}

export function lastCallOf(timeline: readonly TimelineEntry[]): Situation['lastCall'] {
  let last: Situation['lastCall'] = null
  for (const entry of timeline) {
    if (entry.move === 'call') last = { label: String(entry.detail['number_label'] ?? ''), result: null }
    if (entry.move === 'call_done' && last) last = { ...last, result: String(entry.detail['result'] ?? '') }
    // A new hand begins anew: how the last one's call ended is not known.
    if (entry.move === 'reopen' || (entry.move === 'claim' && last?.result === null)) last = null
  }
  return last
}

const TYPING = new Set(['INPUT', 'TEXTAREA', 'SELECT'])

/** Somebody is typing there: single keys belong to the text. */
export function isTyping(element: { tagName: string; isContentEditable?: boolean } | null): boolean {
  return element !== null && (TYPING.has(element.tagName) || element.isContentEditable === true)
}

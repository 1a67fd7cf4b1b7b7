import { describe, expect, test } from 'vitest'

import type { CaseView, TimelineEntry } from '@/api/types'
import { isTyping, keyOf, keysNow, lastCallOf, nextStep, type Press, type Situation } from '@/console/keys'

import { aCase } from './cases'

const ME = 'me'
const mine = (change: Partial<CaseView> = {}): CaseView =>
  aCase({ state: 'claimed', claimed_by: { id: ME, name: 'Li' }, ...change })

function desk(change: Partial<Situation> = {}): Situation {
  return { selected: null, me: ME, top: null, callable: [0, 1, 2], contactsKnown: true, lastCall: null, rows: 3, ...change }
}
function press(key: string, code: string, change: Partial<Press> = {}): Press {
  return { key, code, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...change }
}
function entry(move: string, detail: Record<string, unknown> = {}): TimelineEntry {
  const at = '2026-11-22T00:00:00Z'
  return { seq: 1, move, state: 'claimed', at, device_at: null, received_at: null, recorded_at: at, actor: null, detail }
}
const actions = (now: Situation): string[] => keysNow(now).map((key) => key.action)

describe('the keys that work now', () => {
  test('every cap has one meaning at a time', () => {
    const open = aCase()
    const situations = [
      desk(),
      desk({ top: open, selected: open }),
      desk({ top: open, selected: mine() }),
      desk({ top: open, selected: mine({ state: 'calling' }) }),
      desk({ selected: mine({ state: 'responding' }), lastCall: { label: '0 x', result: null } }),
      desk({ selected: aCase({ state: 'closed' }) }),
    ]
    for (const now of situations) {
      const caps = keysNow(now).map((key) => key.cap)
      expect(new Set(caps).size).toBe(caps.length)
    }
  })

  test("nothing can be done to another operator's case but to read and note", () => {
    const theirs = aCase({ state: 'claimed', claimed_by: { id: 'other', name: 'Wang' } })
    expect(actions(desk({ selected: theirs }))).toEqual(['note', 'next', 'previous', 'worklist', 'help'])
  })

  test('digits call contacts, and name the result while a call is under way', () => {
    const one = press('1', 'Digit1')
    expect(keyOf(one, desk({ selected: mine() }))).toMatchObject({ action: 'call', digit: 1 })
    expect(keyOf(one, desk({ selected: mine({ state: 'calling' }) }))).toMatchObject({ action: 'call_result', digit: 1 })
    expect(keyOf(press('9', 'Digit9'), desk({ selected: mine() }))).toBeNull()
  })

  test('a call while somebody is on the way asks for its result too', () => {
    const now = desk({ selected: mine({ state: 'responding' }), lastCall: { label: '1 x', result: null } })
    expect(keyOf(press('2', 'Digit2'), now)).toMatchObject({ action: 'call_result', digit: 2 })
  })

  test('keys go by their place, so a Chinese input method does not hide them', () => {
    const now = desk({ selected: mine() })
    expect(keyOf(press('Process', 'KeyN'), now)?.action).toBe('note')
    expect(keyOf(press('？', 'Slash'), now)?.action).toBe('help')
  })

  test('a browser shortcut or a half-typed word is not a key of ours', () => {
    const now = desk({ selected: mine() })
    expect(keyOf(press('n', 'KeyN', { ctrlKey: true }), now)).toBeNull()
    expect(keyOf(press('n', 'KeyN', { isComposing: true }), now)).toBeNull()
  })

  test('somebody typing is not disturbed', () => {
    expect(isTyping({ tagName: 'TEXTAREA' })).toBe(true)
    expect(isTyping({ tagName: 'DIV', isContentEditable: true })).toBe(true)
    expect(isTyping({ tagName: 'BUTTON' })).toBe(false)
    expect(isTyping(null)).toBe(false)
  })
})

describe('the next sensible step', () => {
  test('claim what is at the top', () => {
    const top = aCase()
    expect(nextStep(desk({ top, selected: top }))?.action).toBe('claim_top')
    expect(nextStep(desk({ top, selected: aCase() }))?.action).toBe('claim')
    expect(nextStep(desk())).toBeNull()
  })

  test('then call the elder, then contacts in order until one answers', () => {
    expect(nextStep(desk({ selected: mine() }))).toMatchObject({ action: 'call', digit: 0 })
    const no = (label: string): Situation => desk({ selected: mine(), lastCall: { label, result: 'no_answer' } })
    expect(nextStep(no('0 self'))).toMatchObject({ action: 'call', digit: 1 })
    expect(nextStep(no('1 daughter'))).toMatchObject({ action: 'call', digit: 2 })
    expect(nextStep(no('2 neighbour'))?.action).toBe('respond')
  })

  test('close when somebody answered, or when somebody was sent', () => {
    const answered = { label: '0 self', result: 'answered' }
    expect(nextStep(desk({ selected: mine(), lastCall: answered }))?.action).toBe('close')
    expect(nextStep(desk({ selected: mine({ state: 'responding' }) }))?.action).toBe('close')
  })

  test('with nobody to call, write down what is done', () => {
    expect(nextStep(desk({ selected: mine(), callable: [] }))?.action).toBe('note')
    expect(nextStep(desk({ selected: mine(), callable: [], contactsKnown: false }))).toBeNull()
  })
})

test('the last call is read off the timeline, and a new hand begins anew', () => {
  expect(lastCallOf([])).toBeNull()
  const called = [entry('claim'), entry('call', { number_label: '1 daughter' })]
  expect(lastCallOf(called)).toEqual({ label: '1 daughter', result: null })
  expect(lastCallOf([...called, entry('call_done', { result: 'busy' })])).toEqual({ label: '1 daughter', result: 'busy' })
  expect(lastCallOf([...called, entry('lapse'), entry('claim')])).toBeNull()
})

import { describe, expect, test } from 'vitest'

import type { CaseView } from '@/api/types'
import { arrange, arrangeHeld, countsByPriority, neighbour, topOpen, type QueueView } from '@/console/queue'

import { aCase, after } from './cases'

const ids = (view: QueueView): string[] => [...view.open, ...view.taken].map((row) => row.case.id)
const mapOf = (...cases: CaseView[]): Map<string, CaseView> => new Map(cases.map((view) => [view.id, view]))

const fall = aCase({ id: 'fall', kind: 'fall', priority: 2, opened_at: after(0) })
const smoke = aCase({ id: 'smoke', kind: 'smoke', priority: 3, opened_at: after(1) })
const sosLate = aCase({ id: 'sos-late', opened_at: after(30) })
const sosEarly = aCase({ id: 'sos-early', opened_at: after(20) })

describe('the order of the queue', () => {
  test('most urgent first, then the longest wait', () => {
    expect(ids(arrange([smoke, sosLate, fall, sosEarly], false))).toEqual(['sos-early', 'sos-late', 'fall', 'smoke'])
  })

  test('what rang again stands before others of its priority', () => {
    const again = { ...sosLate, rang_at: after(90), press_count: 3 }
    expect(ids(arrange([sosEarly, again], false))[0]).toBe('sos-late')
  })

  test('a claim goes below, a lapsed one is back at the top', () => {
    const claimed: CaseView = { ...sosEarly, state: 'claimed' }
    expect(ids(arrange([claimed, sosLate, fall], false))).toEqual(['sos-late', 'fall', 'sos-early'])
    const lapsed: CaseView = { ...sosEarly, rang_at: after(80) }
    expect(ids(arrange([lapsed, sosLate, fall], false))[0]).toBe('sos-early')
  })

  test('technical cases have a list of their own', () => {
    const battery = aCase({ id: 'battery', kind: 'low_battery', priority: 5, worklist: true })
    expect(ids(arrange([fall, battery], false))).toEqual(['fall'])
    expect(ids(arrange([fall, battery], true))).toEqual(['battery'])
  })

  test('one key takes the first open row, never a claimed one', () => {
    expect(topOpen(arrange([{ ...sosEarly, state: 'claimed' }, smoke], false))?.id).toBe('smoke')
    expect(topOpen(arrange([{ ...sosEarly, state: 'claimed' }], false))).toBeNull()
  })
})

describe('while the pointer is in the list', () => {
  const before = arrange([fall, smoke], false)

  test('new rows wait and are counted', () => {
    const leak = aCase({ id: 'leak', kind: 'water_leak', priority: 3, opened_at: after(-50) })
    const gas = aCase({ id: 'gas', kind: 'gas', priority: 3, opened_at: after(-51) })
    const held = arrangeHeld(before, mapOf(fall, smoke, leak, gas), false)
    expect(ids(held)).toEqual(['fall', 'smoke'])
    expect(held.waiting).toBe(2)
  })

  test('what comes after everything shown moves nothing and does not wait', () => {
    const gas = aCase({ id: 'gas', kind: 'gas', priority: 3, opened_at: after(51) })
    const held = arrangeHeld(before, mapOf(fall, smoke, gas), false)
    expect(ids(held)).toEqual(['fall', 'smoke', 'gas'])
    expect(held.waiting).toBe(0)
    const below = arrange([fall, { ...smoke, state: 'claimed' }], false)
    expect(arrangeHeld(below, mapOf(fall, { ...smoke, state: 'claimed' }, gas), false).waiting).toBe(1)
  })

  test('an empty list holds nothing back', () => {
    const empty = arrange([], false)
    expect(ids(arrangeHeld(empty, mapOf(smoke), false))).toEqual(['smoke'])
  })

  test('SOS and fall come in at once, where they belong', () => {
    const second = aCase({ id: 'fall-2', kind: 'fall', priority: 2, opened_at: after(60) })
    const held = arrangeHeld(before, mapOf(fall, smoke, sosLate, second), false)
    expect(ids(held)).toEqual(['sos-late', 'fall', 'fall-2', 'smoke'])
    expect(held.waiting).toBe(0)
  })

  test('a row that is closed stays, marked, until the pointer leaves', () => {
    const held = arrangeHeld(before, mapOf(smoke), false)
    expect(ids(held)).toEqual(['fall', 'smoke'])
    expect(held.open[0]?.gone).toBe(true)
    expect(topOpen(held)?.id).toBe('smoke')
  })

  test('a row that is claimed keeps its place and shows it', () => {
    const claimed: CaseView = { ...fall, version: 2, state: 'claimed' }
    const held = arrangeHeld(before, mapOf(claimed, smoke), false)
    expect(ids(held)).toEqual(['fall', 'smoke'])
    expect(held.open[0]?.case.state).toBe('claimed')
    expect(topOpen(held)?.id).toBe('smoke')
  })

  test('an SOS whose claim lapsed comes back up at once, once', () => {
    const claimed: CaseView = { ...sosEarly, state: 'claimed' }
    const start = arrange([fall, claimed], false)
    const held = arrangeHeld(start, mapOf(fall, { ...sosEarly, version: 2, rang_at: after(90) }), false)
    expect(ids(held)).toEqual(['sos-early', 'fall'])
  })
})

describe('moving by key', () => {
  const view = arrange([fall, smoke, { ...sosEarly, state: 'claimed' }], false)

  test('goes down and up and stops at the ends', () => {
    expect(neighbour(view, 'fall', 1)).toBe('smoke')
    expect(neighbour(view, 'smoke', 1)).toBe('sos-early')
    expect(neighbour(view, 'sos-early', 1)).toBe('sos-early')
    expect(neighbour(view, 'fall', -1)).toBe('fall')
    expect(neighbour(view, null, 1)).toBe('fall')
    expect(neighbour({ open: [], taken: [], waiting: 0 }, null, 1)).toBeNull()
  })
})

test('the top bar counts open ones and all, by priority', () => {
  const counts = countsByPriority([sosEarly, { ...sosLate, state: 'claimed' }, smoke])
  expect(counts[0]).toEqual({ open: 1, all: 2 })
  expect(counts[2]).toEqual({ open: 1, all: 1 })
  expect(counts[4]).toEqual({ open: 0, all: 0 })
})

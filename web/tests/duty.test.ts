import { describe, expect, it } from 'vitest'

import type { HeldCase, LoadLimits } from '@/api/types'
import { alarmsWords, heldBy, heldRows, loadOf, unanswered, waitsSince } from '@/supervisor/duty/duty'

import { aCase, after } from './cases'

const now = Date.parse(after(1000))
const limits: LoadLimits = { acceptable_10_min: 1, most_10_min: 2, flood_10_min: 10, acceptable_hour: 6, most_hour: 12 }
const by = { id: 'op-1', name: '王芳' }
const taken = (id: string, opened: number) => aCase({ id, state: 'claimed', claimed_by: by, opened_at: after(opened), first_claimed_at: after(opened + 5), lease_until: after(1060) })
const told = (id: string, lease: number, moved: number, operator = by.id): [string, HeldCase] => [
  id,
  { case_id: id, operator_id: operator, lease_until: after(lease), moved_at: after(moved) },
]

describe('what nobody has', () => {
  it('stands by how long it has waited, without technical ones and those in hand', () => {
    const cases = [
      aCase({ id: 'late', opened_at: after(100) }),
      aCase({ id: 'early', opened_at: after(50) }),
      aCase({ id: 'technical', opened_at: after(1), worklist: true }),
      taken('in-hand', 1),
    ]
    expect(unanswered(cases).map((view) => view.id)).toEqual(['early', 'late'])
  })

  it('waits since it opened, however often it rang, and anew once it came back', () => {
    expect(waitsSince(aCase({ opened_at: after(0), rang_at: after(90) }))).toBe(after(0))
    expect(waitsSince(aCase({ opened_at: after(0), rang_at: after(90), first_claimed_at: after(20) }))).toBe(after(90))
  })
})

describe('what somebody has', () => {
  it('shows first what goes back soon, then what does not move', () => {
    const cases = [taken('well', 10), taken('stuck', 300), taken('ends', 900)]
    const rows = heldRows(cases, new Map([told('well', 1050, 990), told('stuck', 1055, 350), told('ends', 1012, 950)]), now)
    expect(rows.map((row) => [row.case.id, row.trouble, row.leaseS])).toEqual([
      ['ends', 'ends', 12],
      ['stuck', 'stuck', 55],
      ['well', null, 50],
    ])
  })

  it('takes the lease of the feed for what was claimed since, and by somebody else', () => {
    const [fresh] = heldRows([taken('a', 990)], new Map(), now)
    expect([fresh?.leaseS, fresh?.quietS, fresh?.trouble]).toEqual([60, null, null])
    const [other] = heldRows([taken('a', 990)], new Map([told('a', 1001, 995, 'op-2')]), now)
    expect(other?.leaseS).toBe(60)
  })

  it('is counted for each operator', () => {
    expect(heldBy([taken('a', 1), taken('b', 2), aCase({})], 'op-1')).toBe(2)
  })
})

describe('the load of an operator', () => {
  it.each([
    [1, 6, 'calm'],
    [1.5, 3, 'busy'],
    [2, 2, 'busy'],
    [2.1, 3, 'over'],
    [0, 6.5, 'busy'],
    [0, 12.1, 'over'],
    [10, 12, 'over'],
    [10.1, 11, 'flood'],
  ])('of %f in ten minutes and %f in an hour is %s', (ten, hour, load) => {
    expect(loadOf({ alarms_10_min: ten, alarms_hour: hour }, limits)).toBe(load)
  })

  it('is said with a digit only where an alarm was shared', () => {
    expect([alarmsWords(3), alarmsWords(0.333333)]).toEqual(['3', '0.3'])
  })
})

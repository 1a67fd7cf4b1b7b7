import { describe, expect, it } from 'vitest'

import { at, classOf, dayAfter, firstLook, openHours, rowsAt, shareWords, worstFirst } from '../src/regulator/reach/reach'
import type { ReachDay, ReachRow } from '../src/api/types'

const hourly = (at: Record<number, number>): (number | null)[] => Array.from({ length: 24 }, (_, hour) => at[hour] ?? null)

function row(code: string, elders: number, reached: Record<string, Record<number, number>>): ReachRow {
  const hours = { 10: elders, 14: elders }
  const services = Object.fromEntries(Object.entries(reached).map(([category, counts]) => [category, { reached: hourly(counts), offered: hourly({ 10: elders }), empty: hourly({ 10: 1 }) }]))
  return { code, name: code, lat: null, lon: null, elders: hourly(hours), excluded: hourly({ 10: 2 }), below: hourly({}), services }
}

const DAY = {
  hours: [10, 14],
  categories: [{ code: 'meal', name: { zh: '助餐', en: 'Meals' } }, { code: 'bathing', name: { zh: '助浴', en: 'Bathing' } }],
  whole: row('4202', 30, { bathing: { 10: 12, 14: 0 }, meal: { 10: 3 } }),
  rows: [row('420202', 20, { bathing: { 10: 12, 14: 0 } }), row('420203', 10, { bathing: { 10: 0, 14: 0 } }), row('420205', 0, { bathing: { 10: 0 } }), row('420204', 0, {})],
} as unknown as ReachDay

describe('the circle of 15 minutes', () => {
  it('says of a region at an hour who is reached and who is not', () => {
    expect(at(DAY.whole, 'bathing', 10)).toMatchObject({ elders: 30, reached: 12, missed: 18, excluded: 2, empty: 1, share: 0.4 })
    expect(at(DAY.whole, 'bathing', 11)).toBeNull()
    expect(at(DAY.whole, 'meal', 14)).toBeNull()
  })

  it('lists the worst first, and last where nobody lives', () => {
    expect(worstFirst(rowsAt(DAY, 'bathing', 10)).map((one) => one.code)).toEqual(['420203', '420202', '420204', '420205'])
    expect(worstFirst(rowsAt(DAY, 'bathing', 14)).map((one) => one.code)).toEqual(['420202', '420203', '420204', '420205'])
  })

  it('knows when a service can be booked', () => {
    expect(openHours(DAY, 'bathing')).toEqual([10, 14])
    expect(openHours(DAY, 'meal')).toEqual([10])
    expect(openHours(DAY, 'nothing')).toEqual([])
  })

  it('looks first at the last hour measured, or the last of the service that was chosen', () => {
    expect(firstLook(DAY, '', null)).toEqual({ category: 'bathing', hour: 14 })
    expect(firstLook(DAY, 'meal', null)).toEqual({ category: 'meal', hour: 10 })
    expect(firstLook(DAY, '', 10)).toEqual({ category: 'meal', hour: 10 })
    expect(firstLook(DAY, 'bathing', 3)).toEqual({ category: 'bathing', hour: 3 })
  })

  it.each([
    [null, 'nobody', '—'],
    [0, 'none', '0.0%'],
    [0.0001, 'low', '0.1%'],
    [0.5, 'middle', '50.0%'],
    [0.8, 'high', '80.0%'],
    [0.95, 'full', '95.0%'],
    [0.99999, 'full', '99.9%'],
    [1, 'full', '100.0%'],
  ])('says %s as %s, %s', (share, className, words) => {
    expect(classOf(share)).toBe(className)
    expect(shareWords(share)).toBe(words)
  })

  it('goes from day to day over the turn of a month', () => {
    expect(dayAfter('2026-12-01', -1)).toBe('2026-11-30')
    expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01')
  })
})

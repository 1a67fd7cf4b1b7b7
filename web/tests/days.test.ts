import { expect, test } from 'vitest'

import { addDays, hoursOf, mondayOf, weekday } from '@/provider/days'

test('a week begins on Monday, in Shanghai', () => {
  expect(mondayOf(Date.parse('2026-11-29T15:59:59Z'))).toBe('2026-11-23')
  expect(mondayOf(Date.parse('2026-11-29T16:00:00Z'))).toBe('2026-11-30')
  expect(weekday('2026-11-29')).toBe(7)
})

test('days go on over the end of a month, of February and of a year', () => {
  expect(addDays('2026-12-28', 7)).toBe('2027-01-04')
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
  expect(addDays('2027-01-01', -1)).toBe('2026-12-31')
})

test('hours are said as one says them, also after midnight', () => {
  expect(hoursOf({ from_min: 480, to_min: 720 })).toBe('08:00–12:00')
  expect(hoursOf({ from_min: 1320, to_min: 1800 })).toBe('22:00–06:00')
  expect(hoursOf({ from_min: 1080, to_min: 1440 })).toBe('18:00–24:00')
})

import { describe, expect, test } from 'vitest'

import type { ServiceTerms } from '@/api/types'
import { providerFaults } from '@/regulator/checks'
import { blank, draftOf, overlaps, serviceFaults, termsOf } from '@/regulator/service'
import { fenOf, yuan } from '@/ui/money'

import { allTexts } from './words'

const TODAY = '2026-11-29'
const TERMS: ServiceTerms = {
  category: 'meal',
  name: { zh: '午餐送餐', en: 'Lunch delivered' },
  included: { zh: '一份午餐', en: 'One lunch' },
  unit: 'portion',
  duration_min: 10,
  ceiling_fen: 2505,
  skills: ['delivery', 'meal'],
  certificates: [],
  workers: 2,
  second_after_min: 15,
  ability_levels: ['mild'],
  register_flags: ['lives_alone'],
  notice_min: 90,
  cut_off: { days_before: 0, at: '09:00' },
  openings: [{ weekdays: [1, 2], begin: '10:45', end: '24:00' }],
  cancel_fees: [{ notice_min: 60, percent: 50 }],
  sold: true,
}

describe('money', () => {
  test('is written in yuan and read back to the fen', () => {
    for (const fen of [0, 5, 10, 99, 100, 2505, 1_000_001]) expect(fenOf(yuan(fen))).toBe(fen)
    expect([fenOf('¥45'), fenOf(' 45.5 '), fenOf('0.29')]).toEqual([4500, 4550, 29])
  })

  test('that is no amount is none', () => {
    expect(['', '-1', '1.234', 'abc', '1e3', '1,000'].map(fenOf)).toEqual(Array(6).fill(null))
  })
})

describe('a service being written', () => {
  test('says what it was read from', () => {
    expect(termsOf(draftOf('meal_lunch', TERMS, TODAY))).toEqual(TERMS)
    expect(serviceFaults(draftOf('meal_lunch', TERMS, TODAY), TODAY)).toEqual({})
  })

  test('says what is missing, in words there are', () => {
    const faults = serviceFaults({ ...blank(TODAY), valid_from: '2026-11-28', durationMin: '0', noticeHours: 'x', openings: [{ weekdays: [], begin: '08:00', end: '09:00' }] }, TODAY)
    expect(Object.keys(faults).sort()).toEqual(['category', 'ceiling', 'code', 'durationMin', 'includedEn', 'includedZh', 'nameEn', 'nameZh', 'noticeHours', 'openings', 'valid_from'])
    for (const words of Object.values(faults)) expect(allTexts('en').has(words)).toBe(true)
  })

  test('has no two openings at one time of a day', () => {
    const morning = { weekdays: [1, 2], begin: '08:00', end: '12:00' }
    expect(overlaps([morning, { weekdays: [2], begin: '11:00', end: '13:00' }])).toBe(true)
    expect(overlaps([morning, { weekdays: [2], begin: '12:00', end: '13:00' }, { weekdays: [3], begin: '08:00', end: '12:00' }])).toBe(false)
  })

  test('charges for cancelling only what can be charged', () => {
    const draft = draftOf('x1', TERMS, TODAY)
    expect(serviceFaults({ ...draft, fees: [{ hours: '0.5', percent: '100' }] }, TODAY)).toEqual({})
    for (const fee of [{ hours: '0', percent: '50' }, { hours: '2', percent: '101' }, { hours: 'x', percent: '50' }]) {
      expect(serviceFaults({ ...draft, fees: [fee] }, TODAY)).toEqual({ fees: 'serviceFault.fees' })
    }
  })

  test('has a second worker only where two are needed', () => {
    expect(termsOf({ ...draftOf('x1', TERMS, TODAY), two: false })).toMatchObject({ workers: 1, second_after_min: 0 })
  })
})

test('a provider needs a name, a licence with its end, a phone and a region', () => {
  const none = providerFaults({ name: ' ', licence_number: 'x', licence_until: '', phone: 'none', region_codes: [] })
  expect(Object.keys(none)).toHaveLength(5)
  for (const words of Object.values(none)) expect(allTexts('zh-CN').has(words)).toBe(true)
  expect(providerFaults({ name: '银杏', licence_number: 'demo-1', licence_until: '2030-01-01', phone: '0714-1234567', region_codes: ['4202'] })).toEqual({})
})

import { describe, expect, test } from 'vitest'

import type { Offer, ServiceTerms, ServiceVersion } from '@/api/types'
import { offerFaults, plannedOf, standingOf, termsOn } from '@/provider/offers/offer'
import { parentOf, wayTo, withRegion } from '@/ui/regions'

import { allTexts } from './words'

const TODAY = '2026-11-29'
const version = (number: number, valid_from: string, ceiling_fen: number, sold = true): ServiceVersion => ({ code: 'x', version: number, valid_from, terms: { ceiling_fen, sold } as ServiceTerms })
const VERSIONS = [version(1, '2026-01-01', 5000), version(2, '2026-12-05', 4000), version(3, '2027-01-01', 4000, false)]
const offer = (...versions: Partial<Offer['versions'][number]>[]): Offer => {
  const whole = versions.map((one, at) => ({ version: versions.length - at, valid_from: '2026-01-01', price_fen: 4500, region_codes: ['4202'], withdrawn: false, ...one }))
  const held = whole.find((one) => one.valid_from <= TODAY)
  return { service_code: 'x', versions: whole, in_force: held && !held.withdrawn ? held : null }
}

describe('a price being written', () => {
  const draft = { price: '45', valid_from: TODAY, region_codes: ['420202'] }

  test('is held against the ceiling of the day on which it begins', () => {
    expect(offerFaults(draft, VERSIONS, TODAY)).toEqual({})
    expect(offerFaults({ ...draft, valid_from: '2026-12-05' }, VERSIONS, TODAY)).toEqual({ price: 'offerFault.aboveCeiling' })
    expect(offerFaults({ ...draft, valid_from: '2027-01-01' }, VERSIONS, TODAY)).toEqual({ valid_from: 'offerFault.notSold' })
  })

  test('says what is missing, in words there are', () => {
    const faults = offerFaults({ price: 'cheap', valid_from: '2026-11-28', region_codes: [] }, VERSIONS, TODAY)
    expect(Object.keys(faults).sort()).toEqual(['price', 'region_codes', 'valid_from'])
    for (const words of Object.values(faults)) expect(allTexts('en').has(words)).toBe(true)
  })

  test('counts on a day against the terms that began last', () => {
    expect([TODAY, '2026-12-05', '2027-06-01', '2025-12-31'].map((day) => termsOn(VERSIONS, day)?.ceiling_fen)).toEqual([5000, 4000, undefined, undefined])
  })
})

test('an offer stands as families find it today', () => {
  expect(standingOf(undefined, 5000, TODAY)).toBe('none')
  expect(standingOf(offer({}), 5000, TODAY)).toBe('offered')
  expect(standingOf(offer({}), 4000, TODAY)).toBe('aboveCeiling')
  expect(standingOf(offer({ valid_from: '2026-12-01' }), 5000, TODAY)).toBe('later')
  expect(standingOf(offer({ withdrawn: true }, {}), 5000, TODAY)).toBe('none')
  expect(plannedOf(offer({ valid_from: '2026-12-09' }, { valid_from: '2026-12-01' }, {}), TODAY).map((one) => one.valid_from)).toEqual(['2026-12-01', '2026-12-09'])
})

test('of regions that lie in one another the outer one is kept', () => {
  expect(withRegion(['420202006', '420203'], '420202')).toEqual(['420202', '420203'])
  expect(withRegion(['4202'], '420202')).toEqual(['4202'])
  expect([wayTo('4202'), wayTo('420202006'), parentOf('420202006'), parentOf('4202')]).toEqual([['4202'], ['420202', '420202006'], '420202', ''])
})

import { expect, test } from 'vitest'

import type { OrderRules, WelfareRules } from '@/api/types'
import { draftOfRules, orderRulesOf, rulesFaults, welfareRulesOf } from '@/ui/rules/rules'

import { allTexts } from './words'

const ORDERS: OrderRules = { offer_min: 10, late_after_min: 15, missed_after_min: null }
const WELFARE: WelfareRules = { weekly: [{ ability_levels: ['severe'], living_situations: [], register_flags: [] }], urgent_days: 6, place_ahead_days: 7 }

test('the rules of the city say what they were read from', () => {
  const draft = draftOfRules(ORDERS, WELFARE)
  expect([orderRulesOf(draft), welfareRulesOf(draft)]).toEqual([ORDERS, WELFARE])
  expect(rulesFaults(draft)).toEqual({})
})

test('nobody comes only after somebody is late, and a group of everybody is none', () => {
  const draft = { ...draftOfRules({ ...ORDERS, missed_after_min: 15 }, WELFARE), weekly: [{ ability_levels: [], living_situations: [], register_flags: [] }], offer: '0', urgent: 'x', ahead: '99' }
  const faults = rulesFaults(draft)
  expect(Object.keys(faults).sort()).toEqual(['ahead', 'missed', 'offer', 'urgent', 'weekly'])
  for (const words of Object.values(faults)) expect(allTexts('en').has(words)).toBe(true)
})

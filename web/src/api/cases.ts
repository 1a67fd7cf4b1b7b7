import type { CaseView, ToldCase } from './types'

/** From here on every field is there, null where it was left out. */
export function wholeCase(told: ToldCase): CaseView {
  const { elder, location } = told
  return {
    wire_type: null,
    region_code: null,
    located_at: null,
    battery_pct: null,
    fall_cancelled_at: null,
    claimed_by: null,
    lease_until: null,
    first_claimed_at: null,
    closed_at: null,
    outcome: null,
    escalation: null,
    attended_by: null,
    ...told,
    elder: elder ? { age: null, sex: null, ability_level: null, address: null, ...elder } : null,
    location: location ? { accuracy_m: null, fix: null, ...location } : null,
  }
}

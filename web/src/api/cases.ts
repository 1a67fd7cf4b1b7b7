/** The feed leaves out what is null; from here on every field is there. */
import type { CaseView, Location } from './types'

type Told<T> = { [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as null extends T[K] ? K : never]?: T[K]
}
export type ToldCase = Omit<Told<CaseView>, 'elder' | 'location'> & {
  elder?: Told<NonNullable<CaseView['elder']>> | null
  location?: Told<Location> | null
}

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
    ...told,
    elder: elder ? { age: null, sex: null, ability_level: null, address: null, ...elder } : null,
    location: location ? { accuracy_m: null, fix: null, ...location } : null,
  }
}

/** What the API says, by name. Times are RFC 3339 strings, ids are UUID strings. */

export type CaseState = 'open' | 'claimed' | 'calling' | 'responding' | 'closed'

export type AlarmKind =
  | 'sos'
  | 'fall'
  | 'smoke'
  | 'gas'
  | 'water_leak'
  | 'vital_out_of_range'
  | 'inactivity'
  | 'geofence_exit'
  | 'help_request'
  | 'unknown'
  | 'garbled'
  | 'low_battery'
  | 'tamper'

export interface Location {
  lat: number
  lon: number
  accuracy_m: number | null
  fix: 'gps' | 'wifi' | 'cell' | 'none' | null
  source_datum: string
}

export interface ElderOnCase {
  id: string
  name: string
  age: number | null
  sex: 'female' | 'male' | null
  ability_level: string | null
  address: string | null
}

export interface Person {
  id: string
  name: string
}

export interface CaseView {
  id: string
  version: number
  kind: AlarmKind
  priority: number
  worklist: boolean
  state: CaseState
  device_id: string
  wire_type: string | null
  elder: ElderOnCase | null
  region_code: string | null
  opened_at: string
  occurred_at: string
  received_at: string
  rang_at: string
  time_suspect: boolean
  press_count: number
  location: Location | null
  located_at: string | null
  battery_pct: number | null
  fall_cancelled_at: string | null
  claimed_by: Person | null
  lease_until: string | null
  first_claimed_at: string | null
  closed_at: string | null
  outcome: string | null
}

export interface TimelineEntry {
  seq: number
  move: string
  at: string
  device_at: string | null
  received_at: string | null
  recorded_at: string
  actor: { id: string; name: string; role: string } | null
  detail: Record<string, unknown>
}

export interface Account {
  id: string
  username: string
  name: string
  role: string
  regions: string[]
  locale: string | null
}

export interface Contact {
  id: string
  order: number
  name: string
  relation: string
  phone?: string | null
  phone_masked: string | null
  distance_note: string | null
}

export interface BoundDevice {
  device_id: string
  model: string | null
  kind: string | null
  online: boolean | null
  last_seen_at: string | null
  battery_pct: number | null
  bound_at: string | null
}

export interface ElderProfile {
  id: string
  name: string
  sex: 'female' | 'male' | null
  birth_date: string | null
  age: number | null
  photo_url: string | null
  identity_number_masked: string | null
  phone?: string | null
  phone_masked: string | null
  ability_level: string | null
  living_situation: string | null
  register_flags: string[]
  conditions: string[]
  medicines: string[]
  allergies: string[]
  oxygen: boolean | null
  notes: string | null
  address: string | null
  door_note: string | null
  location: { lat: number; lon: number; source_datum: string } | null
  region_code: string
  region_names: string[]
  contacts: Contact[]
  devices: BoundDevice[]
  response_plan: { steps: string[] } | null
  consents: unknown[]
}

export interface Range {
  low: number | null
  high: number | null
}

export interface Vital {
  name: string
  unit: string | null
  value: number
  loinc: string | null
  device_id: string
  device_model: string | null
  measured_at: string
  age_seconds: number
  range: Range | null
  out_of_range: boolean | null
}

export interface VitalSeries {
  name: string
  unit: string | null
  points: [string, number][]
  range: Range | null
  n: number
}

export interface CaseContext {
  elder: ElderProfile | null
  latest_vitals: Vital[]
  last_cases: CaseView[]
  device: BoundDevice | null
}

export interface Region {
  code: string
  name: string
  level: string
  parent_code: string | null
}

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export const CALL_RESULTS = ['answered', 'no_answer', 'busy', 'wrong_number', 'refused'] as const
export type CallResult = (typeof CALL_RESULTS)[number]

export const OUTCOMES = [
  'handled_by_phone',
  'family_attended',
  'responder_attended',
  'ambulance_called',
  'false_alarm',
  'test',
  'device_fault',
  'unreachable',
  'duplicate',
] as const
export type Outcome = (typeof OUTCOMES)[number]

/** A profile while somebody fills it in: every field as text, as it stands on the page. Pure. */
import type { ElderChange, ElderProfile, Registration } from '@/api/types'

import type { ContactDraft } from './contacts'
import { contactsToSend } from './contacts'

export interface Draft {
  name: string
  identity_number: string
  sex: string
  birth_date: string
  phone: string
  region_code: string
  address: string
  lat: string
  lon: string
  datum: 'WGS-84' | 'GCJ-02' | 'BD-09'
  ability_level: string
  living_situation: string
  register_flags: string[]
  conditions: string
  medicines: string
  allergies: string
  oxygen: boolean
  notes: string
  door_note: string
  steps: string
}
export type FieldName = keyof Draft

export const BLANK: Draft = {
  name: '',
  identity_number: '',
  sex: '',
  birth_date: '',
  phone: '',
  region_code: '',
  address: '',
  lat: '',
  lon: '',
  datum: 'WGS-84',
  ability_level: '',
  living_situation: '',
  register_flags: [],
  conditions: '',
  medicines: '',
  allergies: '',
  oxygen: false,
  notes: '',
  door_note: '',
  steps: '',
}

/** Numbers that are shown masked stay empty: empty means as it is. */
export function draftOf(profile: ElderProfile): Draft {
  const { location, response_plan: plan } = profile
  const steps = Array.isArray(plan['steps']) ? plan['steps'].map(String) : []
  return {
    ...BLANK,
    name: profile.name,
    sex: profile.sex,
    birth_date: profile.birth_date,
    region_code: profile.region_code,
    address: profile.address,
    lat: location ? String(location.lat) : '',
    lon: location ? String(location.lon) : '',
    ability_level: profile.ability_level,
    living_situation: profile.living_situation,
    register_flags: [...profile.register_flags],
    conditions: profile.conditions.join('\n'),
    medicines: profile.medicines.join('\n'),
    allergies: profile.allergies.join('\n'),
    oxygen: profile.oxygen,
    notes: profile.notes,
    door_note: profile.door_note,
    steps: steps.join('\n'),
  }
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

export function changedFields(from: Draft, to: Draft): FieldName[] {
  return (Object.keys(to) as FieldName[]).filter((field) => !same(from[field], to[field]))
}

/** What the API calls each field; the place and the plan are one field there. */
function sent(draft: Draft): Record<string, unknown> {
  return {
    name: draft.name.trim(),
    identity_number: draft.identity_number.replace(/\s/g, '') || undefined,
    sex: draft.sex,
    birth_date: draft.birth_date,
    phone: draft.phone.trim() || undefined,
    region_code: draft.region_code,
    address: draft.address.trim(),
    location: draft.lat.trim() && draft.lon.trim() ? { lat: Number(draft.lat), lon: Number(draft.lon), datum: draft.datum } : null,
    ability_level: draft.ability_level,
    living_situation: draft.living_situation,
    register_flags: draft.register_flags,
    conditions: linesOf(draft.conditions),
    medicines: linesOf(draft.medicines),
    allergies: linesOf(draft.allergies),
    oxygen: draft.oxygen,
    notes: draft.notes.trim(),
    door_note: draft.door_note.trim(),
    response_plan: { steps: linesOf(draft.steps) },
  }
}

export function registrationOf(draft: Draft, contacts: ContactDraft[]): Registration {
  const body = Object.entries({ ...sent(draft), contacts: contactsToSend(contacts) }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(body) as unknown as Registration
}

/** Only what is to change: what somebody else changed meanwhile stays. */
export function changeOf(from: Draft, to: Draft): ElderChange {
  const before = sent(from)
  const after = Object.entries(sent(to)).filter(([field, value]) => value !== undefined && !same(value, before[field]))
  return Object.fromEntries(after) as ElderChange
}

/** The profile was changed by somebody else since `base`: theirs where I wrote nothing, mine where I did. */
export function rebased(mine: Draft, base: Draft, theirs: Draft): { draft: Draft; contested: FieldName[] } {
  const touched = changedFields(base, mine)
  const draft = { ...theirs, ...Object.fromEntries(touched.map((field) => [field, mine[field]])) }
  return { draft, contested: touched.filter((field) => !same(theirs[field], base[field]) && !same(theirs[field], mine[field])) }
}

/** What is wrong with a form, field by field: before it is sent, and as the API says it. Pure; words come later. */
import type { Problem } from '@/api/client'

import { isFilled, type ContactDraft } from './contacts'
import { linesOf, type Draft } from './draft'
import { isDay, readNumber } from './identity'

/** Field → key of the words below `fault`. Contacts are `contacts.0.phone`. */
export type Faults = Record<string, string>

const NEEDED = ['name', 'sex', 'birth_date', 'region_code', 'address', 'ability_level', 'living_situation'] as const
const LINES = ['conditions', 'medicines', 'allergies', 'steps'] as const
const PHONE = /^\+?[0-9][0-9 -]{1,18}[0-9]$/
const VILLAGE_DIGITS = 12

export function faultsOf(draft: Draft, today: string): Faults {
  const faults: Faults = {}
  for (const field of NEEDED) if (draft[field].trim() === '') faults[field] = `${field}_needed`
  if (draft.region_code && draft.region_code.length < VILLAGE_DIGITS) faults['region_code'] = 'region_code_needed'
  if (draft.birth_date && (!isDay(draft.birth_date) || draft.birth_date > today)) faults['birth_date'] = 'birth_date'
  if (draft.phone.trim() && !PHONE.test(draft.phone.trim())) faults['phone'] = 'phone'
  for (const field of LINES) if (linesOf(draft[field]).some((line) => line.length > 300)) faults[field] = 'lines'
  return { ...faults, ...numberFaults(draft, today), ...placeFaults(draft) }
}

function numberFaults(draft: Draft, today: string): Faults {
  if (draft.identity_number.trim() === '') return {}
  const told = readNumber(draft.identity_number, today)
  if (typeof told === 'string') return { identity_number: `number_${told}` }
  const agrees = (!draft.birth_date || told.birthDate === draft.birth_date) && (!draft.sex || told.sex === draft.sex)
  return agrees ? {} : { identity_number: 'number_disagrees' }
}

function placeFaults({ lat, lon }: Draft): Faults {
  const inside = (text: string, most: number): boolean => text.trim() !== '' && Math.abs(Number(text)) <= most
  if (lat.trim() === '' && lon.trim() === '') return {}
  return { ...(inside(lat, 90) ? {} : { lat: 'lat' }), ...(inside(lon, 180) ? {} : { lon: 'lon' }) }
}

export function contactFaults(contacts: ContactDraft[]): Faults {
  const faults: Faults = {}
  contacts.forEach((contact, at) => {
    if (!isFilled(contact)) return
    if (contact.name.trim() === '') faults[`contacts.${at}.name`] = 'name_needed'
    if (contact.relation.trim() === '') faults[`contacts.${at}.relation`] = 'relation_needed'
    const phone = contact.phone.trim()
    if (phone === '' && contact.id === null) faults[`contacts.${at}.phone`] = 'phone_needed'
    else if (phone !== '' && !PHONE.test(phone)) faults[`contacts.${at}.phone`] = 'phone'
  })
  return faults
}

const BY_CODE: Record<string, [string, string]> = {
  'elders.bad_identity_number': ['identity_number', 'number_check'],
  'elders.identity_disagrees': ['identity_number', 'number_disagrees'],
  'elders.identity_taken': ['identity_number', 'number_taken'],
  'elders.bad_birth_date': ['birth_date', 'birth_date'],
  'elders.not_your_region': ['region_code', 'region_code_foreign'],
  'elders.bad_contact': ['contacts', 'contacts'],
}
const PARTS: Record<string, string> = { response_plan: 'steps' }

/** Empty: the refusal is of no field, and has to be said above the form. */
export function refusedFields(problem: Problem): Faults {
  const known = BY_CODE[problem.code]
  if (known) return { [known[0]]: known[1] }
  const errors = Array.isArray(problem.body['errors']) ? (problem.body['errors'] as { loc: unknown[] }[]) : []
  return Object.fromEntries(errors.map(({ loc }) => fieldAt(loc.map(String).slice(1))))
}

function fieldAt(path: string[]): [string, string] {
  const [room = '', ...rest] = path
  if (room === 'contacts') return [path.join('.'), rest[1] === 'phone' ? 'phone' : 'other']
  if (room === 'location') return [rest[0] ?? 'lat', rest[0] ?? 'lat']
  const field = PARTS[room] ?? room
  return [field, field === 'phone' || field === 'birth_date' ? field : 'other']
}

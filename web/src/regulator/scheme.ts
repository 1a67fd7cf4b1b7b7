/** What the city pays of orders, being written: as the fields hold it, what is wrong with it, and what is sent. */
import type { SchemeTerms } from '@/api/types'
import { fenOf, yuan } from '@/ui/money'

export const PAYS = ['unit', 'percent', 'all'] as const
export type Pays = (typeof PAYS)[number]

export interface SchemeDraft {
  code: string
  valid_from: string
  nameZh: string
  nameEn: string
  awarded: boolean
  pays: Pays
  each: string
  percent: string
  aDay: string
  aMonth: string
  monthly: string
  rank: string
  fromAge: string
  belowAge: string
  regions: string[]
  categories: string[]
  services: string[]
  abilities: string[]
  flags: string[]
  running: boolean
}

export function blankScheme(today: string, regions: string[]): SchemeDraft {
  return {
    code: '', valid_from: today, nameZh: '', nameEn: '', awarded: false, pays: 'unit', each: '', percent: '50', aDay: '', aMonth: '', monthly: '',
    rank: '1', fromAge: '', belowAge: '', regions, categories: [], services: [], abilities: [], flags: [], running: true,
  }
}

export function paysOf(terms: SchemeTerms): Pays {
  if (terms.unit_fen != null) return 'unit'
  return terms.percent != null ? 'percent' : 'all'
}

const textOf = (number: number | null | undefined): string => (number == null ? '' : String(number))
const yuanOf = (fen: number | null | undefined): string => (fen == null ? '' : yuan(fen))

export function draftOfScheme(code: string, terms: SchemeTerms, today: string): SchemeDraft {
  return {
    code,
    valid_from: today,
    nameZh: terms.name.zh,
    nameEn: terms.name.en,
    awarded: terms.awarded,
    pays: paysOf(terms),
    each: yuanOf(terms.unit_fen),
    percent: textOf(terms.percent ?? 50),
    aDay: textOf(terms.units_a_day),
    aMonth: textOf(terms.units_a_month),
    monthly: yuanOf(terms.monthly_fen),
    rank: String(terms.rank),
    fromAge: textOf(terms.from_age),
    belowAge: textOf(terms.below_age),
    regions: [...terms.region_codes],
    categories: [...terms.categories],
    services: [...terms.services],
    abilities: [...terms.ability_levels],
    flags: [...terms.register_flags],
    running: terms.running,
  }
}

const numberOf = (text: string): number | null => (text.trim() === '' ? null : Number(text))

export function schemeTermsOf(draft: SchemeDraft): SchemeTerms {
  return {
    name: { zh: draft.nameZh.trim(), en: draft.nameEn.trim() },
    region_codes: draft.regions,
    categories: draft.categories,
    services: draft.services,
    ability_levels: draft.abilities as SchemeTerms['ability_levels'],
    register_flags: draft.flags as SchemeTerms['register_flags'],
    from_age: numberOf(draft.fromAge),
    below_age: numberOf(draft.belowAge),
    awarded: draft.awarded,
    unit_fen: draft.pays === 'unit' ? fenOf(draft.each) : null,
    percent: draft.pays === 'percent' ? Number(draft.percent) : null,
    units_a_day: numberOf(draft.aDay),
    units_a_month: numberOf(draft.aMonth),
    monthly_fen: draft.monthly.trim() === '' ? null : fenOf(draft.monthly),
    rank: Number(draft.rank),
    running: draft.running,
  }
}

type Faults = Partial<Record<keyof SchemeDraft, string>>

/** A fault is the path of the words that say it. */
export function schemeFaults(draft: SchemeDraft, today: string): Faults {
  const faults: Faults = {}
  const whole = (text: string, least: number, most: number): boolean => /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most
  const none = (text: string): boolean => text.trim() === ''
  const sum = (text: string): boolean => (fenOf(text) ?? 0) > 0 && (fenOf(text) ?? 0) <= 10_000_000
  if (!/^[a-z][a-z0-9_]{1,39}$/.test(draft.code)) faults.code = 'schemeFault.code'
  if (!(draft.valid_from >= today)) faults.valid_from = 'schemeFault.validFrom'
  for (const field of ['nameZh', 'nameEn'] as const) if (!draft[field].trim()) faults[field] = 'schemeFault.words'
  if (draft.pays === 'unit' && !sum(draft.each)) faults.each = 'schemeFault.sum'
  if (draft.pays === 'percent' && !whole(draft.percent, 1, 100)) faults.percent = 'schemeFault.percent'
  if (!none(draft.aDay) && !whole(draft.aDay, 1, 100)) faults.aDay = 'schemeFault.times'
  if (!none(draft.aMonth) && !whole(draft.aMonth, 1, 1000)) faults.aMonth = 'schemeFault.times'
  if (!none(draft.monthly) && !sum(draft.monthly)) faults.monthly = 'schemeFault.sum'
  if (draft.pays === 'all' && !draft.awarded && none(draft.monthly)) faults.monthly = 'schemeFault.all'
  if (!whole(draft.rank, 1, 99)) faults.rank = 'schemeFault.rank'
  if (!none(draft.fromAge) && !whole(draft.fromAge, 1, 150)) faults.fromAge = 'schemeFault.age'
  if (!none(draft.belowAge) && !(whole(draft.belowAge, 1, 150) && Number(draft.belowAge) > Number(draft.fromAge))) faults.belowAge = 'schemeFault.ages'
  if (draft.regions.length === 0) faults.regions = 'schemeFault.regions'
  return faults
}

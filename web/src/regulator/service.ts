/** A service being written: as the fields hold it, what is wrong with it, and what is sent. */
import type { ServiceTerms } from '@/api/types'
import { fenOf, yuan } from '@/ui/money'

export type Unit = ServiceTerms['unit']
export const UNITS = ['visit', 'hour', 'portion', 'day', 'month'] as const satisfies readonly Unit[]
export const ABILITIES = ['intact', 'mild', 'moderate', 'severe', 'complete'] as const
export const FLAGS = ['lives_alone', 'empty_nest', 'left_behind', 'disabled', 'severe_handicap', 'special_family', 'low_income', 'advanced_age', 'dementia'] as const
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const

export interface ServiceDraft {
  code: string
  valid_from: string
  category: string
  nameZh: string
  nameEn: string
  includedZh: string
  includedEn: string
  unit: Unit
  durationMin: string
  ceiling: string
  skills: string
  certificates: string
  two: boolean
  secondAfterMin: string
  abilities: string[]
  flags: string[]
  noticeHours: string
  cuts: boolean
  cutDaysBefore: string
  cutAt: string
  openings: { weekdays: number[]; begin: string; end: string }[]
  fees: { hours: string; percent: string }[]
  sold: boolean
}

export function blank(today: string): ServiceDraft {
  return {
    code: '', valid_from: today, category: '', nameZh: '', nameEn: '', includedZh: '', includedEn: '', unit: 'visit', durationMin: '60', ceiling: '',
    skills: '', certificates: '', two: false, secondAfterMin: '0', abilities: [], flags: [], noticeHours: '4', cuts: false, cutDaysBefore: '0', cutAt: '09:00',
    openings: [{ weekdays: [...WEEKDAYS], begin: '08:00', end: '18:00' }], fees: [], sold: true,
  }
}

export function draftOf(code: string, terms: ServiceTerms, today: string): ServiceDraft {
  return {
    code,
    valid_from: today,
    category: terms.category,
    nameZh: terms.name.zh,
    nameEn: terms.name.en,
    includedZh: terms.included.zh,
    includedEn: terms.included.en,
    unit: terms.unit,
    durationMin: String(terms.duration_min),
    ceiling: yuan(terms.ceiling_fen),
    skills: terms.skills.join(' '),
    certificates: terms.certificates.join(' '),
    two: terms.workers === 2,
    secondAfterMin: String(terms.second_after_min),
    abilities: [...terms.ability_levels],
    flags: [...terms.register_flags],
    noticeHours: String(terms.notice_min / 60),
    cuts: Boolean(terms.cut_off),
    cutDaysBefore: String(terms.cut_off?.days_before ?? 0),
    cutAt: terms.cut_off?.at ?? '09:00',
    openings: terms.openings.map((one) => ({ ...one, weekdays: [...one.weekdays] })),
    fees: terms.cancel_fees.map((one) => ({ hours: String(one.notice_min / 60), percent: String(one.percent) })),
    sold: terms.sold,
  }
}

export const codesOf = (text: string): string[] => text.split(/[\s,，、]+/).filter(Boolean)

export function termsOf(draft: ServiceDraft): ServiceTerms {
  return {
    category: draft.category,
    name: { zh: draft.nameZh.trim(), en: draft.nameEn.trim() },
    included: { zh: draft.includedZh.trim(), en: draft.includedEn.trim() },
    unit: draft.unit,
    duration_min: Number(draft.durationMin),
    ceiling_fen: fenOf(draft.ceiling) ?? 0,
    skills: codesOf(draft.skills),
    certificates: codesOf(draft.certificates),
    workers: draft.two ? 2 : 1,
    second_after_min: draft.two ? Number(draft.secondAfterMin) : 0,
    ability_levels: draft.abilities as ServiceTerms['ability_levels'],
    register_flags: draft.flags as ServiceTerms['register_flags'],
    notice_min: Math.round(Number(draft.noticeHours) * 60),
    cut_off: draft.cuts ? { days_before: Number(draft.cutDaysBefore), at: draft.cutAt } : null,
    openings: draft.openings.map((one) => ({ weekdays: [...one.weekdays].sort(), begin: one.begin, end: one.end })),
    cancel_fees: draft.fees.map((one) => ({ notice_min: Math.round(Number(one.hours) * 60), percent: Number(one.percent) })),
    sold: draft.sold,
  }
}

type Faults = Partial<Record<keyof ServiceDraft, string>>

/** A fault is the path of the words that say it. */
export function serviceFaults(draft: ServiceDraft, today: string): Faults {
  const faults: Faults = {}
  const whole = (text: string, least: number, most: number): boolean => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
  if (!/^[a-z][a-z0-9_]{1,39}$/.test(draft.code)) faults.code = 'serviceFault.code'
  if (!(draft.valid_from >= today)) faults.valid_from = 'serviceFault.validFrom'
  if (!draft.category) faults.category = 'serviceFault.category'
  for (const field of ['nameZh', 'nameEn', 'includedZh', 'includedEn'] as const) if (!draft[field].trim()) faults[field] = 'serviceFault.words'
  if (!whole(draft.durationMin, 5, 1440)) faults.durationMin = 'serviceFault.duration'
  if (fenOf(draft.ceiling) === null) faults.ceiling = 'serviceFault.ceiling'
  if (![...codesOf(draft.skills), ...codesOf(draft.certificates)].every((code) => /^[a-z][a-z0-9_]{1,39}$/.test(code))) faults.skills = 'serviceFault.skills'
  if (draft.two && !whole(draft.secondAfterMin, 0, 480)) faults.secondAfterMin = 'serviceFault.second'
  if (!/^\d+(\.\d+)?$/.test(draft.noticeHours) || Number(draft.noticeHours) > 1440) faults.noticeHours = 'serviceFault.notice'
  if (draft.cuts && (!whole(draft.cutDaysBefore, 0, 60) || !draft.cutAt)) faults.cutDaysBefore = 'serviceFault.cutOff'
  if (draft.fees.some((one) => !(Number(one.hours) > 0 && Number(one.hours) <= 1440) || !whole(one.percent, 1, 100))) faults.fees = 'serviceFault.fees'
  if (overlaps(draft.openings) || draft.openings.some((one) => one.weekdays.length === 0 || !one.begin || one.begin >= one.end)) faults.openings = 'serviceFault.openings'
  return faults
}

/** On any weekday, in whatever order they were written. */
export function overlaps(openings: ServiceDraft['openings']): boolean {
  return WEEKDAYS.some((weekday) => {
    const spans = openings.filter((one) => one.weekdays.includes(weekday)).sort((a, b) => a.begin.localeCompare(b.begin))
    return spans.some((span, at) => at > 0 && (spans[at - 1]?.end ?? '') > span.begin)
  })
}

/** An escalation plan as the fields hold it, and what is wrong with it. Pure. */
import type { AlarmKind, EscalationStep, EscalationTerms, EscalationTermsForm } from '@/api/types'

export const KINDS = ['sos', 'fall', 'smoke', 'gas', 'water_leak', 'vital_out_of_range', 'inactivity', 'geofence_exit', 'help_request', 'unknown', 'garbled'] as const satisfies readonly AlarmKind[]
export const PARTIES = ['operators', 'second_operator', 'supervisor', 'family', 'community', 'ambulance'] as const
export const DAY_KINDS = ['any', 'workdays', 'rest_days'] as const
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const
export const SUPERVISOR_WITHIN_S = 600

type Party = EscalationStep['who']
/** By what each is reached today. */
export const CHANNEL: Record<Party, EscalationStep['channel']> = {
  operators: 'console',
  second_operator: 'console',
  supervisor: 'console',
  family: 'page',
  community: 'suggestion',
  ambulance: 'suggestion',
}

export interface StepDraft {
  /** For the list on the page alone. */
  key: number
  after: string
  who: Party
  during: EscalationStep['during']
  number: string
}

export interface PlanDraft {
  name: string
  region: string
  elder: string | null
  kinds: AlarmKind[]
  weekdays: number[]
  days: (typeof DAY_KINDS)[number]
  from: string
  until: string
  steps: StepDraft[]
  validFrom: string
}

let keys = 0
export function aStep(who: Party, after: number, more: Partial<StepDraft> = {}): StepDraft {
  keys += 1
  return { key: keys, who, after: String(after), during: 'unclaimed', number: who === 'ambulance' ? '120' : '', ...more }
}

export function stepsOf(steps: readonly EscalationStep[]): StepDraft[] {
  return steps.map((step) => aStep(step.who, step.after_seconds, { during: step.during, number: step.number ?? '' }))
}

export function clockText(minutes: number): string {
  return `${String(Math.floor((minutes % 1440) / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  return hours * 60 + minutes
}

export function draftOfPlan(terms: EscalationTerms, place: { region: string; elder: string | null }, today: string): PlanDraft {
  const { hours } = terms
  return {
    name: terms.name,
    ...place,
    kinds: [...terms.kinds],
    weekdays: [...hours.weekdays],
    days: hours.days,
    from: clockText(hours.from_min),
    until: clockText(hours.until_min),
    steps: stepsOf(terms.steps),
    validFrom: today,
  }
}

/** From 00:00 to 00:00 is the whole day. */
export function termsOfPlan(draft: PlanDraft): EscalationTermsForm {
  const from = minutesOf(draft.from)
  const until = minutesOf(draft.until)
  return {
    name: draft.name.trim(),
    kinds: draft.kinds,
    hours: { weekdays: draft.weekdays, days: draft.days, from_min: from, until_min: until === 0 && from === 0 ? 1440 : until },
    steps: draft.steps.map((step) => ({
      after_seconds: Number(step.after),
      who: step.who,
      channel: CHANNEL[step.who],
      during: step.during,
      number: CHANNEL[step.who] === 'suggestion' && step.number.trim() ? step.number.trim() : null,
    })),
  }
}

/** A fault is the path of the words that say it. */
export type PlanFaults = Partial<Record<'name' | 'region' | 'hours' | 'steps' | 'validFrom' | `after${number}` | `number${number}`, string>>

export function planFaults(draft: PlanDraft, today: string): PlanFaults {
  const faults: PlanFaults = {}
  if (!draft.name.trim()) faults.name = 'plansFault.name'
  if (draft.elder === null && !draft.region) faults.region = 'plansFault.region'
  if (!/^\d\d:\d\d$/.test(draft.from) || !/^\d\d:\d\d$/.test(draft.until) || (draft.from === draft.until && draft.from !== '00:00')) faults.hours = 'plansFault.hours'
  if (!draft.validFrom || draft.validFrom < today) faults.validFrom = 'plansFault.validFrom'
  for (const step of draft.steps) {
    if (!/^\d{1,5}$/.test(step.after.trim()) || Number(step.after) > 86_400) faults[`after${step.key}`] = 'plansFault.after'
    if (CHANNEL[step.who] === 'suggestion' && step.number.trim() && !/^\+?[0-9][0-9 -]{1,18}[0-9]$/.test(step.number.trim())) faults[`number${step.key}`] = 'plansFault.number'
  }
  const above = draft.steps.some((step) => step.who === 'supervisor' && step.during === 'unclaimed' && Number(step.after) <= SUPERVISOR_WITHIN_S)
  if (!above) faults.steps = 'plansFault.nobodyAbove'
  return faults
}

/** The coming Sunday at ten past three: when fewest people are there. */
export function worstHour(nowMs: number): { day: string; time: string } {
  const local = new Date(nowMs + 8 * 3_600_000)
  local.setUTCDate(local.getUTCDate() + ((7 - local.getUTCDay()) % 7 || 7))
  return { day: local.toISOString().slice(0, 10), time: '03:10' }
}

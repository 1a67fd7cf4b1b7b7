/** What a shift leader is to look at first. Pure. */
import type { CaseView, DeskNow, HeldCase, LoadLimits } from '@/api/types'

/** The city's promises: an alarm is answered within a minute, and none waits longer than three. */
export const PROMISED_S = 60
export const LATEST_S = 180
/** An operator at work renews every 15 s: with so little left nobody has done anything for a while. */
export const ENDS_SOON_S = 20
export const STUCK_S = 600

/** A case that went back to the queue waits anew; one that rang again has waited since it was opened. */
export function waitsSince(view: CaseView): string {
  return view.first_claimed_at === null ? view.opened_at : view.rang_at
}

/** Nobody has them; who has waited longest is first. */
export function unanswered(cases: Iterable<CaseView>): CaseView[] {
  const open = [...cases].filter((view) => view.state === 'open' && !view.worklist)
  return open.sort((a, b) => Date.parse(waitsSince(a)) - Date.parse(waitsSince(b)) || (a.id < b.id ? -1 : 1))
}

export interface HeldRow {
  case: CaseView
  /** Until the claim ends; null: not known. */
  leaseS: number | null
  /** Since something was done. */
  quietS: number | null
  trouble: 'ends' | 'stuck' | null
}

/** Somebody has them: first those whose claim ends soon, then those in which nothing moves. */
export function heldRows(cases: Iterable<CaseView>, told: ReadonlyMap<string, HeldCase>, nowMs: number): HeldRow[] {
  const seconds = (from: number, to: number): number => Math.floor((to - from) / 1000)
  const rows = [...cases]
    .filter((view) => view.claimed_by !== null)
    .map((view): HeldRow => {
      const held = told.get(view.id)
      const lease = held?.operator_id === view.claimed_by?.id ? held?.lease_until : view.lease_until
      const leaseS = lease ? Math.max(0, seconds(nowMs, Date.parse(lease))) : null
      const quietS = held ? Math.max(0, seconds(Date.parse(held.moved_at), nowMs)) : null
      const ends = leaseS !== null && leaseS <= ENDS_SOON_S
      return { case: view, leaseS, quietS, trouble: ends ? 'ends' : quietS !== null && quietS > STUCK_S ? 'stuck' : null }
    })
  const rank = (row: HeldRow): number => (row.trouble === 'ends' ? 0 : row.trouble === 'stuck' ? 1 : 2)
  return rows.sort((a, b) => rank(a) - rank(b) || Date.parse(a.case.opened_at) - Date.parse(b.case.opened_at) || (a.case.id < b.case.id ? -1 : 1))
}

export type Load = 'calm' | 'busy' | 'over' | 'flood'

/** Of ten minutes and of the hour the worse. Source of the limits: ISA-18.2, EEMUA 191. */
export function loadOf(desk: Pick<DeskNow, 'alarms_10_min' | 'alarms_hour'>, limits: LoadLimits): Load {
  if (desk.alarms_10_min > limits.flood_10_min) return 'flood'
  if (desk.alarms_10_min > limits.most_10_min || desk.alarms_hour > limits.most_hour) return 'over'
  if (desk.alarms_10_min > limits.acceptable_10_min || desk.alarms_hour > limits.acceptable_hour) return 'busy'
  return 'calm'
}

export function heldBy(cases: Iterable<CaseView>, operator: string): number {
  return [...cases].filter((view) => view.claimed_by?.id === operator).length
}

/** A part of an alarm is said with one digit, a whole number without. */
export function alarmsWords(alarms: number): string {
  return Number.isInteger(alarms) ? String(alarms) : alarms.toFixed(1)
}

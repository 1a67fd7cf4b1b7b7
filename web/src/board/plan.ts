/** The plan of a day as it is drawn: hours to the right, workers downwards. Pure. */
import type { VisitOnPlan, Waiting, WorkerOnPlan } from '@/api/types'

export interface Span {
  fromMs: number
  toMs: number
}

const HOUR_MS = 3_600_000
const USUAL_HOURS = [8, 18] as const

/** Whole hours that hold everybody's work and every visit, at least from eight to six. */
export function spanOf(day: string, workers: readonly WorkerOnPlan[]): Span {
  const midnight = Date.parse(`${day}T00:00:00+08:00`)
  const begins = workers.flatMap((row) => [...row.hours.map((one) => one.begin), ...row.visits.map((one) => one.sets_out_at)])
  const ends = workers.flatMap((row) => [...row.hours.map((one) => one.end), ...row.visits.map((one) => one.ends_at)])
  const first = Math.min(midnight + USUAL_HOURS[0] * HOUR_MS, ...begins.map((at) => Date.parse(at)))
  const last = Math.max(midnight + USUAL_HOURS[1] * HOUR_MS, ...ends.map((at) => Date.parse(at)))
  return { fromMs: Math.floor(first / HOUR_MS) * HOUR_MS, toMs: Math.ceil(last / HOUR_MS) * HOUR_MS }
}

/** Where a moment lies, in percent of the width; what lies outside is at the edge. */
export function percentOf(at: string | number, span: Span): number {
  const share = ((typeof at === 'string' ? Date.parse(at) : at) - span.fromMs) / (span.toMs - span.fromMs)
  return Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 100
}

export function boxOf(begin: string, end: string, span: Span): { left: string; width: string } {
  const left = percentOf(begin, span)
  return { left: `${left}%`, width: `${Math.round((percentOf(end, span) - left) * 100) / 100}%` }
}

/** Each hour of the span, not the last. */
export function hoursIn(span: Span): number[] {
  const count = Math.round((span.toMs - span.fromMs) / HOUR_MS)
  return Array.from({ length: count }, (_, hour) => span.fromMs + hour * HOUR_MS)
}

const SPARE_ROWS = 6

/** Which rows are drawn: those in sight and a few more. */
export function rowsInSight(scrolledPx: number, heightPx: number, rowPx: number, count: number): { from: number; to: number } {
  const from = Math.max(0, Math.floor(scrolledPx / rowPx) - SPARE_ROWS)
  return { from, to: Math.min(count, Math.ceil((scrolledPx + heightPx) / rowPx) + SPARE_ROWS) }
}

/** By the name of the worker or of an elder they go to. */
export function sought(workers: readonly WorkerOnPlan[], typed: string): WorkerOnPlan[] {
  const wanted = typed.trim().toLowerCase()
  if (!wanted) return [...workers]
  const has = (name: string): boolean => name.toLowerCase().includes(wanted)
  return workers.filter((row) => has(row.worker.name) || row.visits.some((visit) => has(visit.elder.name)))
}

export interface Trouble {
  visitId: string
  orderId: string
  elder: string
  serviceZh: string
  serviceEn: string
  from: string
  until: string | null
  /** Null: nobody has it. */
  worker: string | null
  because: string | null
  lateMin: number
}

/** What a dispatcher looks at first: what nobody has, then what will be late, the latest first. */
export function troubles(workers: readonly WorkerOnPlan[], waiting: readonly Waiting[], late: readonly string[]): Trouble[] {
  const has = new Map(workers.flatMap((row) => row.visits.map((visit) => [visit.visit_id, { row, visit }] as const)))
  const tardy = late.flatMap((visitId) => {
    const found = has.get(visitId)
    return found ? [ofVisit(found.visit, found.row.worker.name)] : []
  })
  return [...waiting.map(ofWaiting), ...tardy]
}

function ofWaiting(one: Waiting): Trouble {
  return {
    visitId: one.visit_id,
    orderId: one.order_id,
    elder: one.elder.name,
    serviceZh: one.service_name_zh,
    serviceEn: one.service_name_en,
    from: one.wished_from,
    until: one.wished_until,
    worker: null,
    because: one.waits_because ?? null,
    lateMin: 0,
  }
}

function ofVisit(visit: VisitOnPlan, worker: string): Trouble {
  return {
    visitId: visit.visit_id,
    orderId: visit.order_id,
    elder: visit.elder.name,
    serviceZh: visit.service_name_zh,
    serviceEn: visit.service_name_en,
    from: visit.starts_at,
    until: null,
    worker,
    because: null,
    lateMin: visit.late_min,
  }
}

/** One visit of the plan, whoever has it. */
export interface Chosen {
  visitId: string
  orderId: string
  /** Whose order it is: only its own workers can have it. */
  providerId: string
  version: number
  elder: string
  serviceZh: string
  serviceEn: string
  from: string
  until: string
  state: string
  locked: boolean
  lateMin: number
  worker: { id: string; name: string } | null
  because: string | null
}

export function chosenOf(workers: readonly WorkerOnPlan[], waiting: readonly Waiting[], visitId: string): Chosen | null {
  for (const { worker, visits, provider_id: providerId } of workers) {
    const visit = visits.find((one) => one.visit_id === visitId)
    if (!visit) continue
    const { order_id: orderId, order_version: version, state, locked, late_min: lateMin } = visit
    const same = { visitId, orderId, providerId, version, state, locked, lateMin, worker, because: null }
    return { ...same, elder: visit.elder.name, serviceZh: visit.service_name_zh, serviceEn: visit.service_name_en, from: visit.starts_at, until: visit.ends_at }
  }
  const one = waiting.find((each) => each.visit_id === visitId)
  if (!one) return null
  const { order_id: orderId, order_version: version } = one
  const same = { visitId, orderId, providerId: one.provider.id, version, state: 'waiting', locked: false, lateMin: 0, worker: null, because: one.waits_because ?? null }
  return { ...same, elder: one.elder.name, serviceZh: one.service_name_zh, serviceEn: one.service_name_en, from: one.wished_from, until: one.wished_until }
}

const DAY_MS = 86_400_000

export function dayBeside(day: string, step: number): string {
  return new Date(Date.parse(day) + step * DAY_MS).toISOString().slice(0, 10)
}

/** A worker's visits, as they are once what was done on this phone counts. Pure. */
import type { Problem } from '@/api/client'
import type { Visit, VisitMove, VisitState } from '@/api/types'

export type { Visit, VisitMove, VisitState }

/** One thing done on this phone. It is kept until the platform has taken or refused it. */
export interface Action {
  /** The platform takes the same id once. */
  move_id: string
  worker_id: string
  visit_id: string
  move: VisitMove
  reason: string | null
  /** By this phone's clock. */
  device_at: string
  /** Whose visit it is, for whoever reads that it was refused. */
  elder: string
  refusal: Refusal | null
}

export interface Refusal {
  code: string
  /** Of the visit, where the platform says it. */
  state: string | null
  /** Who has the visit now, where the platform says it. */
  taken_by: string | null
}

export interface Day {
  worker_id: string
  /** Business day, `2026-11-22`. */
  day: string
  /** When this was so. */
  read_at: string
  visits: Visit[]
}

type Moves = Partial<Record<VisitMove, VisitState>>

/** As services/orders/states.py has it, of what a worker may do. */
export const MOVES: Partial<Record<VisitState, Moves>> = {
  offered: { accept: 'accepted', decline: 'waiting' },
  accepted: { set_out: 'on_the_way', begin: 'in_service', not_met: 'not_met', decline: 'waiting' },
  on_the_way: { begin: 'in_service', not_met: 'not_met', interrupt: 'interrupted' },
  in_service: { end: 'done', interrupt: 'interrupted' },
  missed: { begin: 'in_service' },
}

export const LEADS_TO: Partial<Record<VisitMove, VisitState>> = Object.assign({}, ...Object.values(MOVES))

/** What comes next, with the large button. */
export const NEXT: Partial<Record<VisitState, VisitMove>> = {
  offered: 'accept',
  accepted: 'set_out',
  on_the_way: 'begin',
  in_service: 'end',
  missed: 'begin',
}

export const OVER: readonly VisitState[] = ['done', 'cancelled', 'missed', 'not_met', 'interrupted', 'waiting']

export function stateAfter(state: VisitState, moves: readonly VisitMove[]): VisitState {
  return moves.reduce((now, move) => MOVES[now]?.[move] ?? now, state)
}

/** With what has not been sent yet. */
export function asDone(visits: readonly Visit[], unsent: readonly Action[]): Visit[] {
  return visits.map((visit) => {
    const moves = unsent.filter((action) => action.visit_id === visit.visit_id).map((action) => action.move)
    return moves.length ? { ...visit, state: stateAfter(visit.state, moves) } : visit
  })
}

export const BEGUN: readonly VisitState[] = ['on_the_way', 'in_service']

/** The one to be done now: begun first, else the first that is not over. An offer waits for its answer elsewhere. */
export function current(visits: readonly Visit[]): Visit | null {
  const open = visits.filter((visit) => !OVER.includes(visit.state) && visit.state !== 'offered')
  return open.find((visit) => BEGUN.includes(visit.state)) ?? open[0] ?? null
}

export function refusalOf(problem: Problem): Refusal {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  return { code: problem.code, state: text(problem.body['state']), taken_by: text(problem.body['taken_by']) }
}

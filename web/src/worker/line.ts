/** The way of an action to the platform. */
import { api, Problem, told } from '@/api/client'

import { LEADS_TO, refusalOf, type Action, type Refusal } from './model'
import type { Answer, Line } from './queue'

const LOCK = 'yian-worker-actions'
const UNSETTLED = [0, 408, 425, 429]

/** Nothing is decided by this answer: the same is sent again. */
function isUnsettled({ status, code }: Problem): boolean {
  return UNSETTLED.includes(status) || status >= 500 || code === 'accounts.csrf'
}

/** The call centre has noted the same meanwhile, and nothing that was written here would be lost. */
function isDone({ move, reason }: Action, { code, state }: Refusal): boolean {
  return code === 'orders.illegal_move' && state === LEADS_TO[move] && !reason
}

async function deliver(action: Action): Promise<Answer> {
  const { visit_id, move, move_id, device_at, reason } = action
  try {
    const body = { move, move_id, device_at, reason }
    await told(api.POST('/api/v1/visits/{visit_id}/moves', { params: { path: { visit_id } }, body }))
    return 'taken'
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (isUnsettled(error)) return 'later'
    if (error.status === 401) return 'over'
    const refusal = refusalOf(error)
    return isDone(action, refusal) ? 'taken' : refusal
  }
}

async function who(): Promise<string | null | 'later'> {
  try {
    return (await told(api.GET('/api/v1/session'))).account.worker_id
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.status === 401 ? null : 'later'
  }
}

let turn: Promise<unknown> = Promise.resolve()

/** Two tabs take turns by the browser's lock; where it has none (plain http), the calls of one page do. */
function alone<T>(run: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(LOCK, run) as Promise<T>
  const mine = turn.then(run, run)
  turn = mine.catch(() => null)
  return mine
}

export const line: Line = { who, deliver, alone }

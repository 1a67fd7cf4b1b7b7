/** The moves an operator can make, as requests. A retry of the same intent carries the same idempotency key. */
import { wholeCase } from '@/api/cases'
import { api, newKey, Problem, told, type Answer } from '@/api/client'
import type { CallResult, CaseView, Outcome, ToldCase } from '@/api/types'

export type MoveError =
  | { is: 'claimedByOther'; name: string }
  | { is: 'illegal'; state: string }
  | { is: 'stale' }
  | { is: 'offline' }
  | { is: 'notFound' }
  | { is: 'signedOut' }
  | { is: 'other'; code: string }

export type MoveAnswer = { view: CaseView; error: null } | { view: null; error: MoveError }

const keys = new Map<string, string>()

export function moveErrorOf(problem: Problem): MoveError {
  if (problem.offline) return { is: 'offline' }
  if (problem.status === 401) return { is: 'signedOut' }
  if (problem.status === 404) return { is: 'notFound' }
  if (problem.status === 412) return { is: 'stale' }
  if (problem.code === 'alarms.claimed_by_other') return { is: 'claimedByOther', name: claimant(problem) }
  if (problem.code === 'alarms.illegal_move') return { is: 'illegal', state: String(problem.body['state'] ?? '') }
  return { is: 'other', code: problem.code }
}

function claimant(problem: Problem): string {
  const by = problem.body['claimed_by'] as { name?: unknown } | undefined
  return typeof by?.name === 'string' ? by.name : '?'
}

interface Params {
  path: { case_id: string }
  header: { 'idempotency-key': string }
}

/** Until an answer has come, trying again is the same try. */
async function move(
  id: string,
  intent: string,
  ask: (params: Params) => Promise<Answer<ToldCase>>,
): Promise<MoveAnswer> {
  const name = `${id} ${intent}`
  const key = keys.get(name) ?? newKey()
  keys.set(name, key)
  try {
    const view = await told(ask({ path: { case_id: id }, header: { 'idempotency-key': key } }))
    keys.delete(name)
    return { view: wholeCase(view), error: null }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (!error.offline) keys.delete(name)
    return { view: null, error: moveErrorOf(error) }
  }
}

const CASE = '/api/v1/alarms/cases/{case_id}'

export const moves = {
  claim: (id: string) => move(id, 'claim', (params) => api.POST(`${CASE}/claim`, { params })),
  call: (id: string, contactId: string | null, label: string) => {
    const body = { contact_id: contactId, number_label: label }
    return move(id, `call ${label}`, (params) => api.POST(`${CASE}/call`, { params, body }))
  },
  callResult: (id: string, result: CallResult) =>
    move(id, `result ${result}`, (params) => api.POST(`${CASE}/call-result`, { params, body: { result } })),
  respond: (id: string, who: string, note: string) => {
    const body = { who, note: note || null }
    return move(id, `respond ${who} ${note}`, (params) => api.POST(`${CASE}/respond`, { params, body }))
  },
  note: (id: string, text: string) =>
    move(id, `note ${text}`, (params) => api.POST(`${CASE}/note`, { params, body: { text } })),
  release: (id: string) => move(id, 'release', (params) => api.POST(`${CASE}/release`, { params })),
  close: (id: string, outcome: Outcome, note: string) => {
    const body = { outcome, note: note || null }
    return move(id, `close ${outcome} ${note}`, (params) => api.POST(`${CASE}/close`, { params, body }))
  },
  reopen: (id: string, reason: string) =>
    move(id, `reopen ${reason}`, (params) => api.POST(`${CASE}/reopen`, { params, body: { reason } })),
}

/** The moves an operator can make, as requests. A retry of the same intent carries the same idempotency key. */
import { api, newKey, Problem } from '@/api/client'
import type { CallResult, CaseView, Outcome } from '@/api/types'

export type MoveError =
  | { is: 'claimedByOther'; name: string }
  | { is: 'illegal'; detail: string }
  | { is: 'stale' }
  | { is: 'offline' }
  | { is: 'notFound' }
  | { is: 'signedOut' }
  | { is: 'other'; detail: string }

export type MoveAnswer = { view: CaseView; error: null } | { view: null; error: MoveError }

const keys = new Map<string, string>()

export function moveErrorOf(problem: Problem): MoveError {
  if (problem.offline) return { is: 'offline' }
  if (problem.status === 401) return { is: 'signedOut' }
  if (problem.status === 404) return { is: 'notFound' }
  if (problem.status === 412) return { is: 'stale' }
  if (problem.code === 'alarms.claimed_by_other') return { is: 'claimedByOther', name: claimant(problem) }
  if (problem.code === 'alarms.illegal_move') return { is: 'illegal', detail: problem.message }
  return { is: 'other', detail: problem.message || problem.code }
}

function claimant(problem: Problem): string {
  const by = problem.body['claimed_by'] as { name?: unknown } | undefined
  return typeof by?.name === 'string' ? by.name : '?'
}

async function move(id: string, name: string, body: Record<string, unknown>): Promise<MoveAnswer> {
  const intent = `${id} ${name} ${JSON.stringify(body)}`
  const key = keys.get(intent) ?? newKey()
  keys.set(intent, key)
  try {
    const view = await api.post<CaseView>(`/alarms/cases/${id}/${name}`, body, key)
    keys.delete(intent)
    return { view, error: null }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (!error.offline) keys.delete(intent)
    return { view: null, error: moveErrorOf(error) }
  }
}

export const moves = {
  claim: (id: string) => move(id, 'claim', {}),
  call: (id: string, contactId: string | null, label: string) =>
    move(id, 'call', { contact_id: contactId, number_label: label }),
  callResult: (id: string, result: CallResult, note: string) =>
    move(id, 'call-result', note ? { result, note } : { result }),
  respond: (id: string, who: string, note: string) => move(id, 'respond', note ? { who, note } : { who }),
  note: (id: string, text: string) => move(id, 'note', { text }),
  release: (id: string) => move(id, 'release', {}),
  close: (id: string, outcome: Outcome, note: string) => move(id, 'close', note ? { outcome, note } : { outcome }),
  reopen: (id: string, reason: string) => move(id, 'reopen', { reason }),
}

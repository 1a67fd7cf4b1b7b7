/** The work of the person at this phone: what the platform says, and over it what was done here and is on its way. */
import { computed, reactive, readonly } from 'vue'

import { api, newKey, Problem, told } from '@/api/client'
import { keepAccount } from '@/api/keptAccount'
import { over, session, signOut } from '@/api/session'
import { dayOf } from '@/i18n/time'
import { nowMs } from '@/ui/now'
import { openSocket } from '@/ui/socket'

import { actions, days } from './kept'
import { line } from './line'
import { asDone, stateAfter, type Action, type Day, type Visit, type VisitMove } from './model'
import { Queue } from './queue'

/** Should the line that tells of moves be broken. */
const EVERY_MS = 15_000
const DAY_MS = 86_400_000
/** So many later days are shown; they are read when looked at, and not kept. */
export const LATER_DAYS = 6

interface Work {
  days: Record<string, Day>
  queue: Action[]
  /** The platform did not answer the last time it was asked. */
  silent: boolean
  /** The platform has ended the session; what was done here waits. */
  ended: boolean
  busy: boolean
}

const work = reactive<Work>({ days: {}, queue: [], silent: false, ended: false, busy: false })

function workerId(): string {
  return session.account?.worker_id ?? ''
}

export function dayAhead(count: number): string {
  return dayOf(new Date(nowMs.value + count * DAY_MS))
}

const queue = new Queue(actions, line, keepDone)

/** What the platform has taken is so on this phone too, also before it is read anew. */
async function keepDone(action: Action): Promise<void> {
  for (const day of Object.values(work.days)) {
    if (!day.visits.some((visit) => visit.visit_id === action.visit_id)) continue
    const visits = day.visits.map((visit) =>
      visit.visit_id === action.visit_id ? { ...visit, state: stateAfter(visit.state, [action.move]) } : visit,
    )
    await keep({ ...day, visits })
  }
}

/** Signed out: an answer that is still on its way is not kept any more. */
let left = false

async function keep(day: Day): Promise<void> {
  if (left || day.worker_id !== workerId()) return
  work.days[day.day] = day
  // What Vue watches cannot be stored as it is.
  if (day.day <= dayAhead(1)) await days.put(JSON.parse(JSON.stringify(day)) as Day).catch(() => null)
}

async function recall(): Promise<void> {
  await days.prune(workerId(), dayAhead(0)).catch(() => null)
  for (const day of await days.all(workerId()).catch(() => [])) work.days[day.day] ??= day
  await recount()
}

async function recount(): Promise<void> {
  work.queue = (await actions.all()).filter((action) => action.worker_id === workerId())
}

async function read(day: string): Promise<void> {
  const read_at = new Date(nowMs.value).toISOString()
  const worker_id = workerId()
  const visits = await told(api.GET('/api/v1/visits', { params: { query: { day } } }))
  await keep({ worker_id, day, read_at, visits })
}

function fault(error: unknown): void {
  if (!(error instanceof Problem)) throw error
  if (error.status === 401) {
    work.ended = true
    work.silent = false
    work.days = {}
    void days.clear().catch(() => null)
  } else work.silent = true
}

let onceMore = false

/** First what was done here, then what the platform says of it. */
async function again(): Promise<void> {
  if (work.ended || !workerId()) return
  onceMore = work.busy
  if (work.busy) return
  work.busy = true
  try {
    await days.prune(workerId(), dayAhead(0)).catch(() => null)
    await send()
    await Promise.all([read(dayAhead(0)), read(dayAhead(1))])
    work.silent = false
  } catch (error) {
    fault(error)
  } finally {
    work.busy = false
    await recount().catch(() => null)
  }
  if (onceMore) void again()
}

async function send(): Promise<void> {
  const sent = await queue.send(workerId())
  await recount()
  if (sent === 'later') throw new Problem(0, 'network.unreachable', '')
  if (sent === 'over') throw new Problem(401, 'accounts.not_signed_in', '')
}

async function act(visit: Visit, move: VisitMove, reason: string | null = null): Promise<void> {
  await queue.add({
    move_id: newKey(),
    worker_id: workerId(),
    visit_id: visit.visit_id,
    move,
    reason,
    device_at: new Date().toISOString(),
    elder: visit.elder.name,
    refusal: null,
  })
  await recount()
  void again()
}

/** A refusal has been read. */
async function seen(action: Action): Promise<void> {
  await actions.remove(action.move_id)
  await recount()
}

/** The route leaves the phone; what was done and not sent stays, and waits for the same person. */
async function leave(): Promise<void> {
  left = true
  await days.clear().catch(() => null)
  work.days = {}
  if (work.ended) over()
  else await signOut()
  work.ended = false
}

const unsent = computed(() => work.queue.filter((action) => action.refusal === null))
const refused = computed(() => work.queue.filter((action) => action.refusal !== null))

function visitsOf(day: string): Visit[] | null {
  const found = work.days[day]
  return found ? asDone(found.visits, unsent.value) : null
}

let timer: ReturnType<typeof setInterval> | undefined

function look(): void {
  if (document.visibilityState === 'visible' || unsent.value.length) void again()
}

/** Something about this worker's visits is different, or may be. False: it is no frame of this feed. */
function hear(text: string): boolean {
  const { op } = JSON.parse(text) as { op?: string }
  if (op !== 'beat') void again()
  return op !== undefined
}

/** Of the frame of these pages, once: until it is left. */
export function startWork(): () => void {
  keepAccount(session.account)
  left = false
  work.ended = false
  work.days = {}
  void recall().then(again)
  timer = setInterval(look, EVERY_MS)
  const hangUp = openSocket('/api/v1/visits/feed', hear)
  window.addEventListener('online', look)
  document.addEventListener('visibilitychange', look)
  return () => {
    hangUp()
    clearInterval(timer)
    window.removeEventListener('online', look)
    document.removeEventListener('visibilitychange', look)
  }
}

export function useWork() {
  return { work: readonly(work), unsent, refused, visitsOf, again, act, seen, leave, read }
}

/**
 * What the console knows of the cases, as a pure function of the messages it got.
 *
 * Snapshot + stream: a snapshot replaces everything, a case message carries the whole case at one version,
 * a version already held is ignored. Closed cases leave the list but their version is remembered, so that a
 * late message cannot bring them back.
 */
import type { Account, CaseView } from '@/api/types'

export interface SnapshotMessage {
  op: 'snapshot'
  epoch: string
  offset: number
  at: string
  /** Not there where they come packed, in the message after it. */
  cases: CaseView[]
  packed?: boolean
  me?: Partial<Account>
}
export interface ResumedMessage {
  op: 'resumed'
  epoch: string
  offset: number
}
export interface CaseMessage {
  op: 'case'
  epoch: string
  offset: number
  move: string
  at: string
  actor_name: string | null
  case: CaseView
}
export type AlarmPart = 'database' | 'bus' | 'gateway' | 'broker' | 'worker' | 'clock'
export interface AlarmsStopped {
  part: AlarmPart
  since: string
}
export interface BeatMessage {
  op: 'beat'
  at: string
  offset: number
  /** How the app learns of moves: at once, by looking once a second, or not at all (its database is away). */
  source?: 'live' | 'looks' | 'none'
  /** Half of the devices or all of them fell silent together at this time: what reaches no broker reaches no screen. */
  devices_silent_since?: string | null
  /** The part that stops alarms on their way, and since when; null while they get through. */
  alarms_stopped?: AlarmsStopped | null
}
export interface PongMessage {
  op: 'pong'
  t: number
}
export type FeedMessage = SnapshotMessage | ResumedMessage | CaseMessage | BeatMessage | PongMessage

export interface FeedState {
  readonly epoch: string | null
  readonly offset: number | null
  /** Cases that are not closed, by id. */
  readonly cases: ReadonlyMap<string, CaseView>
  /** Cases seen closing, newest last: their last version, and what to show if one is still on screen. */
  readonly closed: ReadonlyMap<string, CaseView>
  /** A snapshot has come: an empty list now means that there is nothing, not that we do not know. */
  readonly known: boolean
}

export const NOTHING_KNOWN: FeedState = {
  epoch: null,
  offset: null,
  cases: new Map(),
  closed: new Map(),
  known: false,
}

const CLOSED_KEPT = 500

/** Cases, each at one version, from the stream or from the answer to a move; whichever is newer wins. */
export function withCases(state: FeedState, views: readonly CaseView[]): FeedState {
  let cases: Map<string, CaseView> | null = null
  let closed: Map<string, CaseView> | null = null
  for (const view of views) {
    const held = (cases ?? state.cases).get(view.id) ?? (closed ?? state.closed).get(view.id)
    if (held && held.version >= view.version) continue
    cases ??= new Map(state.cases) // ten thousand of them are copied once, whatever comes together
    closed ??= new Map(state.closed)
    cases.delete(view.id)
    closed.delete(view.id)
    if (view.state === 'closed') {
      closed.set(view.id, view)
      const oldest = closed.size > CLOSED_KEPT ? closed.keys().next().value : undefined
      if (oldest !== undefined) closed.delete(oldest)
    } else {
      cases.set(view.id, view)
    }
  }
  return cases && closed ? { ...state, cases, closed } : state
}

/**
 * The answer to a move may have overtaken the snapshot: of two versions of a case the newer stays. Versions of another
 * epoch count for nothing: a database that crashed may have given them out twice.
 */
function withSnapshot(state: FeedState, message: SnapshotMessage): FeedState {
  const cases = new Map<string, CaseView>()
  const sameLife = state.epoch === null || state.epoch === message.epoch
  for (const view of message.cases) {
    const held = sameLife ? (state.cases.get(view.id) ?? state.closed.get(view.id)) : undefined
    const newest = held && held.version > view.version ? held : view
    if (newest.state !== 'closed') cases.set(newest.id, newest)
  }
  const closed = new Map([...state.closed].filter(([id]) => !cases.has(id)))
  return { epoch: message.epoch, offset: message.offset, cases, closed, known: true }
}

/** Messages that came together, in their order. */
export function afterMessages(state: FeedState, messages: readonly FeedMessage[]): FeedState {
  let moved: CaseMessage[] = []
  const caughtUp = (): FeedState => {
    const last = moved[moved.length - 1]
    if (!last) return state
    const views = moved.map((message) => message.case)
    moved = []
    return { ...withCases(state, views), epoch: last.epoch, offset: last.offset }
  }
  for (const message of messages) {
    if (message.op === 'case') {
      moved.push(message)
      continue
    }
    state = caughtUp()
    if (message.op === 'snapshot') state = withSnapshot(state, message)
    if (message.op === 'resumed') state = { ...state, epoch: message.epoch, known: true }
  }
  return caughtUp()
}

/** What is said first on a new connection: how far we got, so that only the missing part is sent. */
export function helloOf(state: FeedState, csrf: string | null): Record<string, unknown> {
  return { op: 'hello', epoch: state.epoch, offset: state.offset, csrf }
}

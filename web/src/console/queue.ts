/** The order of the queue, and what may change in it while somebody's pointer is over it. Pure. */
import type { CaseView } from '@/api/types'

/** These two are shown at once, whatever the pointer does. */
const NEVER_HELD_BACK = new Set(['sos', 'fall'])

export interface QueueRow {
  case: CaseView
  /** Closed or out of scope since; still there so that nothing moves under the pointer. */
  gone: boolean
}

export interface QueueView {
  open: QueueRow[]
  taken: QueueRow[]
  /** New rows that wait until the pointer has left. */
  waiting: number
}

export function rangAgain(view: CaseView): boolean {
  return view.rang_at !== view.opened_at
}

/** A flood sorts thousands of rows many times a second: each time is read once. */
const openedMs = new WeakMap<CaseView, number>()
function openedAt(view: CaseView): number {
  let at = openedMs.get(view)
  if (at === undefined) {
    at = Date.parse(view.opened_at)
    openedMs.set(view, at)
  }
  return at
}

/**
 * Most urgent first; of one priority those that rang again (pressed again, lapsed, reopened) first, then the one
 * that has waited longest. The id makes it total, so that two consoles show the same order.
 */
export function byUrgency(a: CaseView, b: CaseView): number {
  return (
    a.priority - b.priority ||
    Number(rangAgain(b)) - Number(rangAgain(a)) ||
    openedAt(a) - openedAt(b) ||
    (a.id < b.id ? -1 : 1)
  )
}

function ordered(cases: Iterable<CaseView>, worklist: boolean): { open: CaseView[]; taken: CaseView[] } {
  const listed = [...cases].filter((view) => view.worklist === worklist).sort(byUrgency)
  return {
    open: listed.filter((view) => view.state === 'open'),
    taken: listed.filter((view) => view.state !== 'open'),
  }
}

export function arrange(cases: Iterable<CaseView>, worklist: boolean): QueueView {
  const { open, taken } = ordered(cases, worklist)
  const row = (view: CaseView): QueueRow => ({ case: view, gone: false })
  return { open: open.map(row), taken: taken.map(row), waiting: 0 }
}

/**
 * The same rows in the same places as `before`, with their newest content; what is new waits, except SOS and fall,
 * which come in where they belong. A case that changed its part of the list keeps its place until the pointer leaves,
 * unless it became an open SOS or fall.
 */
export function arrangeHeld(before: QueueView, cases: ReadonlyMap<string, CaseView>, worklist: boolean): QueueView {
  const pressing = (view: CaseView): boolean => view.state === 'open' && NEVER_HELD_BACK.has(view.kind)
  const now = ordered(cases.values(), worklist)
  const heldOpen = new Set(before.open.map((row) => row.case.id))
  const kept = (rows: QueueRow[]): QueueRow[] =>
    rows.map((row) => {
      const view = cases.get(row.case.id)
      return view ? { case: view, gone: false } : { case: row.case, gone: true }
    })
  const arrivals = now.open.filter((view) => pressing(view) && !heldOpen.has(view.id))
  const arrived = new Set(arrivals.map((view) => view.id))
  const open = kept(before.open)
  for (const view of arrivals) {
    const after = open.findIndex((row) => byUrgency(view, row.case) < 0)
    open.splice(after < 0 ? open.length : after, 0, { case: view, gone: false })
  }
  const taken = kept(before.taken).filter((row) => !arrived.has(row.case.id))
  // What comes after everything shown moves nothing.
  for (const view of taken.length > 0 ? [] : now.open) {
    const last = open[open.length - 1]
    if (!heldOpen.has(view.id) && !arrived.has(view.id) && (!last || byUrgency(last.case, view) < 0)) {
      open.push({ case: view, gone: false })
    }
  }
  const shown = new Set([...open, ...taken].map((row) => row.case.id))
  const waiting = [...now.open, ...now.taken].filter((view) => !shown.has(view.id)).length
  return { open, taken, waiting }
}

/** The case that one key claims: the first row that is open, as the operator sees it. */
export function topOpen(view: QueueView): CaseView | null {
  return view.open.find((row) => !row.gone && row.case.state === 'open')?.case ?? null
}

export function neighbour(view: QueueView, id: string | null, step: 1 | -1): string | null {
  const ids = [...view.open, ...view.taken].filter((row) => !row.gone).map((row) => row.case.id)
  if (ids.length === 0) return null
  const at = id === null ? -1 : ids.indexOf(id)
  if (at < 0) return ids[step === 1 ? 0 : ids.length - 1] ?? null
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null
}

/** The same cases in the same places. */
export function sameRows(a: readonly QueueRow[], b: readonly QueueRow[]): boolean {
  return a.length === b.length && a.every((row, at) => row.case.id === b[at]?.case.id)
}

/** Numbers for the top bar: open and all, by priority 1..5. */
export function countsByPriority(cases: Iterable<CaseView>): { open: number; all: number }[] {
  const counts = Array.from({ length: 5 }, () => ({ open: 0, all: 0 }))
  for (const view of cases) {
    const count = counts[view.priority - 1]
    if (!count) continue
    count.all += 1
    if (view.state === 'open') count.open += 1
  }
  return counts
}

/** A worker's own call for help comes from no device of an elder. */
export function isOfWorker(view: Pick<CaseView, 'wire_type'>): boolean {
  return view.wire_type === 'worker.sos'
}

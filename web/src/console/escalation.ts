/** How the run of an escalation plan looks at a moment. Pure. */
import type { CaseView, EscalationRun, EscalationStep } from '@/api/types'

export type StepLook =
  | { is: 'done'; at: string; told: number | null }
  | { is: 'waits'; seconds: number }
  | { is: 'due' }
  | { is: 'stopped' | 'skipped'; because: string }
  | { is: 'later' }

export interface StepRow {
  index: number
  step: EscalationStep
  look: StepLook
}

/** Of each step what became of it last; a case that somebody holds has nothing pending, whatever was read before. */
export function rowsOf(run: EscalationRun, view: CaseView, nowMs: number): StepRow[] {
  const holding = view.state === 'open' ? 'unclaimed' : view.state === 'closed' ? 'ended' : 'held'
  return run.steps.map((step, index) => ({ index, step, look: lookOf(run, step, index, holding, nowMs) }))
}

function lookOf(run: EscalationRun, step: EscalationStep, index: number, holding: string, nowMs: number): StepLook {
  const pending = run.pending.find((one) => one.step === index)
  if (pending && step.during === holding) {
    const left = (Date.parse(pending.due_at) - nowMs) / 1000
    return left > 0 ? { is: 'waits', seconds: Math.max(1, Math.floor(left)) } : { is: 'due' }
  }
  const lines = run.done.filter((one) => one.step === index)
  const taken = lines.filter((one) => one.fate === 'taken').at(-1)
  if (taken) return { is: 'done', at: taken.at, told: taken.told }
  const last = lines.at(-1)
  if (last && last.fate !== 'taken') return { is: last.fate, because: last.because ?? '' }
  if (pending) return { is: 'stopped', because: holding === 'ended' ? 'closed' : 'claimed' }
  return { is: 'later' }
}

/** The next that comes by itself. */
export function nextOf(rows: StepRow[]): { seconds: number; rows: StepRow[] } | null {
  const waiting = rows.flatMap((row) => (row.look.is === 'waits' ? [{ row, seconds: row.look.seconds }] : []))
  const seconds = Math.min(...waiting.map((one) => one.seconds))
  return waiting.length === 0 ? null : { seconds, rows: waiting.filter((one) => one.seconds === seconds).map((one) => one.row) }
}

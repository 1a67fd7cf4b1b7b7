/** Which sound the desk makes now, and what each sound is. Pure: the ringer plays what this says. */
import type { CaseView } from '@/api/types'

export interface Tone {
  /** Hz */
  pitch: number
  /** Seconds after the start of the pattern. */
  at: number
  /** Seconds. */
  length: number
}

export interface Ring {
  name: 'priority1' | 'priority2' | 'priority3' | 'priority4' | 'second_operator' | 'supervisor' | 'stale'
  tones: readonly Tone[]
  /** Seconds from one start to the next. */
  every: number
}

/** More urgent: higher, denser, sooner again. Told apart by rhythm too, not by pitch alone. */
const RINGS: Record<number, Ring> = {
  1: {
    name: 'priority1',
    tones: [
      { pitch: 880, at: 0, length: 0.12 },
      { pitch: 1109, at: 0.16, length: 0.12 },
      { pitch: 1319, at: 0.32, length: 0.22 },
    ],
    every: 1.4,
  },
  2: {
    name: 'priority2',
    tones: [
      { pitch: 988, at: 0, length: 0.18 },
      { pitch: 740, at: 0.24, length: 0.24 },
    ],
    every: 2,
  },
  3: {
    name: 'priority3',
    tones: [
      { pitch: 659, at: 0, length: 0.1 },
      { pitch: 659, at: 0.18, length: 0.1 },
      { pitch: 659, at: 0.36, length: 0.1 },
    ],
    every: 3,
  },
  4: { name: 'priority4', tones: [{ pitch: 523, at: 0, length: 0.2 }], every: 8 },
}

/** Nobody has taken it: another rhythm than any alarm, without a pause to get used to. */
const ESCALATED: Record<'second_operator' | 'supervisor', Ring> = {
  second_operator: {
    name: 'second_operator',
    tones: [
      { pitch: 1319, at: 0, length: 0.09 },
      { pitch: 988, at: 0.11, length: 0.09 },
      { pitch: 1319, at: 0.22, length: 0.09 },
      { pitch: 988, at: 0.33, length: 0.09 },
      { pitch: 1319, at: 0.44, length: 0.18 },
    ],
    every: 1,
  },
  supervisor: {
    name: 'supervisor',
    tones: [
      { pitch: 784, at: 0, length: 0.16 },
      { pitch: 1568, at: 0.18, length: 0.16 },
      { pitch: 784, at: 0.36, length: 0.16 },
      { pitch: 1568, at: 0.54, length: 0.3 },
    ],
    every: 1,
  },
}

export const STALE_RING: Ring = {
  name: 'stale',
  tones: [
    { pitch: 392, at: 0, length: 0.3 },
    { pitch: 311, at: 0.34, length: 0.45 },
  ],
  every: 10,
}

/** A short break of the stream is shown; one that lasts is also heard. */
export const STALE_HEARD_AFTER_S = 15
/** A broker-wide silence or a standstill may last for hours, and the bar stays; the sound only calls to it. */
export const SILENCE_HEARD_S = 120

/**
 * The most urgent open case rings until somebody claims it; technical ones never ring. One that has gone up rings
 * otherwise: for a supervisor once it has reached the supervisor, for everybody else as a call for a second operator.
 */
export function ringFor(cases: Iterable<CaseView>, role = 'operator'): Ring | null {
  let most: CaseView | null = null
  for (const view of cases) {
    if (view.state !== 'open' || view.worklist || !(view.priority in RINGS)) continue
    if (most === null || view.priority < most.priority || (view.priority === most.priority && goneUp(view) > goneUp(most))) most = view
  }
  if (most === null) return null
  if (most.escalation === null) return RINGS[most.priority] ?? null
  return ESCALATED[most.escalation === 'supervisor' && role === 'supervisor' ? 'supervisor' : 'second_operator']
}

/** How far a case that nobody takes has gone up. */
export function goneUp(view: CaseView): number {
  if (view.state !== 'open' || view.escalation === null) return 0
  return view.escalation === 'supervisor' ? 2 : 1
}

/**
 * An alarm is more than a broken stream, devices that are silent all together, or alarms that do not get through; but
 * each of these is more than silence.
 */
export function soundNow(
  cases: Iterable<CaseView>,
  staleSeconds: number,
  silentSeconds: number,
  stoppedSeconds: number,
  role = 'operator',
): Ring | null {
  const called = [silentSeconds, stoppedSeconds].some((seconds) => seconds > 0 && seconds <= SILENCE_HEARD_S)
  const blind = staleSeconds >= STALE_HEARD_AFTER_S || called
  return ringFor(cases, role) ?? (blind ? STALE_RING : null)
}

/** Softer while this operator already holds a case and is likely to be on the telephone. Never silent; a case that has
 * gone up is louder than what was set, and hardly softer on the telephone. */
export function loudness(volume: number, holdsCase: boolean, ring: Ring | null = null): number {
  const escalated = ring?.name === 'second_operator' || ring?.name === 'supervisor'
  if (escalated) return Math.min(1, Math.max(0.4, volume * 1.25)) * (holdsCase ? 0.7 : 1)
  return Math.max(0.15, volume) * (holdsCase ? 0.4 : 1)
}

export function ringOfPriority(priority: number): Ring | null {
  return RINGS[priority] ?? null
}

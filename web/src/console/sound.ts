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
  name: 'priority1' | 'priority2' | 'priority3' | 'priority4' | 'stale'
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

/** The most urgent open case rings until somebody claims it; technical ones never ring. */
export function ringFor(cases: Iterable<CaseView>): Ring | null {
  let most: number | null = null
  for (const view of cases) {
    if (view.state !== 'open' || view.worklist || !(view.priority in RINGS)) continue
    if (most === null || view.priority < most) most = view.priority
  }
  return most === null ? null : (RINGS[most] ?? null)
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
): Ring | null {
  const called = [silentSeconds, stoppedSeconds].some((seconds) => seconds > 0 && seconds <= SILENCE_HEARD_S)
  const blind = staleSeconds >= STALE_HEARD_AFTER_S || called
  return ringFor(cases) ?? (blind ? STALE_RING : null)
}

/** Softer while this operator already holds a case and is likely to be on the telephone. Never silent. */
export function loudness(volume: number, holdsCase: boolean): number {
  return Math.max(0.15, volume) * (holdsCase ? 0.4 : 1)
}

export function ringOfPriority(priority: number): Ring | null {
  return RINGS[priority] ?? null
}

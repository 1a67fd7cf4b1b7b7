import { describe, expect, test } from 'vitest'

import {
  loudness,
  ringFor,
  ringOfPriority,
  SILENCE_HEARD_S,
  soundNow,
  STALE_HEARD_AFTER_S,
  STALE_RING,
} from '@/console/sound'

import { aCase } from './cases'

const vital = aCase({ kind: 'vital_out_of_range', priority: 4 })
const battery = aCase({ kind: 'low_battery', priority: 5, worklist: true })

describe('the sound of the desk', () => {
  test('the most urgent open case rings', () => {
    expect(ringFor([vital, aCase({ kind: 'fall', priority: 2 })])?.name).toBe('priority2')
    expect(ringFor([vital, aCase()])?.name).toBe('priority1')
  })

  test('it stops when everything is claimed', () => {
    expect(ringFor([aCase({ state: 'claimed' }), aCase({ state: 'responding' })])).toBeNull()
  })

  test('technical cases never ring', () => {
    expect(ringFor([battery])).toBeNull()
  })

  test('a broken stream is heard when it lasts, but an alarm goes before it', () => {
    expect(soundNow([], STALE_HEARD_AFTER_S - 1, 0, 0)).toBeNull()
    expect(soundNow([], STALE_HEARD_AFTER_S, 0, 0)).toBe(STALE_RING)
    expect(soundNow([aCase()], 60, 0, 0)?.name).toBe('priority1')
  })

  test('devices that are silent all together are heard at once, and not for hours', () => {
    expect(soundNow([], 0, 1, 0)).toBe(STALE_RING)
    expect(soundNow([aCase()], 0, 1, 0)?.name).toBe('priority1')
    expect(soundNow([], 0, SILENCE_HEARD_S + 1, 0)).toBeNull()
  })

  test('alarms that do not get through are heard at once, and not for hours', () => {
    expect(soundNow([], 0, 0, 1)).toBe(STALE_RING)
    expect(soundNow([aCase()], 0, 0, 1)?.name).toBe('priority1')
    expect(soundNow([], 0, 0, SILENCE_HEARD_S + 1)).toBeNull()
  })

  test('a case that has gone up rings otherwise, and for the supervisor in a way of its own', () => {
    const second = aCase({ escalation: 'second_operator' })
    const up = aCase({ escalation: 'supervisor' })
    expect(ringFor([aCase(), second])?.name).toBe('second_operator')
    expect(ringFor([second, up], 'supervisor')?.name).toBe('supervisor')
    expect(ringFor([second, up], 'operator')?.name).toBe('second_operator')
    expect(ringFor([aCase({ ...up, state: 'claimed' })], 'supervisor')).toBeNull()
    expect(ringFor([aCase(), aCase({ ...vital, escalation: 'supervisor' })], 'supervisor')?.name).toBe('priority1')
    expect(loudness(0.5, true, ringFor([second]))).toBeGreaterThan(loudness(0.5, true, ringFor([aCase()])))
  })

  test('holding a case makes it softer, nothing makes it silent', () => {
    expect(loudness(1, true)).toBeLessThan(loudness(1, false))
    expect(loudness(0, true)).toBeGreaterThan(0)
  })

  test('every ring ends before it begins again, and the urgent one comes sooner', () => {
    const every = [1, 2, 3, 4].map((priority) => {
      const ring = ringOfPriority(priority)
      const end = Math.max(...(ring?.tones ?? []).map((tone) => tone.at + tone.length))
      expect(end).toBeLessThan(ring?.every ?? 0)
      return ring?.every ?? 0
    })
    expect(every).toEqual([...every].sort((a, b) => a - b))
  })
})

import { describe, expect, test } from 'vitest'

import type { EscalationRun, EscalationStep } from '@/api/types'
import { nextOf, rowsOf } from '@/console/escalation'

import { aCase, after } from './cases'

function step(who: EscalationStep['who'], seconds: number, more: Partial<EscalationStep> = {}): EscalationStep {
  return { after_seconds: seconds, who, channel: 'console', during: 'unclaimed', number: null, answer: 'claim', ...more }
}

const RUN: EscalationRun = {
  plan_id: null,
  plan_version: 1,
  plan_name: '',
  hold: 'unclaimed',
  since: after(0),
  steps: [step('operators', 0), step('family', 0, { channel: 'page' }), step('second_operator', 30), step('supervisor', 60)],
  done: [
    { step: 0, fate: 'taken', because: null, at: after(0), due_at: after(0), told: 3 },
    { step: 1, fate: 'skipped', because: 'nobody', at: after(0), due_at: after(0), told: null },
  ],
  pending: [
    { step: 2, due_at: after(30) },
    { step: 3, due_at: after(60) },
  ],
}
const at = (seconds: number): number => Date.parse(after(seconds))

describe('the run of an escalation plan', () => {
  test('shows what was done, what comes next, and when', () => {
    const rows = rowsOf(RUN, aCase(), at(12.5))
    expect(rows.map((row) => row.look.is)).toEqual(['done', 'skipped', 'waits', 'waits'])
    const next = nextOf(rows)
    expect([next?.seconds, next?.rows.map((row) => row.step.who)]).toEqual([17, ['second_operator']])
  })

  test('a step whose time has come is due until it is known what became of it', () => {
    expect(rowsOf(RUN, aCase(), at(31))[2]?.look).toEqual({ is: 'due' })
  })

  test('once somebody holds the case nothing is pending, whatever was read a moment ago', () => {
    const rows = rowsOf(RUN, aCase({ state: 'claimed' }), at(12))
    expect(rows[2]?.look).toEqual({ is: 'stopped', because: 'claimed' })
    expect(nextOf(rows)).toBeNull()
  })

  test('what was told before stays told when the wait begins anew', () => {
    const again: EscalationRun = {
      ...RUN,
      done: [...RUN.done, { step: 3, fate: 'taken', because: null, at: after(60), due_at: after(60), told: 1 }],
      pending: [],
    }
    expect(rowsOf(again, aCase(), at(100))[3]?.look).toEqual({ is: 'done', at: after(60), told: 1 })
    expect(rowsOf(again, aCase(), at(100))[2]?.look).toEqual({ is: 'later' })
  })
})

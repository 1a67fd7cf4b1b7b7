import { describe, expect, test } from 'vitest'

import type { CaseView } from '@/api/types'
import { afterMessages, helloOf, NOTHING_KNOWN, withCases, type FeedMessage, type FeedState } from '@/ui/cases/feed'

import { aCase } from './cases'

function snapshot(cases: CaseView[], offset = 10, epoch = 'e1'): FeedMessage {
  return { op: 'snapshot', epoch, offset, at: '2026-11-22T00:00:00Z', cases }
}
function told(view: CaseView, offset: number, epoch = 'e1'): FeedMessage {
  return { op: 'case', epoch, offset, move: 'x', at: view.opened_at, actor_name: null, case: view }
}
function versions(state: FeedState): Record<string, number> {
  return Object.fromEntries([...state.cases.values()].map((view) => [view.id, view.version]).sort())
}

function afterMessage(state: FeedState, message: FeedMessage): FeedState {
  return afterMessages(state, [message])
}
function withCase(state: FeedState, view: CaseView): FeedState {
  return withCases(state, [view])
}

describe('the feed', () => {
  test('what comes together is what comes one by one', () => {
    const [one, two] = [aCase({ id: 'a', version: 1 }), aCase({ id: 'b', version: 1 })]
    const messages = [
      snapshot([one]),
      told(two, 11),
      told({ ...one, version: 3, state: 'claimed' }, 12),
      told({ ...two, version: 2, state: 'closed' }, 13),
      told({ ...one, version: 2 }, 14),
    ]
    expect(afterMessages(NOTHING_KNOWN, messages)).toEqual(messages.reduce(afterMessage, NOTHING_KNOWN))
  })

  test('an empty list before the snapshot means that nothing is known', () => {
    expect(NOTHING_KNOWN.known).toBe(false)
    expect(afterMessage(NOTHING_KNOWN, snapshot([])).known).toBe(true)
  })

  test('a version already held is ignored', () => {
    const now = aCase({ version: 3, state: 'claimed' })
    const state = afterMessage(NOTHING_KNOWN, snapshot([now]))
    const same = afterMessage(state, told({ ...now, version: 3, state: 'open' }, 11))
    const older = afterMessage(same, told({ ...now, version: 2, state: 'open' }, 12))
    expect(older.cases.get(now.id)?.state).toBe('claimed')
    expect(older.offset).toBe(12)
  })

  test('a closed case leaves, and a late message cannot bring it back', () => {
    const view = aCase({ version: 2, state: 'claimed' })
    let state = afterMessage(NOTHING_KNOWN, snapshot([view]))
    state = afterMessage(state, told({ ...view, version: 3, state: 'closed' }, 11))
    state = afterMessage(state, told({ ...view, version: 2 }, 12))
    expect(state.cases.size).toBe(0)
    expect(state.closed.get(view.id)?.version).toBe(3)
  })

  test('a reopened case comes back', () => {
    const view = aCase({ version: 3, state: 'closed' })
    const state = withCase(withCase(NOTHING_KNOWN, view), { ...view, version: 4, state: 'open' })
    expect(versions(state)).toEqual({ [view.id]: 4 })
    expect(state.closed.size).toBe(0)
  })

  test('the answer to a move that overtook the snapshot is kept', () => {
    const view = aCase({ version: 1 })
    const claimed = withCase(afterMessage(NOTHING_KNOWN, snapshot([view])), { ...view, version: 2, state: 'claimed' })
    expect(afterMessage(claimed, snapshot([view])).cases.get(view.id)?.state).toBe('claimed')
  })

  test('a case closed by us does not come back with a snapshot read before it', () => {
    const view = aCase({ version: 2, state: 'claimed' })
    const closed = withCase(afterMessage(NOTHING_KNOWN, snapshot([view])), { ...view, version: 3, state: 'closed' })
    expect(afterMessage(closed, snapshot([view])).cases.size).toBe(0)
  })

  test('versions of another epoch count for nothing: a database that crashed may have given them out twice', () => {
    const view = aCase({ version: 3 })
    const before = afterMessage(NOTHING_KNOWN, snapshot([view]))
    const after = afterMessage(before, snapshot([{ ...view, version: 2 }], 0, 'e2'))
    expect(versions(after)).toEqual({ [view.id]: 2 })
  })

  test('a case that the new snapshot lacks is gone', () => {
    const stays = aCase()
    const state = afterMessage(NOTHING_KNOWN, snapshot([stays, aCase()]))
    expect(versions(afterMessage(state, snapshot([stays], 3, 'e2')))).toEqual({ [stays.id]: 1 })
  })

  test('a hello says how far we got, so that only the missing part is sent', () => {
    const state = afterMessage(afterMessage(NOTHING_KNOWN, snapshot([aCase()], 10)), told(aCase(), 11))
    expect(helloOf(state, 'token')).toEqual({ op: 'hello', epoch: 'e1', offset: 11, csrf: 'token' })
  })

  test('beats and pongs change nothing', () => {
    const state = afterMessage(NOTHING_KNOWN, snapshot([aCase()]))
    expect(afterMessage(state, { op: 'beat', at: '2026-11-22T00:00:02Z', offset: 99 })).toBe(state)
    expect(afterMessage(state, { op: 'pong', t: 1 })).toBe(state)
  })

  test('snapshot and stream lead to the same as a fresh snapshot, whatever comes twice, late or out of order', () => {
    const random = mulberry(20261122)
    for (let round = 0; round < 200; round += 1) {
      const truth = new Map<string, CaseView>()
      const said: CaseView[] = []
      for (let step = 0; step < 30; step += 1) {
        const view = moved(truth, random)
        truth.set(view.id, view)
        said.push(view)
      }
      const cut = Math.floor(random() * said.length)
      const atCut = latest(said.slice(0, cut))
      const twice = said.slice(Math.max(0, cut - 5)).flatMap((view) => (random() < 0.3 ? [view, view] : [view]))
      const disturbed = twice.sort(() => random() - 0.5)
      let state = afterMessage(NOTHING_KNOWN, snapshot([...atCut.values()].filter((view) => view.state !== 'closed')))
      disturbed.forEach((view, index) => {
        state = afterMessage(state, told(view, 11 + index))
      })
      const fresh = [...truth.values()].filter((view) => view.state !== 'closed')
      expect(versions(state)).toEqual(versions(afterMessage(NOTHING_KNOWN, snapshot(fresh))))
    }
  })
})

function moved(truth: Map<string, CaseView>, random: () => number): CaseView {
  const held = [...truth.values()]
  const one = held[Math.floor(random() * held.length)]
  if (!one || random() < 0.25) return aCase()
  const states = ['open', 'claimed', 'calling', 'closed'] as const
  return { ...one, version: one.version + 1, state: states[Math.floor(random() * states.length)] ?? 'open' }
}
function latest(views: CaseView[]): Map<string, CaseView> {
  return new Map(views.map((view) => [view.id, view]))
}
function mulberry(seed: number): () => number {
  let at = seed
  return () => {
    at = (at + 0x6d2b79f5) | 0
    let t = Math.imul(at ^ (at >>> 15), 1 | at)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

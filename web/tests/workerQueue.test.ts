import { describe, expect, test } from 'vitest'

import { MOVES, stateAfter, type Action, type Refusal, type VisitState } from '@/worker/model'
import { Queue, type ActionStore, type Answer } from '@/worker/queue'

/** What a phone keeps when its browser is closed. */
class Phone implements ActionStore {
  kept: Action[] = []

  async add(action: Action): Promise<void> {
    this.kept.push({ ...action })
  }
  async all(): Promise<Action[]> {
    return this.kept.map((action) => ({ ...action }))
  }
  async remove(moveId: string): Promise<void> {
    this.kept = this.kept.filter(({ move_id }) => move_id !== moveId)
  }
  async refuse(moveId: string, refusal: Refusal): Promise<void> {
    this.kept = this.kept.map((action) => (action.move_id === moveId ? { ...action, refusal } : action))
  }
}

/** The platform: the same move id has one effect, and it keeps the order in which it was told. */
class Platform {
  done: string[] = []
  told = 0
  network: 'up' | 'down' | 'answer lost' = 'up'
  signedIn: string | null = 'chen'
  refuses = new Map<string, Refusal>()
  private turn: Promise<unknown> = Promise.resolve()

  /** A tab of the browser. All tabs of a phone share its store and its lock. */
  tab(phone: Phone): Queue {
    const line = { who: () => this.who(), deliver: (action: Action) => this.deliver(action), alone: <T>(run: () => Promise<T>) => this.alone(run) }
    return new Queue(phone, line, async () => undefined)
  }
  private async who(): Promise<string | null | 'later'> {
    return this.network === 'down' ? 'later' : this.signedIn
  }
  private async deliver(action: Action): Promise<Answer> {
    await Promise.resolve()
    if (this.network === 'down') return 'later'
    if (this.signedIn === null) return 'over'
    this.told += 1
    const refusal = this.refuses.get(action.move_id)
    if (!refusal && !this.done.includes(action.move_id)) this.done.push(action.move_id)
    if (this.network === 'answer lost') return 'later'
    return refusal ?? 'taken'
  }
  private alone<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(run, run)
    this.turn = mine.catch(() => null)
    return mine
  }
}

function action(move_id: string, fields: Partial<Action> = {}): Action {
  return { move_id, worker_id: 'chen', visit_id: 'v', move: 'begin', reason: null, device_at: '2026-11-22T08:00:00Z', elder: '王银杏', refusal: null, ...fields }
}

/** Repeatable: xorshift. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761 + 1
  return (sides) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % sides
  }
}

describe('what was done on a phone', () => {
  test.each(Array.from({ length: 200 }, (_, seed) => seed))('arrives once and in order, whatever the day was like (%i)', async (seed) => {
    const roll = dice(seed + 1)
    const phone = new Phone()
    const platform = new Platform()
    let tabs = [platform.tab(phone), platform.tab(phone)]
    const did: string[] = []
    for (let step = 0; step < 30; step += 1) {
      const tab = tabs[roll(2)] as Queue
      switch (roll(6)) {
        case 0:
        case 1:
          did.push(`m${did.length}`)
          await tab.add(action(did.at(-1) as string))
          break
        case 2:
          platform.network = (['up', 'down', 'answer lost'] as const)[roll(3)] ?? 'up'
          break
        case 3:
          tabs = [platform.tab(phone), platform.tab(phone)]
          break
        case 4:
          platform.signedIn = [null, 'chen', 'zhao'][roll(3)] ?? null
          break
        default:
          await Promise.all(tabs.map((one) => one.send('chen')))
      }
      expect(platform.done).toEqual(did.slice(0, platform.done.length))
    }
    platform.network = 'up'
    platform.signedIn = 'chen'
    expect(await Promise.all(tabs.map((one) => one.send('chen')))).toEqual(['all', 'all'])
    expect(platform.done).toEqual(did)
    expect(phone.kept).toEqual([])
  })

  test('is told once by two tabs that send at the same moment', async () => {
    const phone = new Phone()
    const platform = new Platform()
    const [one, other] = [platform.tab(phone), platform.tab(phone)]
    await one.add(action('begin'))
    await other.add(action('end', { move: 'end' }))
    await Promise.all([one.send('chen'), other.send('chen')])
    expect([platform.told, platform.done]).toEqual([2, ['begin', 'end']])
  })

  test('waits when the session has ended, and is never sent as somebody else', async () => {
    const phone = new Phone()
    const platform = new Platform()
    const tab = platform.tab(phone)
    await tab.add(action('begin'))
    platform.signedIn = null
    expect(await tab.send('chen')).toBe('over')
    platform.signedIn = 'zhao'
    expect([await tab.send('zhao'), await tab.send('chen')]).toEqual(['all', 'over'])
    expect(platform.done).toEqual([])
    platform.signedIn = 'chen'
    expect(await tab.send('chen')).toBe('all')
    expect(platform.done).toEqual(['begin'])
  })

  test('and was refused stays to be read, and does not stop what comes after it', async () => {
    const phone = new Phone()
    const platform = new Platform()
    const tab = platform.tab(phone)
    const refusal = { code: 'orders.not_with_you', state: null, taken_by: '李师傅' }
    platform.refuses.set('lost', refusal)
    await tab.add(action('lost'))
    await tab.add(action('other', { visit_id: 'w' }))
    expect(await tab.send('chen')).toBe('all')
    expect(platform.done).toEqual(['other'])
    expect(phone.kept).toEqual([action('lost', { refusal })])
    expect(await tab.send('chen')).toBe('all')
    expect(platform.told).toBe(2)
  })
})

describe('a visit on the phone', () => {
  test('is where the moves that were not sent have brought it', () => {
    expect(stateAfter('offered', ['accept', 'set_out', 'begin', 'end'])).toBe('done')
    expect(stateAfter('cancelled', ['begin'])).toBe('cancelled')
  })

  test('allows no move that the platform does not know', async () => {
    const { readFileSync } = await import('node:fs')
    const states = readFileSync(new URL('../../docs/order-states.md', import.meta.url), 'utf8')
    for (const [state, moves] of Object.entries(MOVES) as [VisitState, Record<string, VisitState>][]) {
      for (const [move, after] of Object.entries(moves)) expect(states).toMatch(new RegExp(`${state} --> ${after}: .*${move}`))
    }
  })
})

import { describe, expect, test, vi } from 'vitest'

import { aheadOf, FeedConnection, GIVE_UP_AFTER_MS, retryDelayMs, type LinkView, type Socket } from '@/ui/cases/connection'
import type { FeedState } from '@/ui/cases/feed'

import { aCase } from './cases'

class FakeSocket implements Socket {
  sent: Record<string, unknown>[] = []
  closed = false
  binaryType: BinaryType = 'blob'
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }
  close(): void {
    this.closed = true
  }
  hear(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}

function desk() {
  const sockets: FakeSocket[] = []
  const seen: { link?: LinkView; state?: FeedState } = {}
  let now = 1_000_000
  const connection = new FeedConnection({
    openSocket: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    csrf: () => 'token',
    now: () => now,
    onState: (state) => {
      seen.state = state
    },
    onLink: (link) => {
      seen.link = link
    },
  })
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 1000) {
      now += Math.min(1000, left)
      connection.tick()
    }
  }
  connection.start()
  const last = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket
  const goLive = (offset = 5): void => {
    last().onopen?.()
    last().hear({ op: 'snapshot', epoch: 'e1', offset, at: new Date(now).toISOString(), cases: [aCase()] })
  }
  return { connection, sockets, seen, pass, last, goLive, at: () => now }
}

async function packed(cases: unknown): Promise<ArrayBuffer> {
  const stream = new Blob([JSON.stringify(cases)]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Response(stream).arrayBuffer()
}

describe('the connection', () => {
  test('a long list comes packed, and what comes after it waits for it', async () => {
    const { last, seen, at } = desk()
    const one = aCase({ id: 'a', version: 1 })
    last().onopen?.()
    last().hear({ op: 'snapshot', epoch: 'e1', offset: 5, at: new Date(at()).toISOString(), cases: [], packed: true })
    expect(seen.link?.state).toBe('connecting')
    last().onmessage?.({ data: await packed([one, aCase({ id: 'b' })]) })
    last().hear([{ op: 'case', epoch: 'e1', offset: 6, move: 'claim', at: one.opened_at, actor_name: null, case: { ...one, version: 2 } }])
    await vi.waitFor(() => expect(seen.state?.offset).toBe(6))
    expect(seen.link?.state).toBe('live')
    expect([...(seen.state?.cases.values() ?? [])].map((view) => [view.id, view.version])).toEqual([['b', 1], ['a', 2]])
  })
  test('says hello first, then listens', () => {
    const { last, seen, goLive } = desk()
    goLive()
    expect(last().sent[0]).toEqual({ op: 'hello', epoch: null, offset: null, csrf: 'token' })
    expect(seen.link?.state).toBe('live')
    expect(seen.state?.cases.size).toBe(1)
  })

  test('comes back by itself and resumes where it was', () => {
    const { sockets, last, seen, goLive, pass } = desk()
    goLive(7)
    last().onclose?.({ code: 1006 })
    expect(seen.link).toMatchObject({ state: 'waiting', tries: 1 })
    pass(2000)
    expect(sockets).toHaveLength(2)
    last().onopen?.()
    expect(last().sent[0]).toMatchObject({ op: 'hello', epoch: 'e1', offset: 7 })
    last().hear({ op: 'resumed', epoch: 'e1', offset: 7 })
    expect(seen.link).toMatchObject({ state: 'live', tries: 0 })
    expect(seen.state?.cases.size).toBe(1)
  })

  test('a silent connection is given up and made anew', () => {
    const { sockets, last, goLive, pass } = desk()
    goLive()
    const first = last()
    pass(GIVE_UP_AFTER_MS - 1000)
    expect(first.closed).toBe(false)
    pass(4000)
    expect(first.closed).toBe(true)
    expect(sockets.length).toBeGreaterThan(1)
  })

  test('beats keep it alive', () => {
    const { sockets, last, goLive, pass, at } = desk()
    goLive()
    for (let beat = 0; beat < 20; beat += 1) {
      pass(2000)
      last().hear({ op: 'beat', at: new Date(at()).toISOString(), offset: 5 })
    }
    expect(sockets).toHaveLength(1)
  })

  test('beats of an app cut off from the cases do not make the screen true', () => {
    const { sockets, last, goLive, pass, seen, at } = desk()
    goLive()
    const heard = seen.link?.lastHeardMs
    for (let beat = 0; beat < 10; beat += 1) {
      pass(2000)
      last().hear({ op: 'beat', at: new Date(at()).toISOString(), offset: 5, source: 'none' })
    }
    expect(seen.link?.lastHeardMs).toBe(heard)
    expect(sockets).toHaveLength(1)
    last().hear({ op: 'beat', at: new Date(at()).toISOString(), offset: 5, source: 'looks' })
    expect(seen.link?.lastHeardMs).toBe(at())
  })

  test('a beat says since when devices are silent all together, and that they are heard again', () => {
    const { last, goLive, seen, at } = desk()
    goLive()
    const beat = { op: 'beat', at: new Date(at()).toISOString(), offset: 5 }
    last().hear({ ...beat, devices_silent_since: '2026-11-22T19:12:00Z' })
    expect(seen.link?.devicesSilentMs).toBe(Date.parse('2026-11-22T19:12:00Z'))
    last().hear({ ...beat, devices_silent_since: null })
    expect(seen.link?.devicesSilentMs).toBeNull()
  })

  test('a beat says what stops alarms and since when, and that they get through again', () => {
    const { last, goLive, seen, at } = desk()
    goLive()
    const beat = { op: 'beat', at: new Date(at()).toISOString(), offset: 5 }
    const stopped = { part: 'worker', since: '2026-11-22T19:12:00Z' }
    last().hear({ ...beat, alarms_stopped: stopped })
    expect(seen.link?.stopped).toEqual(stopped)
    last().hear({ ...beat, alarms_stopped: null })
    expect(seen.link?.stopped).toBeNull()
  })

  test('what a closed socket still says is not heard', () => {
    const { sockets, goLive, seen, pass } = desk()
    goLive()
    sockets[0]?.onclose?.({ code: 1012 })
    pass(2000)
    sockets[0]?.onclose?.({ code: 1006 })
    expect(seen.link?.tries).toBe(1)
  })

  test('it does not knock again when the session has ended', () => {
    const { sockets, last, seen, pass } = desk()
    last().onclose?.({ code: 4401 })
    pass(60_000)
    expect(seen.link?.state).toBe('signed_out')
    expect(sockets).toHaveLength(1)
  })

  test('it stops when it is told that the session has ended', () => {
    const { connection, sockets, last, seen, pass } = desk()
    last().onclose?.({ code: 1006 })
    connection.signedOut()
    pass(60_000)
    expect(seen.link?.state).toBe('signed_out')
    expect(sockets).toHaveLength(1)
  })

  test('latency is the way of a ping there and back', () => {
    const { last, goLive, seen, pass } = desk()
    goLive()
    const ping = last().sent.find((message) => message['op'] === 'ping')
    pass(40)
    last().hear({ op: 'pong', t: ping?.['t'] })
    expect(seen.link?.latencyMs).toBe(40)
  })

  test('what cannot be read or is not known is passed over', () => {
    const { last, goLive, seen } = desk()
    goLive()
    last().onmessage?.({ data: '{broken' })
    last().hear({ op: 'something_new' })
    expect(seen.link?.state).toBe('live')
  })

  test('tries come apart, never more than about ten seconds', () => {
    const delays = [1, 2, 3, 4, 5, 6, 20].map((tries) => retryDelayMs(tries, 0))
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000])
    expect(retryDelayMs(20, 1)).toBe(9600)
  })

  test('the least delayed sample tells the server clock', () => {
    expect(aheadOf([])).toBe(0)
    expect(aheadOf([-300, -20, -150])).toBe(-20)
  })
})

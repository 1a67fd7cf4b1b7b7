/** The life of the feed's connection: open, hello, listen, notice silence, come back by itself. No Vue, no DOM. */
import { wholeCase } from '@/api/cases'

import { afterMessages, helloOf, NOTHING_KNOWN, type AlarmsStopped, type FeedMessage, type FeedState, type SnapshotMessage } from './feed'

/** Above this silence the screen may be wrong and must say so; beats come every 2 s. */
export const STALE_AFTER_MS = 5_000
/** Above this silence the connection is given up and made anew. */
export const GIVE_UP_AFTER_MS = 12_000
const PING_EVERY_MS = 5_000
const CLOSE_NOT_SIGNED_IN = 4401
const CLOSE_FORGED = 4403

export type LinkState = 'connecting' | 'live' | 'waiting' | 'signed_out'

export interface LinkView {
  state: LinkState
  /** Failed tries since the stream was last live. */
  tries: number
  latencyMs: number | null
  /** When the stream was last known to be true. A beat of an app that is cut off from the cases does not count. */
  lastHeardMs: number | null
  source: 'live' | 'looks' | 'none'
  /** Since when half of the devices or all of them are silent; server time. */
  devicesSilentMs: number | null
  /** What stops alarms on their way. */
  stopped: AlarmsStopped | null
  /** Server's clock minus ours, of the least delayed recent beat. */
  serverAheadMs: number
}

/** The part of WebSocket that is used; tests bring their own. */
export interface Socket {
  binaryType: BinaryType
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
}

export interface FeedOptions {
  openSocket: () => Socket
  csrf: () => string | null
  now: () => number
  onState: (state: FeedState, message: FeedMessage | null) => void
  onLink: (link: LinkView) => void
}

/** Quick at first, then 8 s apart; up to a fifth is added so that a hall of consoles does not return at once. */
export function retryDelayMs(tries: number, random: number): number {
  const base = Math.min(8_000, 250 * 2 ** Math.max(0, tries - 1))
  return Math.round(base * (1 + random * 0.2))
}

/** Server time ahead of ours: the largest of the last samples, for the least delayed message is the truest. */
export function aheadOf(samples: readonly number[]): number {
  return samples.length === 0 ? 0 : Math.max(...samples)
}

export const CONNECTING: LinkView = {
  state: 'connecting',
  tries: 0,
  latencyMs: null,
  lastHeardMs: null,
  source: 'live',
  devicesSilentMs: null,
  stopped: null,
  serverAheadMs: 0,
}

export class FeedConnection {
  private state: FeedState = NOTHING_KNOWN
  private link: LinkView = CONNECTING
  private socket: Socket | null = null
  private samples: number[] = []
  private retryAtMs: number | null = null
  private saidAnythingMs = 0
  private openedAtMs = 0
  private pingedAtMs = 0
  private ended = false
  /** Of a snapshot whose cases come packed. */
  private head: SnapshotMessage | null = null
  private reading: Promise<void> = Promise.resolve()
  private unpacking = 0

  constructor(private readonly options: FeedOptions) {}

  start(): void {
    this.open()
  }

  stop(): void {
    this.ended = true
    this.drop()
  }

  /** Call it once a second: it notices silence, pings, and reconnects when it is time. */
  tick(): void {
    const now = this.options.now()
    if (this.ended || this.link.state === 'signed_out') return
    if (this.socket === null) {
      if (this.retryAtMs !== null && now >= this.retryAtMs) this.open()
      return
    }
    const heardAt = Math.max(this.openedAtMs, this.saidAnythingMs)
    if (now - heardAt > GIVE_UP_AFTER_MS) {
      this.drop()
      this.wait()
    } else if (this.link.state === 'live' && now - this.pingedAtMs >= PING_EVERY_MS) {
      this.pingedAtMs = now
      this.say({ op: 'ping', t: now })
    }
  }

  /** Reconnect now: the browser says the network is back, or the operator asks. */
  retryNow(): void {
    if (this.socket === null && !this.ended) this.open()
  }

  /** The session has ended: nothing is tried any more until somebody signs in. */
  signedOut(): void {
    this.ended = true
    this.drop()
    this.show({ state: 'signed_out' })
  }

  /** The operator is at work: keeps the leases of the claims alive. */
  sayActive(): void {
    if (this.link.state === 'live') this.say({ op: 'active' })
  }

  /** The answer to a move of our own, which may come before the stream tells it. */
  take(change: (state: FeedState) => FeedState): void {
    this.state = change(this.state)
    this.options.onState(this.state, null)
  }

  private open(): void {
    this.retryAtMs = null
    this.openedAtMs = this.options.now()
    this.show({ state: 'connecting' })
    const socket = this.options.openSocket()
    this.socket = socket
    socket.binaryType = 'arraybuffer'
    this.reading = Promise.resolve()
    this.head = null
    this.unpacking = 0
    socket.onopen = () => this.say(helloOf(this.state, this.options.csrf()))
    socket.onmessage = (event) => this.receive(socket, event.data)
    socket.onclose = (event) => {
      if (this.socket !== socket) return
      this.socket = null
      if (event.code === CLOSE_NOT_SIGNED_IN || event.code === CLOSE_FORGED) this.signedOut()
      else this.wait()
    }
  }

  /** A long list of cases comes packed, in a message of its own; what comes after it waits until it is unpacked. */
  private receive(socket: Socket, data: unknown): void {
    if (this.unpacking === 0 && !(data instanceof ArrayBuffer)) {
      this.hear(parse(String(data)))
      return
    }
    this.unpacking += 1
    this.reading = this.reading.then(async () => {
      const text = data instanceof ArrayBuffer ? await unpacked(data) : String(data)
      this.unpacking -= 1
      if (this.socket !== socket) return
      this.hear(data instanceof ArrayBuffer ? this.withHead(text) : parse(text))
    })
  }

  private withHead(cases: string): FeedMessage[] {
    const head = this.head
    this.head = null
    return head ? known([{ ...head, cases: JSON.parse(cases) as SnapshotMessage['cases'] }]) : []
  }

  private hear(messages: readonly FeedMessage[]): void {
    if (messages.length === 0) return
    const now = this.options.now()
    this.saidAnythingMs = now
    for (const message of messages) {
      if (message.op === 'snapshot' && message.packed) {
        this.head = { ...message, packed: false }
        return
      }
      this.note(message, now)
    }
    this.state = afterMessages(this.state, messages)
    const last = messages[messages.length - 1] ?? null
    this.options.onState(this.state, last)
  }

  /** What a message says of the link. */
  private note(message: FeedMessage, now: number): void {
    const link: Partial<LinkView> = {}
    if (message.op === 'beat') {
      link.source = message.source ?? 'live'
      link.stopped = message.alarms_stopped ?? null
      link.devicesSilentMs = message.devices_silent_since ? Date.parse(message.devices_silent_since) : null
    }
    if ((link.source ?? this.link.source) !== 'none' || message.op === 'snapshot') link.lastHeardMs = now
    if (message.op === 'snapshot' || message.op === 'resumed') {
      Object.assign(link, { state: 'live', tries: 0 })
      this.pingedAtMs = now
      this.say({ op: 'ping', t: now })
    }
    if (message.op === 'pong') link.latencyMs = Math.max(0, now - message.t)
    if (message.op === 'beat' || message.op === 'snapshot') link.serverAheadMs = this.ahead(message.at, now)
    this.show(link)
  }

  private ahead(at: string, now: number): number {
    this.samples = [...this.samples, Date.parse(at) - now].slice(-15)
    return aheadOf(this.samples)
  }

  private wait(): void {
    const tries = this.link.tries + 1
    this.retryAtMs = this.options.now() + retryDelayMs(tries, Math.random())
    this.show({ state: 'waiting', tries, latencyMs: null })
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  private say(message: Record<string, unknown>): void {
    this.socket?.send(JSON.stringify(message))
  }

  private show(change: Partial<LinkView>): void {
    this.link = { ...this.link, ...change }
    this.options.onLink(this.link)
  }
}

async function unpacked(data: ArrayBuffer): Promise<string> {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Response(stream).text()
}

function parse(text: string): FeedMessage[] {
  try {
    const told = JSON.parse(text) as FeedMessage | FeedMessage[]
    return known(Array.isArray(told) ? told : [told])
  } catch {
    return []
  }
}

/** A message we do not know is passed over: the server may be newer than the page. */
function known(messages: readonly FeedMessage[]): FeedMessage[] {
  return messages.flatMap((message): FeedMessage[] => {
    if (message.op === 'snapshot') return [{ ...message, cases: message.cases.map(wholeCase) }]
    if (message.op === 'case') return [{ ...message, case: wholeCase(message.case) }]
    return ['resumed', 'beat', 'pong'].includes(message.op) ? [message] : []
  })
}

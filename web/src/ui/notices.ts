/** What one is told, kept live: the newest notices, how many are unread, and what was told before them. */
import { computed, onBeforeUnmount, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'

import { api, codeOf, told } from '@/api/client'
import { session } from '@/api/session'
import type { Notice } from '@/api/types'

export interface Frame {
  op: 'notices'
  unread: number
  items: Notice[]
}

const CLOSE_NOT_SIGNED_IN = 4401
const LONGEST_WAIT_MS = 30_000
const FIRST_WAIT_MS = 500
/** The server says something at least every 30 s; above this silence the line is dead, whatever the browser thinks. */
const GIVE_UP_AFTER_MS = 75_000
const CHECK_EVERY_MS = 5_000

/** The last told first; what comes again takes the place of what it was. */
export function merged(known: readonly Notice[], news: readonly Notice[]): Notice[] {
  const all = new Map([...known, ...news].map((notice) => [notice.id, notice]))
  return [...all.values()].sort((a, b) => Date.parse(b.told_at) - Date.parse(a.told_at) || (a.id < b.id ? 1 : -1))
}

export function frameOf(text: string): Frame | null {
  try {
    const frame = JSON.parse(text) as Partial<Frame>
    return frame.op === 'notices' && Array.isArray(frame.items) ? (frame as Frame) : null
  } catch {
    return null
  }
}

export interface Notices {
  items: ShallowRef<Notice[]>
  unread: Ref<number>
  /** Whether there may be earlier ones. */
  hasMore: ComputedRef<boolean>
  /** Why the earlier ones, or the mark, did not get through. */
  error: ShallowRef<string | null>
  busy: Ref<boolean>
  more(): Promise<void>
  /** All that are shown. */
  markRead(): Promise<void>
}

/** For as long as the part that calls it is on the page. */
export function useNotices(): Notices {
  const items = shallowRef<Notice[]>([])
  const unread = ref(0)
  const error = shallowRef<string | null>(null)
  const busy = ref(false)
  const cursor = shallowRef<string | null | undefined>(undefined)
  let socket: WebSocket | null = null
  let heardAt = Date.now()
  let tries = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let ended = false

  function open(): void {
    clearTimeout(retry)
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const mine = new WebSocket(`${scheme}://${location.host}/api/v1/notices/feed`)
    socket = mine
    heardAt = Date.now()
    mine.onmessage = ({ data }) => {
      const frame = frameOf(String(data))
      if (frame === null) return
      tries = 0
      heardAt = Date.now()
      unread.value = frame.unread
      items.value = merged(items.value, frame.items)
    }
    mine.onclose = ({ code }) => {
      if (mine !== socket || ended) return
      socket = null
      if (code !== CLOSE_NOT_SIGNED_IN) wait()
    }
  }

  /** A refused handshake does not say why; whoever is signed out meanwhile is sent away by the page itself. */
  function wait(): void {
    if (session.account === null) return
    tries += 1
    retry = setTimeout(open, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 10)) * (1 + Math.random() / 5))
  }

  const check = setInterval(() => {
    if (socket === null || Date.now() - heardAt < GIVE_UP_AFTER_MS) return
    const dead = socket
    socket = null
    dead.close()
    wait()
  }, CHECK_EVERY_MS)
  const backOnline = (): void => {
    if (socket === null && !ended) open()
  }
  window.addEventListener('online', backOnline)
  open()
  onBeforeUnmount(() => {
    ended = true
    clearTimeout(retry)
    clearInterval(check)
    window.removeEventListener('online', backOnline)
    socket?.close()
  })

  async function attempt(work: () => Promise<void>): Promise<void> {
    busy.value = true
    error.value = null
    try {
      await work()
    } catch (cause) {
      error.value = codeOf(cause)
    } finally {
      busy.value = false
    }
  }

  /** The feed tells the newest; the list starts from its beginning, so that between the two nothing is missed. */
  const more = (): Promise<void> =>
    attempt(async () => {
      const page = await told(api.GET('/api/v1/notices', { params: { query: { cursor: cursor.value ?? null } } }))
      items.value = merged(items.value, page.items)
      cursor.value = page.next_cursor
      unread.value = page.unread
    })

  const markRead = (): Promise<void> =>
    attempt(async () => {
      const newest = items.value[0]
      if (!newest || unread.value === 0) return
      const answer = await told(api.POST('/api/v1/notices/read', { body: { until: newest.told_at } }))
      unread.value = answer.unread
    })

  return { items, unread, error, busy, hasMore: computed(() => cursor.value !== null), more, markRead }
}

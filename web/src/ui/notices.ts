/** What one is told, kept live: the newest notices, how many are unread, and what was told before them. */
import { computed, onBeforeUnmount, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'

import { api, codeOf, told } from '@/api/client'
import type { Notice } from '@/api/types'

import { openSocket } from './socket'

export interface Frame {
  op: 'notices'
  unread: number
  items: Notice[]
}

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

/** Where its reader can do something about it; null: no page of theirs shows it alone. */
export function pageOf(notice: Notice, role: string | undefined): string | null {
  if (role === 'worker' && notice.visit_id) return `/worker/visits/${notice.visit_id}`
  if (role !== 'family') return null
  if (notice.order_id) return `/family/orders/${notice.order_id}`
  if (notice.kind === 'alarm') return '/family'
  return notice.series_id ? `/family/series/${notice.series_id}` : null
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
  const end = openSocket('/api/v1/notices/feed', (text) => {
    const frame = frameOf(text)
    if (frame === null) return false
    unread.value = frame.unread
    items.value = merged(items.value, frame.items)
    return true
  })
  onBeforeUnmount(end)

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

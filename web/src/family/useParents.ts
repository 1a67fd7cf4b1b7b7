/** The elders of this family as they are now: read at once, then again and again while somebody looks. */
import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'

import { wholeCase } from '@/api/cases'
import { api, Problem, told } from '@/api/client'
import type { CaseView, ElderRow, TimelineEntry, Vital } from '@/api/types'
import { nowMs } from '@/ui/now'

import type { Home } from './sentences'

export interface Parent {
  elder: ElderRow
  running: { view: CaseView; timeline: TimelineEntry[] }[]
  past: CaseView[]
  /** Null: without the grant to see them. */
  vitals: Vital[] | null
  home: Home
}

const EVERY_MS = 15_000
const PAST = 20

async function ifGranted<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Problem && error.code === 'grants.lacking') return null
    throw error
  }
}

async function readParent(elder: ElderRow): Promise<Parent> {
  const query = { elder_id: elder.id }
  const path = { elder_id: elder.id }
  const [active, past, vitals, profile] = await Promise.all([
    told(api.GET('/api/v1/alarms/cases', { params: { query } })),
    told(api.GET('/api/v1/alarms/history', { params: { query: { ...query, limit: PAST } } })),
    ifGranted(told(api.GET('/api/v1/elders/{elder_id}/vitals/latest', { params: { path } }))),
    told(api.GET('/api/v1/elders/{elder_id}', { params: { path } })),
  ])
  const running = await Promise.all(
    active.items.map(async (one) => {
      const whole = await told(api.GET('/api/v1/alarms/cases/{case_id}', { params: { path: { case_id: one.id } } }))
      return { view: wholeCase(whole), timeline: whole.timeline }
    }),
  )
  return { elder, running, past: past.items.map(wholeCase), vitals, home: profile.location }
}

export function useParents(signedOut: () => void) {
  /** How many of one's requests for access still wait. */
  const waiting = ref(0)
  const parents = shallowRef<Parent[] | null>(null)
  /** When what is shown was true, as RFC 3339. */
  const readAt = ref<string | null>(null)
  const failed = ref(false)
  const busy = ref(false)

  async function again(): Promise<void> {
    if (busy.value) return
    busy.value = true
    const began = new Date(nowMs.value).toISOString()
    try {
      const [elders, asked] = await Promise.all([
        told(api.GET('/api/v1/elders')),
        told(api.GET('/api/v1/grants', { params: { query: { state: 'asked' } } })),
      ])
      waiting.value = asked.items.length
      parents.value = await Promise.all(elders.items.map(readParent))
      readAt.value = began
      failed.value = false
    } catch (error) {
      failed.value = true
      if (error instanceof Problem && error.status === 401) signedOut()
    } finally {
      busy.value = false
    }
  }
  const lookAgain = (): void => {
    if (document.visibilityState === 'visible') void again()
  }
  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    void again()
    timer = setInterval(lookAgain, EVERY_MS)
    document.addEventListener('visibilitychange', lookAgain)
    window.addEventListener('online', lookAgain)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', lookAgain)
    window.removeEventListener('online', lookAgain)
  })
  return { parents, waiting, readAt, failed, busy, again }
}

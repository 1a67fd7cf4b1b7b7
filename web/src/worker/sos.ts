/** A worker's own call for help: said again and again until an operator has seen it, also after the page was closed. */
import { computed, reactive, readonly } from 'vue'

import { api, newKey, told } from '@/api/client'
import { session } from '@/api/session'
import type { SosState } from '@/api/types'

/** `sending`: nobody has taken it yet. */
export type CallState = 'sending' | SosState

interface Call {
  worker_id: string
  event_id: string
  /** By this phone's clock. */
  pressed_at: string
  state: CallState
  answered_by: string | null
  location: { lat: number; lon: number; accuracy_m: number } | null
}

const KEY = 'yian.sos'
const AGAIN_MS = 3000
const CALM_AGAIN_MS = 15_000
const FIX_MS = 20_000

const here = reactive<{ call: Call | null }>({ call: null })
let timer: ReturnType<typeof setTimeout> | undefined

function keep(): void {
  try {
    if (here.call) localStorage.setItem(KEY, JSON.stringify(here.call))
    else localStorage.removeItem(KEY)
  } catch {
    // Then it lasts as long as the page.
  }
}

async function say(): Promise<void> {
  clearTimeout(timer)
  const call = here.call
  if (!call || call.state === 'closed') return
  try {
    const { event_id, pressed_at, location, worker_id } = call
    const body = { event_id, pressed_at, location }
    const answer = await told(api.POST('/api/v1/workers/{worker_id}/sos', { params: { path: { worker_id } }, body }))
    call.state = answer.state
    call.answered_by = answer.answered_by
  } catch {
    // Whatever it was: somebody needs help, so it is said again.
  }
  if (here.call !== call) return
  keep()
  timer = setTimeout(() => void say(), call.state === 'answered' ? CALM_AGAIN_MS : AGAIN_MS)
}

/** Where this is, as soon as the phone knows it; the call does not wait for that. */
function locate(call: Call): void {
  if (!('geolocation' in navigator)) return
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      call.location = { lat: coords.latitude, lon: coords.longitude, accuracy_m: coords.accuracy }
      if (here.call === call) void say()
    },
    () => undefined,
    { enableHighAccuracy: true, timeout: FIX_MS, maximumAge: 60_000 },
  )
}

function press(): void {
  const worker_id = session.account?.worker_id
  if (!worker_id || (here.call && here.call.state !== 'closed')) return
  here.call = { worker_id, event_id: newKey(), pressed_at: new Date().toISOString(), state: 'sending', answered_by: null, location: null }
  keep()
  locate(here.call)
  void say()
}

/** It is over, and has been read. */
function seen(): void {
  here.call = null
  keep()
}

/** Of these pages, once: a call that was under way when the page was closed goes on. */
export function resumeSos(): () => void {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Call | null
    here.call = kept && kept.worker_id === session.account?.worker_id ? kept : null
  } catch {
    here.call = null
  }
  void say()
  const now = (): void => void say()
  window.addEventListener('online', now)
  return () => {
    clearTimeout(timer)
    window.removeEventListener('online', now)
  }
}

export function useSos() {
  return { call: readonly(computed(() => here.call)), press, seen }
}

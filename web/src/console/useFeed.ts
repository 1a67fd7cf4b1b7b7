/** The feed as reactive state: cases, link, stale seconds, and the sound that belongs to them. */
import { computed, onBeforeUnmount, shallowRef, watchEffect, type ComputedRef, type ShallowRef } from 'vue'

import { csrfToken } from '@/api/client'
import type { CaseView } from '@/api/types'
import { nowMs, setServerAhead, tickNow } from '@/ui/now'

import { CONNECTING, FeedConnection, STALE_AFTER_MS, type LinkView } from '@/ui/cases/connection'
import { NOTHING_KNOWN, withCases, type FeedState } from '@/ui/cases/feed'
import { isSignedOut, openFeedSocket } from '@/ui/cases/socket'

import { deskPrefs } from './deskPrefs'
import { isMine } from './keys'
import { ringer } from './ringer'
import { loudness, soundNow } from './sound'

const ACTIVE_EVERY_MS = 15_000
const LEASE_MS = 60_000
/** In a flood the page is drawn this often, whatever comes. */
const TOGETHER_MS = 60

export interface Feed {
  state: ShallowRef<FeedState>
  link: ShallowRef<LinkView>
  /** Whole seconds of silence once it counts as stale, else 0. */
  staleSeconds: ComputedRef<number>
  /** Whole seconds for which half of the devices or all of them have been silent, else 0. */
  silentSeconds: ComputedRef<number>
  /** Whole seconds for which alarms have not been getting through, else 0. */
  stoppedSeconds: ComputedRef<number>
  holding: ComputedRef<boolean>
  /** When the leases of this page's claims were last renewed, server time in ms. */
  activeAtMs: ShallowRef<number>
  take(view: CaseView): void
  retryNow(): void
  wasActive(): void
}

export function useFeed(me: string, role: string): Feed {
  const state = shallowRef<FeedState>(NOTHING_KNOWN)
  let newest = NOTHING_KNOWN
  let pause: ReturnType<typeof setTimeout> | null = null
  const startedAtMs = Date.now()
  const link = shallowRef<LinkView>(CONNECTING)
  const activeAtMs = shallowRef(0)
  const connection = new FeedConnection({
    openSocket: openFeedSocket,
    csrf: csrfToken,
    now: () => Date.now(),
    onState: show,
    onLink: (next) => {
      if (next.state === 'waiting' && next.tries !== link.value.tries) void endIfSignedOut()
      link.value = next
      setServerAhead(next.serverAheadMs)
    },
  })

  /** The first change is shown at once; those that follow hot on it are shown together. */
  function show(next: FeedState): void {
    newest = next
    if (pause !== null) return
    state.value = next
    pause = setTimeout(() => {
      pause = null
      if (state.value !== newest) show(newest)
    }, TOGETHER_MS)
  }

  function secondsSince(ms: number | null): number {
    return ms === null ? 0 : Math.max(1, Math.floor((nowMs.value - ms) / 1000))
  }

  async function endIfSignedOut(): Promise<void> {
    if (await isSignedOut()) connection.signedOut()
  }

  const staleSeconds = computed(() => {
    const now = nowMs.value - link.value.serverAheadMs
    const silent = now - (link.value.lastHeardMs ?? startedAtMs)
    return silent > STALE_AFTER_MS ? Math.floor(silent / 1000) : 0
  })
  const silentSeconds = computed(() => {
    return secondsSince(link.value.devicesSilentMs)
  })
  const stoppedSeconds = computed(() => {
    const { stopped } = link.value
    return secondsSince(stopped === null ? null : Date.parse(stopped.since))
  })
  const holding = computed(() => [...state.value.cases.values()].some((view) => isMine(view, me)))

  const timer = setInterval(() => {
    tickNow()
    connection.tick()
  }, 1000)
  const backOnline = (): void => connection.retryNow()
  window.addEventListener('online', backOnline)
  const stopSound = watchEffect(() => {
    const ring = soundNow(state.value.cases.values(), staleSeconds.value, silentSeconds.value, stoppedSeconds.value, role)
    ringer.set(ring, loudness(deskPrefs.volume, holding.value, ring))
  })

  connection.start()
  onBeforeUnmount(() => {
    clearInterval(timer)
    if (pause !== null) clearTimeout(pause)
    window.removeEventListener('online', backOnline)
    connection.stop()
    stopSound()
    ringer.set(null, 0)
  })

  return {
    state,
    link,
    staleSeconds,
    silentSeconds,
    stoppedSeconds,
    holding,
    activeAtMs,
    take: (view) => connection.take((current) => withCases(current, [view])),
    retryNow: () => connection.retryNow(),
    wasActive: () => {
      if (!holding.value || link.value.state !== 'live' || nowMs.value - activeAtMs.value < ACTIVE_EVERY_MS) return
      activeAtMs.value = nowMs.value
      connection.sayActive()
    },
  }
}

/** Seconds until a claim lapses, counting what this page has renewed since the case last moved. */
export function leaseSeconds(view: CaseView, activeAtMs: number, now: number): number | null {
  if (!view.lease_until) return null
  const until = Math.max(Date.parse(view.lease_until), activeAtMs > 0 ? activeAtMs + LEASE_MS : 0)
  return Math.max(0, Math.round((until - now) / 1000))
}

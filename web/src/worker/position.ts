/** Where this worker is, for whoever waits for them: only on a visit, only if they have agreed, the newest alone. */
import { onBeforeUnmount, watch } from 'vue'

import { api } from '@/api/client'
import { session } from '@/api/session'
import { remembered } from '@/ui/remembered'

/** Often enough for “about 8 minutes”, seldom enough for the battery. */
const EVERY_MS = 60_000
const TIMEOUT_MS = 20_000

/** Null: not asked yet. */
export const consent = remembered<{ given: boolean | null }>('yian.worker.position', { given: null })

function tell(): void {
  const worker_id = session.account?.worker_id
  // Where somebody was an hour ago helps nobody: without network nothing is kept.
  if (!worker_id || !navigator.onLine || !('geolocation' in navigator)) return
  navigator.geolocation.getCurrentPosition(
    ({ coords, timestamp }) => {
      const place = { lat: coords.latitude, lon: coords.longitude, datum: 'WGS-84' as const }
      const body = { place, accuracy_m: Math.min(coords.accuracy, 100_000), at: new Date(timestamp).toISOString() }
      void api.POST('/api/v1/workers/{worker_id}/positions', { params: { path: { worker_id } }, body }).catch(() => null)
    },
    () => undefined,
    { enableHighAccuracy: false, timeout: TIMEOUT_MS, maximumAge: EVERY_MS / 2 },
  )
}

/** @param onVisit on the way or at the door */
export function usePosition(onVisit: () => boolean): void {
  let timer: ReturnType<typeof setInterval> | undefined
  watch(
    () => consent.given === true && onVisit(),
    (telling) => {
      clearInterval(timer)
      if (!telling) return
      tell()
      timer = setInterval(tell, EVERY_MS)
    },
    { immediate: true },
  )
  onBeforeUnmount(() => clearInterval(timer))
}

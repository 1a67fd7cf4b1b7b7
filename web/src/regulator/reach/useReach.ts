/** Which region, day, service and hour are looked at: in the address, so that it can be sent to somebody else. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import { session } from '@/api/session'
import { dayOf } from '@/i18n/time'
import { nowMs } from '@/ui/now'

export function useReach() {
  const route = useRoute()
  const router = useRouter()
  const text = (name: string): string => (typeof route.query[name] === 'string' ? route.query[name] : '')

  const own = computed(() => [...(session.account?.regions ?? [])].sort()[0] ?? '')
  const today = computed(() => dayOf(new Date(nowMs.value)))
  const region = computed(() => text('region') || own.value)
  const day = computed(() => (/^20\d\d-\d\d-\d\d$/.test(text('day')) ? text('day') : today.value))
  const service = computed(() => text('service'))
  const hour = computed(() => (/^([01]?\d|2[0-3])$/.test(text('hour')) ? Number(text('hour')) : null))

  function query(changes: Record<string, string>) {
    const now = { region: region.value, day: day.value, ...(service.value && { service: service.value }), ...(hour.value !== null && { hour: String(hour.value) }) }
    return { ...now, ...changes }
  }
  /** Another hour or service of what is shown already leaves no step to go back to. */
  function look(changes: Record<string, string>): void {
    void router.replace({ query: query(changes) })
  }
  function go(changes: Record<string, string>): void {
    void router.push({ query: query(changes) })
  }
  return { region, day, today, service, hour, query, look, go }
}

/** Which region and which months are looked at: in the address, so that it can be sent to somebody else. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import { session } from '@/api/session'
import { dayOf } from '@/i18n/time'
import { nowMs } from '@/ui/now'

export const SPANS = [1, 3, 12] as const
export type Months = (typeof SPANS)[number]

export function useAsked() {
  const route = useRoute()
  const router = useRouter()
  const own = computed(() => [...(session.account?.regions ?? [])].sort()[0] ?? '')
  const thisMonth = computed(() => dayOf(new Date(nowMs.value)).slice(0, 7))
  const text = (name: string): string => (typeof route.query[name] === 'string' ? route.query[name] : '')

  const region = computed(() => text('region') || own.value)
  const month = computed(() => (/^20\d\d-(0[1-9]|1[0-2])$/.test(text('month')) ? text('month') : thisMonth.value))
  const months = computed<Months>(() => SPANS.find((one) => String(one) === text('months')) ?? 1)

  function link(path: string, changes: Record<string, string> = {}) {
    return { path, query: { region: region.value, month: month.value, months: String(months.value), ...changes } }
  }
  function change(changes: Record<string, string>): void {
    void router.push(link(route.path, changes))
  }
  const question = computed(() => ({ region: region.value, month: month.value, months: months.value }))
  return { region, month, months, thisMonth, question, link, change }
}

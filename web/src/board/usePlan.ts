/** The plan of a county's day, read every few seconds while the page is looked at; what was read last stays. */
import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'

import { api, codeOf, told } from '@/api/client'
import type { Plan } from '@/api/types'
import { nowMs } from '@/ui/now'

const EVERY_MS = 4000

export function usePlan(asked: () => { area: string; day: string } | null) {
  const plan = shallowRef<Plan | null>(null)
  const error = ref<string | null>(null)
  const readAtMs = ref(0)
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function again(): Promise<void> {
    const mine = (turn += 1)
    clearTimeout(timer)
    const wanted = asked()
    if (wanted && !document.hidden) {
      try {
        const found = await told(api.GET('/api/v1/board', { params: { query: wanted } }))
        if (mine !== turn) return
        plan.value = found
        error.value = null
        readAtMs.value = nowMs.value
      } catch (cause) {
        if (mine !== turn) return
        error.value = codeOf(cause)
      }
    }
    if (mine === turn) timer = setTimeout(() => void again(), EVERY_MS)
  }
  watch(
    () => JSON.stringify(asked()),
    () => {
      plan.value = null
      error.value = null
      void again()
    },
    { immediate: true },
  )
  onBeforeUnmount(() => {
    turn += 1
    clearTimeout(timer)
  })
  return { plan, error, readAtMs, again }
}

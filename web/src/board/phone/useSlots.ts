/** When somebody could come on a day. */
import { ref, shallowRef, watch } from 'vue'

import { api, codeOf, Problem, told } from '@/api/client'
import type { Slots } from '@/api/types'

export interface SlotQuestion {
  elderId: string
  providerId: string
  serviceCode: string
  day: string
  quantity: number
}

export function useSlots(asked: () => SlotQuestion | null) {
  const slots = shallowRef<Slots | null>(null)
  const error = shallowRef<Problem | null>(null)
  const busy = ref(false)
  let turn = 0

  async function again(): Promise<void> {
    const mine = (turn += 1)
    const question = asked()
    slots.value = null
    error.value = null
    if (!question) return
    busy.value = true
    const { elderId, providerId, serviceCode, day, quantity } = question
    const query = { provider_id: providerId, service_code: serviceCode, day, quantity, limit: 48 }
    try {
      const found = await told(api.GET('/api/v1/elders/{elder_id}/slots', { params: { path: { elder_id: elderId }, query } }))
      if (mine === turn) slots.value = found
    } catch (cause) {
      if (mine === turn) error.value = cause instanceof Problem ? cause : new Problem(0, codeOf(cause), String(cause))
    } finally {
      if (mine === turn) busy.value = false
    }
  }
  watch(() => JSON.stringify(asked()), () => void again(), { immediate: true })
  return { slots, error, busy, again }
}

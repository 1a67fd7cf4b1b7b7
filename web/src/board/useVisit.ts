/** One visit: its order with the history, and why it is arranged so. Read anew when the order has moved on. */
import { ref, shallowRef, watch } from 'vue'

import { api, codeOf, told } from '@/api/client'
import type { OrderDetail, Why } from '@/api/types'

export function useVisit(asked: () => { orderId: string; visitId: string; version: number }) {
  const detail = shallowRef<OrderDetail | null>(null)
  const why = shallowRef<Why | null>(null)
  const error = ref<string | null>(null)
  const whyAway = ref(false)
  let turn = 0

  async function again(): Promise<void> {
    const mine = (turn += 1)
    const { orderId, visitId } = asked()
    error.value = null
    const order = told(api.GET('/api/v1/orders/{order_id}', { params: { path: { order_id: orderId } } }))
    const reason = told(api.GET('/api/v1/visits/{visit_id}/why', { params: { path: { visit_id: visitId } } }))
    const [first, second] = await Promise.allSettled([order, reason])
    if (mine !== turn) return
    if (first.status === 'fulfilled') detail.value = first.value
    else error.value = codeOf(first.reason)
    whyAway.value = second.status === 'rejected'
    if (second.status === 'fulfilled') why.value = second.value
  }
  watch(() => JSON.stringify(asked()), () => void again(), { immediate: true })
  return { detail, why, error, whyAway, again }
}

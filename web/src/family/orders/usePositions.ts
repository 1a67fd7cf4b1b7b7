import { computed, type ComputedRef } from 'vue'

import { api, told } from '@/api/client'
import type { WorkerPosition } from '@/api/types'

import { useLook } from '../useLook'

const EVERY_MS = 10_000

/** @param orderId null: nobody is on the way */
export function usePositions(orderId: () => string | null): ComputedRef<WorkerPosition[]> {
  const { value } = useLook(
    orderId,
    async (order_id) => (order_id ? told(api.GET('/api/v1/orders/{order_id}/worker-position', { params: { path: { order_id } } })) : []),
    () => (orderId() ? EVERY_MS : null),
  )
  return computed(() => value.value ?? [])
}

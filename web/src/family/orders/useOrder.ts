import { api, told } from '@/api/client'
import type { OrderDetail } from '@/api/types'

import { useLook, type Look } from '../useLook'
import { isLive } from './steps'

const EVERY_MS = 5_000

/** One order as it is now, followed while something of it is to come. */
export function useOrder(orderId: () => string): Look<OrderDetail> {
  return useLook(
    orderId,
    (order_id) => told(api.GET('/api/v1/orders/{order_id}', { params: { path: { order_id } } })),
    (detail) => (detail === null || isLive(detail.order) ? EVERY_MS : null),
  )
}

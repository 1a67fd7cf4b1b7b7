import { api, told } from '@/api/client'
import type { OrderDetail } from '@/api/types'

import { useLook, type Look } from '../useLook'
import { isLive } from './steps'
import { useOrderFeed } from './useOrderFeed'

/** Should the line that tells of moves be broken. */
const EVERY_MS = 20_000

/** One order as it is now, followed while something of it is to come. */
export function useOrder(orderId: () => string): Look<OrderDetail> {
  const look = useLook(
    orderId,
    (order_id) => told(api.GET('/api/v1/orders/{order_id}', { params: { path: { order_id } } })),
    (detail) => (detail === null || isLive(detail.order) ? EVERY_MS : null),
  )
  useOrderFeed((moved) => {
    if (moved === null || moved === orderId()) void look.again()
  })
  return look
}

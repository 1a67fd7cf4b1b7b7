import { api, told } from '@/api/client'
import type { ServedDish } from '@/api/types'

import { addDays } from '../dates'

const AHEAD = 7

/** What is cooked for her in the week from that day on. */
export async function servedFrom(elder_id: string, first: string): Promise<ServedDish[]> {
  const days = Array.from({ length: AHEAD }, (_, n) => addDays(first, n))
  const menus = await Promise.all(days.map((day) => told(api.GET('/api/v1/elders/{elder_id}/menus', { params: { path: { elder_id }, query: { day } } }))))
  return menus.flatMap((menu) => menu.items)
}

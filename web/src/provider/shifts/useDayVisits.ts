/** What a worker has to do on a day, as the orders say it. */
import { api, told } from '@/api/client'
import type { OrderView } from '@/api/types'
import { useRead, type Read } from '@/ui/useRead'

export interface DayVisit {
  id: string
  starts_at: string
  ends_at: string
  elder: string
  service: OrderView['service_name']
}

const OVER = new Set(['done', 'cancelled', 'missed', 'not_met', 'interrupted'])

export function useDayVisits(workerId: () => string, day: () => string): Read<DayVisit[]> {
  return useRead(
    () => `${workerId()} ${day()}`,
    () => visitsOn(workerId(), day()),
  )
}

/** That are still to come or under way, the first first. */
export async function visitsOn(workerId: string, day: string): Promise<DayVisit[]> {
  const { items } = await told(api.GET('/api/v1/orders', { params: { query: { worker_id: workerId, day, limit: 200 } } }))
  return items.flatMap((order) => visitsOf(order, workerId)).sort((a, b) => a.starts_at.localeCompare(b.starts_at))
}

function visitsOf(order: OrderView, workerId: string): DayVisit[] {
  return order.visits.flatMap((visit) => {
    if (visit.worker?.id !== workerId || !visit.starts_at || !visit.ends_at || OVER.has(visit.state)) return []
    return [{ id: visit.id, starts_at: visit.starts_at, ends_at: visit.ends_at, elder: order.elder.name, service: order.service_name }]
  })
}

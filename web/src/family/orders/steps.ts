/** How far an order is. Pure. */
import type { OrderView } from '@/api/types'

export const STEPS = ['placed', 'accepted', 'on_the_way', 'in_service', 'done'] as const
export type Step = (typeof STEPS)[number]

/** States in which something of an order is still to come. */
export const LIVE: OrderView['state'][] = ['placed', 'assigned', 'accepted', 'under_way']
const ENDED_OTHERWISE = ['cancelled', 'missed', 'not_met', 'interrupted']

export function isLive(order: Pick<OrderView, 'state'>): boolean {
  return LIVE.includes(order.state)
}

export function isMeal(order: Pick<OrderView, 'kitchen_id'>): boolean {
  return Boolean(order.kitchen_id)
}

/** Of the visit that is furthest. */
export function reached(order: OrderView): Step {
  if (order.state === 'done') return 'done'
  const states = order.visits.map((visit) => visit.state)
  if (states.includes('in_service') || (order.state === 'under_way' && states.includes('done'))) return 'in_service'
  if (states.includes('on_the_way')) return 'on_the_way'
  return order.state === 'accepted' ? 'accepted' : 'placed'
}

/** Null: it ended in another way, and a sentence says how. */
export function stepsOf(order: OrderView): { step: Step; is: 'past' | 'now' | 'ahead' }[] | null {
  if (ENDED_OTHERWISE.includes(order.state) || order.state === 'disputed') return null
  const at = STEPS.indexOf(reached(order))
  return STEPS.map((step, index) => ({ step, is: index < at ? 'past' : index === at ? 'now' : 'ahead' }))
}

/** What the family may do about it. A meal cannot be moved: the menu of another day is another. */
export function movesOf(order: OrderView): { cancel: boolean; move: boolean; dispute: boolean } {
  const served = order.visits.some((visit) => visit.state === 'in_service' || visit.state === 'done')
  return {
    cancel: isLive(order) && !served,
    move: ['placed', 'assigned', 'accepted'].includes(order.state) && !isMeal(order),
    dispute: ['done', 'missed', 'not_met', 'interrupted'].includes(order.state),
  }
}

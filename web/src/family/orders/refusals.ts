/** Why an order was not taken, in the server's own sentence, and the one thing that helps. Pure. */
import { Problem } from '@/api/client'
import { otherMealsOf, type OtherMeal } from '@/ui/otherMeals'

/** What can be done instead. */
export type WayOut =
  | { is: 'price'; shownFen: number; priceFen: number }
  | { is: 'payers'; selfPayFen: number }
  | { is: 'earliest'; at: string }
  | { is: 'nearest'; at: string[] }
  | { is: 'meals'; instead: OtherMeal[] }
  | { is: 'otherTime' }
  | { is: 'otherOrder'; orderId: string }
  | { is: 'otherDish' }
  | { is: 'otherService' }
  | { is: 'again' }
  | { is: 'signIn' }

const OTHER_DISH = ['sold_out', 'not_on_menu', 'dish_refused', 'kitchen_closed', 'outside_kitchen']
const OTHER_TIME = ['too_far', 'outside_hours', 'past_time', 'too_late', 'not_offered', 'provider_not_serving']
const OTHER_SERVICE = ['not_sold', 'not_for_elder']

export function wayOut(problem: Problem): WayOut {
  const { status, code, body } = problem
  const is = code.replace(/^orders\./, '')
  if (status === 401) return { is: 'signIn' }
  if (is === 'price_changed') return { is: 'price', shownFen: Number(body['shown_fen']), priceFen: Number(body['price_fen']) }
  if (is === 'payers_changed') return { is: 'payers', selfPayFen: Number(body['self_pay_fen']) }
  if (is === 'slot_taken') return { is: 'nearest', at: (body['nearest'] as unknown[]).filter((one) => typeof one === 'string') }
  const instead = otherMealsOf(problem)
  if (instead) return { is: 'meals', instead }
  if (is === 'already_ordered') return { is: 'otherOrder', orderId: String(body['order_id']) }
  if (OTHER_DISH.includes(is)) return { is: 'otherDish' }
  if (OTHER_SERVICE.includes(is)) return { is: 'otherService' }
  if (OTHER_TIME.includes(is)) {
    const at = body['earliest_at']
    return typeof at === 'string' ? { is: 'earliest', at } : { is: 'otherTime' }
  }
  return { is: 'again' }
}

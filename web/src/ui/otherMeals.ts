/** Meals that somebody can bring, from the refusal of one that nobody can. Pure. */
import { Problem } from '@/api/client'

export interface OtherMeal {
  day: string
  meal: 'lunch' | 'dinner'
  kitchen_id: string
  kitchen: string
}

/** Null: it is another refusal. */
export function otherMealsOf(cause: unknown): OtherMeal[] | null {
  if (!(cause instanceof Problem) || cause.code !== 'orders.not_carried') return null
  return cause.body['instead'] as OtherMeal[]
}

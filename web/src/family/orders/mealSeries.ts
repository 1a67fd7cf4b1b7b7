/** A meal that repeats: its days as a rule, its hours, and which dishes of a week may be among it. Pure. */
import type { ServedDish, Text } from '@/api/types'

import { minuteOf, ruleOn } from './weekly'

export const MOST_FAVOURITES = 20
export const MOST_PORTIONS = 5
export const WISHES = ['soft', 'low_salt', 'low_sugar'] as const

export type Days = 'work' | 'all' | 'own'

export interface MealOf {
  meal: ServedDish['meal']
  code: 'meal_lunch' | 'meal_dinner'
  kitchenId: string
  providerId: string
  kitchen: string
}

export function queryOfMeal(dish: ServedDish): Record<string, string> {
  return { meal: dish.meal, kitchen: dish.kitchen_id, provider: dish.provider_id, name: dish.kitchen_name }
}

/** Null: the address does not say one. */
export function mealFrom(query: Record<string, unknown>): MealOf | null {
  const { meal, kitchen, provider, name } = query
  if (typeof kitchen !== 'string' || typeof provider !== 'string' || (meal !== 'lunch' && meal !== 'dinner')) return null
  return { meal, code: `meal_${meal}`, kitchenId: kitchen, providerId: provider, kitchen: typeof name === 'string' ? name : '' }
}

/** @param own 1 Monday to 7 Sunday */
export function ruleOf(days: Days, own: readonly number[]): string {
  return days === 'all' ? ruleOn([1, 2, 3, 4, 5, 6, 7]) : ruleOn(days === 'work' ? [1, 2, 3, 4, 5] : own)
}

export function hoursOf(window: { begin: string; end: string }): { at_min: number; earliest_min: number; latest_min: number } {
  const begin = minuteOf(window.begin)
  return { at_min: begin, earliest_min: begin, latest_min: Math.max(begin, minuteOf(window.end)) }
}

export interface Dishes {
  may: ServedDish['dish'][]
  never: Text[]
}

/** Each dish once: what may be chosen as a favourite, and why others never come. */
export function dishesOf(chosen: { meal: ServedDish['meal']; kitchenId: string } | null, served: readonly ServedDish[]): Dishes {
  const found = new Map<string, ServedDish>()
  for (const one of served) if (one.kitchen_id === chosen?.kitchenId && one.meal === chosen.meal && !found.has(one.dish.id)) found.set(one.dish.id, one)
  const all = [...found.values()]
  const met = (one: ServedDish): Text[] => one.reasons.filter(({ code }) => code.startsWith('allergy')).map(({ says }) => says)
  return { may: all.filter((one) => met(one).length === 0).map((one) => one.dish), never: all.flatMap(met) }
}

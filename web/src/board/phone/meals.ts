/** The menus of a day as the desk reads them. Pure. */
import type { ServedDish } from '@/api/types'

export const MOST_PORTIONS = 20

export interface MealGroup {
  key: string
  meal: ServedDish['meal']
  kitchenId: string
  providerId: string
  kitchen: string
  until: string | null
  closed: boolean
  dishes: ServedDish[]
}

export function codeOfMeal(meal: ServedDish['meal']): 'meal_lunch' | 'meal_dinner' {
  return meal === 'dinner' ? 'meal_dinner' : 'meal_lunch'
}

/** Lunch first, kitchen by kitchen. */
export function groupsOf(items: readonly ServedDish[]): MealGroup[] {
  const found = new Map<string, MealGroup>()
  for (const dish of items) {
    const key = `${dish.meal} ${dish.kitchen_id}`
    const closed = dish.reasons.some((reason) => reason.code === 'too_late')
    const group = found.get(key) ?? { key, meal: dish.meal, kitchenId: dish.kitchen_id, providerId: dish.provider_id, kitchen: dish.kitchen_name, until: dish.taken_until, closed, dishes: [] }
    group.dishes.push(dish)
    found.set(key, group)
  }
  return [...found.values()].sort((a, b) => (a.meal === b.meal ? 0 : a.meal === 'lunch' ? -1 : 1))
}

/** What is ordered of a dish: a whole number that there is, of one that this elder may have. */
export function lineOf(dish: ServedDish, portions: number | undefined): { dish: ServedDish; portions: number }[] {
  const n = Math.min(Math.floor(portions ?? 0), MOST_PORTIONS, dish.portions)
  return dish.reasons.length === 0 && n > 0 ? [{ dish, portions: n }] : []
}

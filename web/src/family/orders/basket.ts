/** What was chosen of a menu: dishes of one kitchen for one meal. Pure; the address of the page holds it. */
import type { ServedDish } from '@/api/types'

export interface Basket {
  day: string
  meal: 'lunch' | 'dinner'
  kitchenId: string
  /** Dish → portions. */
  dishes: ReadonlyMap<string, number>
}

export const MOST_PORTIONS = 20

/** Of another kitchen or meal than before: a new basket. */
export function withPortions(basket: Basket | null, day: string, dish: ServedDish, portions: number): Basket | null {
  const same = basket !== null && basket.day === day && basket.meal === dish.meal && basket.kitchenId === dish.kitchen_id
  const dishes = new Map(same ? basket.dishes : [])
  if (portions > 0) dishes.set(dish.dish.id, portions)
  else dishes.delete(dish.dish.id)
  return dishes.size > 0 ? { day, meal: dish.meal, kitchenId: dish.kitchen_id, dishes } : null
}

export function portionsOf(basket: Basket | null, dish: ServedDish): number {
  if (basket === null || basket.meal !== dish.meal || basket.kitchenId !== dish.kitchen_id) return 0
  return basket.dishes.get(dish.dish.id) ?? 0
}

export function queryOf(basket: Basket): Record<string, string> {
  const dishes = [...basket.dishes].map(([id, portions]) => `${id}:${portions}`).join(',')
  return { day: basket.day, meal: basket.meal, kitchen: basket.kitchenId, dishes }
}

/** Null: the address does not say a basket. */
export function basketOf(query: Record<string, unknown>): Basket | null {
  const { day, meal, kitchen, dishes } = query
  if (typeof day !== 'string' || typeof kitchen !== 'string' || typeof dishes !== 'string') return null
  if (meal !== 'lunch' && meal !== 'dinner') return null
  const chosen = dishes.split(',').flatMap((part): [string, number][] => {
    const [id, portions] = part.split(':')
    const n = Number(portions)
    return id && Number.isInteger(n) && n > 0 && n <= MOST_PORTIONS ? [[id, n]] : []
  })
  return chosen.length > 0 ? { day, meal, kitchenId: kitchen, dishes: new Map(chosen) } : null
}

/** The chosen dishes as they stand on the menu now; one that is gone from it is left out. */
export function linesOf(basket: Basket, menu: readonly ServedDish[]): { dish: ServedDish; portions: number }[] {
  return menu.map((dish) => ({ dish, portions: portionsOf(basket, dish) })).filter(({ portions }) => portions > 0)
}

export function totalOf(lines: readonly { dish: ServedDish; portions: number }[]): number {
  return lines.reduce((sum, { dish, portions }) => sum + dish.price_fen * portions, 0)
}

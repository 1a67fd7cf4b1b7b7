/** A week of menus: what a meal of a day holds, what is wrong with it, and what is copied from the week before. */
import type { Dish, Menu, MenuItem } from '@/api/types'
import { fenOf, yuan } from '@/ui/money'

import { addDays } from '../days'

export const MEALS = ['lunch', 'dinner'] as const satisfies readonly MenuItem['meal'][]
export type Meal = (typeof MEALS)[number]

export interface ItemDraft {
  dish_id: string
  price: string
  portions: string
}

export function draftsOf(menu: Menu, meal: Meal): ItemDraft[] {
  return menu.items.filter((one) => one.meal === meal).map((one) => ({ dish_id: one.dish_id, price: yuan(one.price_fen), portions: String(one.portions) }))
}

/** The whole day: the other meal stays as it was read. */
export function itemsWith(menu: Menu, meal: Meal, drafts: readonly ItemDraft[]): MenuItem[] {
  const written = drafts.map((one) => ({ meal, dish_id: one.dish_id, price_fen: fenOf(one.price) ?? 0, portions: Number(one.portions) }))
  const others = menu.items.filter((one) => one.meal !== meal)
  return meal === 'lunch' ? [...written, ...others] : [...others, ...written]
}

/** Why a meal will not do, as the path of the words that say it. */
export function mealFault(drafts: readonly ItemDraft[], ceilingFen: number | null): string | null {
  if (drafts.some((one) => !one.dish_id)) return 'menuFault.dish'
  if (new Set(drafts.map((one) => one.dish_id)).size < drafts.length) return 'menuFault.twice'
  if (drafts.some((one) => fenOf(one.price) === null)) return 'menuFault.price'
  if (drafts.some((one) => !/^\d{1,6}$/.test(one.portions) || Number(one.portions) > 100_000)) return 'menuFault.portions'
  if (ceilingFen !== null && drafts.some((one) => (fenOf(one.price) ?? 0) > ceilingFen)) return 'menuFault.ceiling'
  return null
}

/** What is to be written: days from today on that hold nothing yet, as the same weekday of the week before. */
export function copies(week: readonly Menu[], before: readonly Menu[], today: string): Menu[] {
  return week
    .filter((menu) => menu.day >= today && menu.items.length === 0)
    .map((menu) => ({ ...menu, items: before.find((one) => one.day === addDays(menu.day, -7))?.items ?? [] }))
    .filter((menu) => menu.items.length > 0)
}

export interface DishDraft {
  zh: string
  en: string
  allergens: string[]
  other: string
  soft: boolean
  lowSalt: boolean
  lowSugar: boolean
  /** Minutes; empty: no limit. */
  fresh: string
}

export function dishDraft(dish: Dish | null): DishDraft {
  if (!dish) return { zh: '', en: '', allergens: [], other: '', soft: false, lowSalt: false, lowSugar: false, fresh: '' }
  return { zh: dish.name.zh, en: dish.name.en, allergens: [...dish.allergens], other: dish.other_allergens, soft: dish.texture === 'soft', lowSalt: dish.low_salt, lowSugar: dish.low_sugar, fresh: String(dish.fresh_min ?? '') }
}

const FRESH_MIN = { least: 10, most: 240 }

/** Null: no limit. */
function freshOf(draft: DishDraft): number | null {
  const written = String(draft.fresh ?? '').trim()
  return written === '' ? null : Number(written)
}

/** What will not do, as a word; null: nothing. */
export function freshFault(draft: DishDraft): string | null {
  const minutes = freshOf(draft)
  const good = minutes === null || (Number.isInteger(minutes) && minutes >= FRESH_MIN.least && minutes <= FRESH_MIN.most)
  return good ? null : 'dish.freshFault'
}

export function dishForm(draft: DishDraft) {
  return {
    name: { zh: draft.zh.trim(), en: draft.en.trim() },
    allergens: [...draft.allergens],
    other_allergens: draft.other.trim(),
    texture: draft.soft ? ('soft' as const) : ('normal' as const),
    low_salt: draft.lowSalt,
    low_sugar: draft.lowSugar,
    fresh_min: freshOf(draft),
  }
}

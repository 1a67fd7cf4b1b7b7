import { describe, expect, test } from 'vitest'

import type { Menu } from '@/api/types'
import { copies, dishDraft, dishForm, draftsOf, freshFault, itemsWith, mealFault } from '@/provider/kitchens/menu'

import { allTexts } from './words'

const item = (meal: 'lunch' | 'dinner', dish_id: string, price_fen = 1800, portions = 50) => ({ meal, dish_id, price_fen, portions })
const menu = (day: string, ...items: Menu['items']): Menu => ({ day, version: items.length ? 1 : 0, items })

describe('a meal being written', () => {
  const day = menu('2026-11-30', item('lunch', 'a'), item('dinner', 'b', 2000))

  test('leaves the other meal of the day as it is', () => {
    expect(itemsWith(day, 'lunch', draftsOf(day, 'lunch'))).toEqual(day.items)
    expect(itemsWith(day, 'dinner', [])).toEqual([item('lunch', 'a')])
    expect(itemsWith(day, 'dinner', [{ dish_id: 'c', price: '12.5', portions: '0' }])).toEqual([item('lunch', 'a'), item('dinner', 'c', 1250, 0)])
  })

  test('says what will not do, in words there are', () => {
    const good = { dish_id: 'a', price: '18', portions: '50' }
    const faults = [[{ ...good, dish_id: '' }], [good, good], [{ ...good, price: 'x' }], [{ ...good, portions: '1.5' }], [{ ...good, price: '26' }]].map((drafts) => mealFault(drafts, 2500))
    expect(faults).toEqual(['menuFault.dish', 'menuFault.twice', 'menuFault.price', 'menuFault.portions', 'menuFault.ceiling'])
    for (const words of faults) expect(allTexts('en').has(words ?? '')).toBe(true)
    expect(mealFault([good], 2500)).toBeNull()
  })
})

test('a dish has no limit in the box, or one from ten minutes to four hours', () => {
  const written = (fresh: string) => ({ ...dishDraft(null), zh: '鱼', en: 'Fish', fresh })
  expect(['', ' 45 ', '10', '240'].map((fresh) => freshFault(written(fresh)))).toEqual([null, null, null, null])
  expect(['9', '241', '1.5', 'x'].map((fresh) => freshFault(written(fresh)))).toEqual(Array(4).fill('dish.freshFault'))
  expect([dishForm(written('')).fresh_min, dishForm(written(' 45 ')).fresh_min]).toEqual([null, 45])
})

test('the week before is copied to days that are still to come and hold nothing', () => {
  const before = [menu('2026-11-23', item('lunch', 'a')), menu('2026-11-24', item('lunch', 'b')), menu('2026-11-25'), menu('2026-11-26', item('lunch', 'd'))]
  const week = [menu('2026-11-30'), menu('2026-12-01'), menu('2026-12-02'), menu('2026-12-03', item('dinner', 'x'))]
  expect(copies(week, before, '2026-12-01').map((one) => [one.day, one.items[0]?.dish_id])).toEqual([['2026-12-01', 'b']])
})

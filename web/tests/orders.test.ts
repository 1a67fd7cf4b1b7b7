import { describe, expect, test } from 'vitest'

import { Problem, saysOf } from '@/api/client'
import type { OrderView, ServedDish, TimelineLine, VisitView } from '@/api/types'
import { dayWords, momentWords } from '@/family/dates'
import { basketOf, linesOf, portionsOf, queryOf, totalOf, withPortions } from '@/family/orders/basket'
import { barOf, lengthWords } from '@/family/orders/distances'
import { movedIn } from '@/family/orders/frames'
import { Keys } from '@/family/orders/keys'
import { dayAsked, daysFrom, inOrder } from '@/family/orders/mealDays'
import { happenedTo, standing } from '@/family/orders/orderSentences'
import { wayOut } from '@/family/orders/refusals'
import { movesOf, stepsOf } from '@/family/orders/steps'
import { clockOfMinute, daysOf, hoursAt, ruleOn, weeklyFrom } from '@/family/orders/weekly'
import { byPartOfDay, startsIn } from '@/family/times'
import { whyNothing } from '@/ui/useQuote'

import { allTexts, words } from './words'

const NOW = Date.parse('2026-11-29T13:52:00+08:00')
const zh = { t: words('zh-CN'), te: (key: string) => allTexts('zh-CN').has(key), nowMs: NOW }

function visit(fields: Partial<VisitView> = {}): VisitView {
  return { id: 'v1', position: 0, state: 'waiting', picks_up: false, locked: false, refused_worker_ids: [], ...fields }
}

function order(fields: Partial<OrderView> = {}): OrderView {
  return {
    id: 'o1', version: 1, state: 'placed', area: '420202', region_code: '420202001', elder: { id: 'e1', name: '王银杏' },
    provider: { id: 'p1', name: '银杏居家' }, service_code: 'cleaning_home', service_version: 1,
    service_name: { zh: '居家保洁', en: 'Home cleaning' }, day: '2026-11-29', wished_from: '2026-11-29T14:00:00+08:00',
    wished_until: '2026-11-29T14:30:00+08:00', duration_min: 60, second_after_min: 0, skills: [], certificates: [],
    refused_worker_ids: [], usual_worker_ids: [], urgent: false, unit: 'hour', quantity: 1, price_fen: 4000, total_fen: 4000, subsidies: [], dishes: [],
    placed_at: '2026-11-29T09:00:00+08:00', visits: [visit()], ...fields,
  }
}

const her = { id: 'w1', name: '陈雨水' }
const agreed = { worker: her, starts_at: '2026-11-29T14:00:00+08:00', told_starts_at: '2026-11-29T14:00:00+08:00', ends_at: '2026-11-29T15:00:00+08:00' }

describe('an order stands in whole sentences', () => {
  const said = (fields: Partial<OrderView>): string[] => standing(order(fields), zh)

  test('from the tap to the end', () => {
    expect(said({})).toEqual(['已经下单，正在安排服务人员。'])
    expect(said({ state: 'accepted', visits: [visit({ ...agreed, state: 'accepted' })] })).toEqual(['陈雨水师傅答应了，今天 14:00上门。'])
    expect(said({ state: 'under_way', visits: [visit({ ...agreed, state: 'on_the_way' })] })).toEqual(['陈雨水师傅正在路上，约 8 分钟到。'])
    expect(said({ state: 'under_way', visits: [visit({ ...agreed, state: 'in_service' })] })).toEqual([
      '陈雨水师傅14:00到了王银杏家，正在服务，预计15:00结束。',
    ])
    expect(said({ state: 'done', visits: [visit({ ...agreed, state: 'done' })] })).toEqual(['陈雨水师傅做完了，今天 15:00结束。'])
  })

  test('where they are says when they come, better than the plan', () => {
    const coming = order({ state: 'under_way', visits: [visit({ ...agreed, state: 'on_the_way' })] })
    const arrivals = new Map([['v1', '2026-11-29T13:57:00+08:00']])
    expect(standing(coming, { ...zh, arrivals })).toEqual(['陈雨水师傅正在路上，约 5 分钟到。'])
  })

  test('who had agreed and cannot come is named until somebody else has agreed', () => {
    const accept = { move: 'accept', visit_id: 'v1', worker_name: '陈雨水' } as TimelineLine
    const offered = order({ state: 'assigned', visits: [visit({ state: 'offered', starts_at: agreed.starts_at })] })
    expect(standing(offered, zh, [accept])).toEqual(['陈雨水师傅来不了了，换一位师傅来。', '排在今天 14:00，正在等服务人员答应。'])
    expect(standing(offered, zh, [accept, { move: 'reschedule' } as TimelineLine])).toHaveLength(1)
    const other = { ...agreed, worker: { id: 'w2', name: '周谷雨' } }
    expect(standing(order({ state: 'accepted', visits: [visit({ ...other, state: 'accepted' })] }), zh, [accept])).toHaveLength(1)
  })

  test('nobody found yet, an address without a position, a meal on its way', () => {
    expect(said({ visits: [visit({ waits_because: 'no_worker' })] })[0]).toContain('还没有找到14:00能去的人')
    expect(said({ visits: [visit({ waits_because: 'no_position' })] })[0]).toContain('王银杏的住址还没有在地图上标出来')
    expect(said({ state: 'under_way', kitchen_id: 'k1', visits: [visit({ ...agreed, state: 'on_the_way' })] })[0]).toContain('送餐路上')
  })

  test('two who come are two sentences, and what both wait for is said once', () => {
    const first = visit({ ...agreed, state: 'accepted' })
    expect(said({ state: 'placed', visits: [first, visit({ id: 'v2' })] })).toHaveLength(2)
    expect(said({ visits: [visit(), visit({ id: 'v2' })] })).toHaveLength(1)
  })

  test('a cancelled one says what it cost', () => {
    expect(said({ state: 'cancelled', cancel_fee_fen: 0 })).toEqual(['这张订单取消了，没有收费。'])
    expect(said({ state: 'cancelled', cancel_fee_fen: 2000 })).toEqual(['这张订单取消了，收取消费 ¥20.00。'])
  })
})

describe('what happened to an order', () => {
  const line = (fields: Partial<TimelineLine>): TimelineLine => ({
    seq: 1, move: 'place', state: 'placed', visit_id: null, visit_state: null, worker_name: null, at: '2026-11-29T09:00:00+08:00',
    device_at: null, clock_suspect: false, actor_name: '林明', actor_role: 'family', reason: null, ...fields,
  })

  test('is said by whom and when, with the reason that a person gave', () => {
    expect(happenedTo(line({}), zh)).toBe('今天 09:00，林明下了单。')
    expect(happenedTo(line({ move: 'interrupt', reason: '送医院了' }), zh)).toBe('今天 09:00，服务中断了。原因：送医院了')
    expect(happenedTo(line({ move: 'miss', reason: 'never_begun' }), zh)).toBe('今天 09:00，约好的时间没有人上门。')
  })

  test('was when the phone did it, unless its clock is not to be believed', () => {
    const moved = { move: 'set_out', worker_name: '陈雨水', device_at: '2026-11-29T08:30:00+08:00' }
    expect(happenedTo(line(moved), zh)).toContain('今天 08:30')
    expect(happenedTo(line({ ...moved, clock_suspect: true }), zh)).toContain('今天 09:00')
  })

  test('does not list what is between the platform and its workers', () => {
    expect(happenedTo(line({ move: 'lock' }), zh)).toBeNull()
  })
})

test('the stepper follows the visit that is furthest, and gives way to a sentence when it ended otherwise', () => {
  const now = (fields: Partial<OrderView>): string | undefined => stepsOf(order(fields))?.find(({ is }) => is === 'now')?.step
  expect(now({ state: 'assigned' })).toBe('placed')
  expect(now({ state: 'accepted' })).toBe('accepted')
  expect(now({ state: 'under_way', visits: [visit({ state: 'done' }), visit({ state: 'accepted' })] })).toBe('in_service')
  expect(now({ state: 'done' })).toBe('done')
  expect(stepsOf(order({ state: 'missed' }))).toBeNull()
})

test('what can be done about an order is what its state allows', () => {
  expect(movesOf(order())).toEqual({ cancel: true, move: true, dispute: false })
  expect(movesOf(order({ kitchen_id: 'k1' })).move).toBe(false)
  expect(movesOf(order({ state: 'under_way', visits: [visit({ state: 'in_service' })] }))).toEqual({ cancel: false, move: false, dispute: false })
  expect(movesOf(order({ state: 'missed' })).dispute).toBe(true)
})

describe('times', () => {
  test('each half hour of the window begins, none before it and none at its end', () => {
    const starts = startsIn([{ begin: '2026-11-29T13:05:00+08:00', end: '2026-11-29T15:00:00+08:00' }])
    expect(starts.map((at) => momentWords(at, NOW, zh.t))).toEqual(['今天 13:30', '今天 14:00', '今天 14:30'])
    expect(startsIn([{ begin: '2026-11-29T13:05:00+08:00', end: '2026-11-29T13:20:00+08:00' }])).toHaveLength(1)
  })

  test('are grouped as one speaks of the day', () => {
    const starts = startsIn([{ begin: '2026-11-30T11:30:00+08:00', end: '2026-11-30T12:30:00+08:00' }])
    expect(byPartOfDay(starts).map(({ part }) => part)).toEqual(['morning', 'afternoon'])
  })

  test('days are named from today in Shanghai, over the end of a year', () => {
    expect(dayWords('2026-11-30', NOW, zh.t)).toBe('明天')
    expect(dayWords('2026-12-01', NOW, zh.t)).toBe('12月1日周二')
    expect(dayWords('2027-01-01', NOW, zh.t)).toBe('2027年1月1日周五')
  })
})

describe('a meal is dishes of one kitchen', () => {
  const dish = (id: string, fields: Partial<ServedDish> = {}): ServedDish => ({
    provider_id: 'p1', kitchen_id: 'k1', kitchen_name: '银杏食堂', meal: 'lunch', price_fen: 1500, portions: 10, taken_until: null, reasons: [],
    dish: { id, name: { zh: id, en: id }, allergens: [], other_allergens: '', texture: 'normal', low_salt: false, low_sugar: false, fresh_min: null, version: 1 },
    ...fields,
  })

  test('another kitchen or another meal begins anew', () => {
    const one = withPortions(null, '2026-11-30', dish('a'), 2)
    const two = withPortions(one, '2026-11-30', dish('b'), 1)
    expect([portionsOf(two, dish('a')), portionsOf(two, dish('b'))]).toEqual([2, 1])
    const other = withPortions(two, '2026-11-30', dish('c', { kitchen_id: 'k2' }), 1)
    expect([portionsOf(other, dish('a')), other?.dishes.size]).toEqual([0, 1])
    expect(withPortions(one, '2026-11-30', dish('a'), 0)).toBeNull()
  })

  test('the address of the page holds it, and what is gone from the menu is left out', () => {
    const basket = withPortions(withPortions(null, '2026-11-30', dish('a'), 2), '2026-11-30', dish('b'), 1)
    const kept = basket && basketOf(queryOf(basket))
    expect(kept).toEqual(basket)
    const lines = kept ? linesOf(kept, [dish('a')]) : []
    expect([lines.length, totalOf(lines)]).toEqual([1, 3000])
    expect(basketOf({ day: '2026-11-30', meal: 'lunch', kitchen: 'k1', dishes: 'a:-1,b:900' })).toBeNull()
  })
})

describe('a confirmation', () => {
  const shelf = () => {
    const kept = new Map<string, string>()
    return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
  }

  test('says the same key until it is taken, also from a page that was loaded anew', () => {
    const store = shelf()
    const body = { elder_id: 'e1', quantity: 1 }
    const keys = new Keys(store)
    const key = keys.of(body)
    expect(keys.of({ ...body })).toBe(key)
    expect(new Keys(store).of(body)).toBe(key)
    expect(keys.of({ ...body, quantity: 2 })).not.toBe(key)
    keys.done(body)
    expect(keys.of(body)).not.toBe(key)
  })

  test('keeps nothing that tells whose it is', () => {
    const store = shelf()
    new Keys(store).of({ elder_id: 'elder-one', note: '王银杏' })
    expect(store.getItem('yian.confirm')).not.toMatch(/elder-one|王银杏/)
  })
})

describe('a refusal', () => {
  const refused = (code: string, body: Record<string, unknown> = {}): Problem => new Problem(422, code, '', body)

  test('is said in the language of the page', () => {
    const problem = refused('orders.sold_out', { says: { zh: '售完', en: 'Sold out' } })
    expect([saysOf(problem, 'zh-CN'), saysOf(problem, 'en'), saysOf(refused('x'), 'en')]).toEqual(['售完', 'Sold out', null])
  })

  test('comes with the one thing that helps', () => {
    expect(wayOut(refused('orders.price_changed', { shown_fen: 4000, price_fen: 4200 }))).toEqual({ is: 'price', shownFen: 4000, priceFen: 4200 })
    expect(wayOut(refused('orders.too_late', { earliest_at: '2026-11-30T08:00:00+08:00' }))).toEqual({ is: 'earliest', at: '2026-11-30T08:00:00+08:00' })
    expect(wayOut(refused('orders.too_late', { earliest_at: null }))).toEqual({ is: 'otherTime' })
    expect(wayOut(refused('orders.slot_taken', { nearest: ['2026-11-30T13:45:00+08:00'] }))).toEqual({ is: 'nearest', at: ['2026-11-30T13:45:00+08:00'] })
    const instead = [{ day: '2026-12-01', meal: 'lunch', kitchen_id: 'k1', kitchen: '银杏食堂' }]
    expect(wayOut(refused('orders.not_carried', { instead }))).toEqual({ is: 'meals', instead })
    expect(wayOut(refused('orders.already_ordered', { order_id: 'o9' }))).toEqual({ is: 'otherOrder', orderId: 'o9' })
    expect(wayOut(refused('orders.sold_out'))).toEqual({ is: 'otherDish' })
    expect(wayOut(refused('grants.lacking'))).toEqual({ is: 'again' })
  })
})

describe('a meal that nobody can bring', () => {
  test('leads to the day of another one, also of one after the week that is shown', () => {
    expect(dayAsked({ day: '2026-12-01' }, '2026-11-29')).toBe('2026-12-01')
    expect([dayAsked({ day: '2026-11-28' }, '2026-11-29'), dayAsked({ day: 'x' }, '2026-11-29'), dayAsked({}, '2026-11-29')]).toEqual([null, null, null])
    expect(daysFrom('2026-11-29', '2026-12-05')).toHaveLength(7)
    expect(daysFrom('2026-11-29', '2026-12-09').at(-1)).toBe('2026-12-09')
  })

  test('and the kitchen that can stands first there', () => {
    const groups = (['dinner k1', 'lunch k1', 'lunch k2'] as const).map((key) => ({ key, meal: key.startsWith('lunch') ? ('lunch' as const) : ('dinner' as const) }))
    expect(inOrder(groups, 'lunch k2').map(({ key }) => key)).toEqual(['lunch k2', 'lunch k1', 'dinner k1'])
    expect(inOrder(groups, 'undefined undefined').map(({ key }) => key)).toEqual(['lunch k1', 'lunch k2', 'dinner k1'])
  })
})

describe('who is on the way', () => {
  test('is so far away as one says it, beside a bar of a round length', () => {
    expect([84, 460, 1240, 12_300].map((metres) => lengthWords(metres, zh.t))).toEqual(['80 米', '450 米', '1.2 公里', '12 公里'])
    expect([90, 260, 1999, 5100].map(barOf)).toEqual([100, 200, 1000, 5000])
  })

  test('a frame of the feed names the order that moved, or says that any may have', () => {
    expect(movedIn('{"op":"order","offset":3,"order":{"id":"o1"}}')).toEqual({ orderId: 'o1' })
    expect(movedIn('{"op":"snapshot","orders":[]}')).toEqual({ orderId: null })
    expect([movedIn('{"op":"beat"}'), movedIn('{"op":"order"}'), movedIn('no json')]).toEqual(['nothing', undefined, undefined])
  })
})

test('every week is on the weekday and at the hour of the moment that was chosen, in Shanghai', () => {
  expect(weeklyFrom('2026-12-01T16:30:00Z')).toEqual({
    begins: '2026-12-02', rule: 'FREQ=WEEKLY;BYDAY=WE', hours: { at_min: 30, earliest_min: 30, latest_min: 60 },
  })
  expect(clockOfMinute(30)).toBe('00:30')
})

test('days of the week are put into a rule without losing that it is every second week; other rules have none', () => {
  expect(daysOf('FREQ=DAILY')).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(daysOf('FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH')).toEqual([2, 4])
  expect([daysOf('FREQ=MONTHLY;BYMONTHDAY=1'), daysOf('FREQ=MONTHLY;BYDAY=2TU'), daysOf('FREQ=DAILY;INTERVAL=2')]).toEqual([null, null, null])
  expect(ruleOn([4, 1], 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU')).toBe('FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH')
  expect(ruleOn([7, 6, 5, 4, 3, 2, 1], 'FREQ=WEEKLY;BYDAY=TU')).toBe('FREQ=DAILY')
  expect(ruleOn([2], 'FREQ=DAILY')).toBe('FREQ=WEEKLY;BYDAY=TU')
})

test('another hour moves the earliest and the latest with it, within the day', () => {
  expect(hoursAt({ at_min: 600, earliest_min: 540, latest_min: 690 }, 660)).toEqual({ at_min: 660, earliest_min: 600, latest_min: 750 })
  expect(hoursAt({ at_min: 600, earliest_min: 540, latest_min: 690 }, 1410)).toEqual({ at_min: 1410, earliest_min: 1350, latest_min: 1439 })
})

describe('who pays nothing', () => {
  const payer = { scheme_code: 'care', name: { zh: '养老服务补贴', en: 'Care allowance' }, fen: 0, monthly_fen: 20000, until_day: null }

  test('is not said to have run out where others left nothing to pay', () => {
    expect(whyNothing({ ...payer, left_fen: 20000 }, 0)).toBe('notNeeded')
    expect(whyNothing({ ...payer, monthly_fen: null, left_fen: null }, 0)).toBe('notNeeded')
  })

  test('has run out where something is left to pay, or nothing of the month', () => {
    expect(whyNothing({ ...payer, left_fen: 20000 }, 500)).toBe('usedUp')
    expect(whyNothing({ ...payer, left_fen: 0 }, 0)).toBe('usedUp')
  })
})

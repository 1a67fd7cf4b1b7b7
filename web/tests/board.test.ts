/** The dispatcher's board: where things are drawn, and what is said. */
import { describe, expect, it } from 'vitest'

import { boxOf, chosenOf, dayBeside, hoursIn, percentOf, rowsInSight, sought, spanOf, troubles } from '@/board/plan'
import { beginsAt, cannotWords, costWords, hour, movedTo, movedWords, waitWords } from '@/board/sentences'
import { Problem } from '@/api/client'
import type { MovedVisit, VisitOnPlan, Waiting, WhatIf, WorkerOnPlan } from '@/api/types'
import { addWords, i18n } from '@/i18n'
import words from '@/board/words'

addWords(words)
const { t, te } = i18n.global as unknown as { t: (key: string, named?: Record<string, unknown>) => string; te: (key: string) => boolean }
const DAY = '2026-12-01'
const at = (time: string): string => `${DAY}T${time}:00+08:00`

function aVisit(id: string, from: string, until: string, more: Partial<VisitOnPlan> = {}): VisitOnPlan {
  return {
    visit_id: id,
    order_id: `order ${id}`,
    order_version: 3,
    elder: { id: `elder ${id}`, name: '王桂兰' },
    place: { lat: 30.2, lon: 115 },
    service_name_zh: '助浴',
    service_name_en: 'Bath',
    state: 'accepted',
    locked: false,
    sets_out_at: from,
    starts_at: from,
    ends_at: until,
    late_min: 0,
    ...more,
  }
}
function aRow(name: string, visits: VisitOnPlan[], hours: [string, string][] = []): WorkerOnPlan {
  return { worker: { id: name, name }, provider_id: 'p', base: null, hours: hours.map(([begin, end]) => ({ begin, end })), visits }
}
const WAITING: Waiting = {
  visit_id: 'w1',
  order_id: 'o1',
  order_version: 1,
  elder: { id: 'e1', name: '李秀英' },
  place: null,
  provider: { id: 'p', name: '安康' },
  service_name_zh: '保洁',
  service_name_en: 'Cleaning',
  wished_from: at('09:00'),
  wished_until: at('09:30'),
  waits_because: 'no_room',
}

describe('the line of a day', () => {
  it('shows at least eight to six, and as much more as somebody works', () => {
    expect(hoursIn(spanOf(DAY, [])).map(hour)).toEqual(['08:00', '09:00', '10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00', '17:00'])
    const early = spanOf(DAY, [aRow('a', [aVisit('1', at('06:40'), at('07:10'))], [[at('07:00'), at('19:30')]])])
    expect([hour(early.fromMs), hour(early.toMs)]).toEqual(['06:00', '20:00'])
  })
  it('places a moment by its share of the hours, and never outside', () => {
    const span = spanOf(DAY, [])
    expect(percentOf(at('13:00'), span)).toBe(50)
    expect(percentOf(at('05:00'), span)).toBe(0)
    expect(boxOf(at('08:00'), at('09:00'), span)).toEqual({ left: '0%', width: '10%' })
  })
  it('draws of two hundred workers only those in sight and a few more', () => {
    expect(rowsInSight(0, 400, 40, 200)).toEqual({ from: 0, to: 16 })
    expect(rowsInSight(4000, 400, 40, 200)).toEqual({ from: 94, to: 116 })
    expect(rowsInSight(7600, 400, 40, 200)).toEqual({ from: 184, to: 200 })
  })
  it('is narrowed by a worker or by an elder they go to', () => {
    const rows = [aRow('张姐', [aVisit('1', at('09:00'), at('10:00'))]), aRow('刘师傅', [])]
    expect(sought(rows, ' 桂兰').map((row) => row.worker.name)).toEqual(['张姐'])
    expect(sought(rows, '刘').map((row) => row.worker.name)).toEqual(['刘师傅'])
    expect(sought(rows, '')).toHaveLength(2)
  })
  it('goes from day to day across a month', () => {
    expect(dayBeside('2026-11-30', 1)).toBe('2026-12-01')
    expect(dayBeside('2027-03-01', -1)).toBe('2027-02-28')
  })
})

describe('what a dispatcher looks at first', () => {
  const late = aVisit('2', at('10:20'), at('11:20'), { late_min: 20 })
  const rows = [aRow('张姐', [aVisit('1', at('09:00'), at('10:00')), late])]

  it('is what nobody has, then what will be late', () => {
    expect(troubles(rows, [WAITING], ['2']).map((one) => [one.visitId, one.worker, one.lateMin])).toEqual([
      ['w1', null, 0],
      ['2', '张姐', 20],
    ])
  })
  it('is opened with who has it, or why nobody has', () => {
    expect(chosenOf(rows, [WAITING], '2')).toMatchObject({ worker: { name: '张姐' }, lateMin: 20, version: 3 })
    expect(chosenOf(rows, [WAITING], 'w1')).toMatchObject({ worker: null, because: 'no_room', state: 'waiting' })
    expect(chosenOf(rows, [], 'gone')).toBeNull()
  })
})

describe('sentences', () => {
  const moved: MovedVisit = {
    visit_id: '2',
    order_id: 'o',
    elder: { id: 'e', name: '王桂兰' },
    from_worker: { id: 'a', name: '张姐' },
    from_starts_at: at('10:00'),
    to_worker: { id: 'b', name: '刘师傅' },
    to_starts_at: at('10:30'),
    told: true,
  }
  const means: WhatIf = { possible: true, gates: [], points: 12.4, moved: [moved], said: { zh: [], en: [] } }

  it('say why nobody has it, also for a reason that is new here', () => {
    expect(waitWords('no_room', t, te)).toBe('有人能做，但那段时间都排满了')
    expect(waitWords(null, t, te)).toBe('正在找人')
    expect(waitWords('moon', t, te)).toBe('原因：moon')
  })
  it('say in minutes on the road what a change costs', () => {
    expect(costWords(12.4, t)).toContain('多走 12 分钟')
    expect(costWords(-7, t)).toContain('少走 7 分钟')
    expect(costWords(0.2, t)).toContain('一样好')
  })
  it('say what becomes of another visit, and who has to be told anew', () => {
    expect(movedWords(moved, t)).toBe('王桂兰：由张姐改为刘师傅，10:30。之前已经通知过，要重新通知。')
    expect(movedWords({ ...moved, to_worker: moved.from_worker, told: false }, t)).toBe('王桂兰：张姐仍然去，由 10:00 改为 10:30。')
    expect(movedWords({ ...moved, to_worker: null, to_starts_at: null, told: false }, t)).toBe('王桂兰：张姐去不了，要另找人。')
  })
  it('take the time from what was asked, and otherwise leave it', () => {
    expect(beginsAt(means, '2', at('10:00'))).toBe(at('10:30'))
    expect(beginsAt(means, '9', at('10:00'))).toBe(at('10:00'))
  })
  it('know the time to which somebody else has moved it, and nothing of other refusals', () => {
    const refused = (code: string): Problem => new Problem(409, code, '', { wished_from: at('14:00') })
    expect(movedTo(refused('orders.moved_meanwhile'))).toBe(at('14:00'))
    expect(movedTo(refused('orders.fee_changed'))).toBeNull()
    expect(movedTo(new Error('moon'))).toBeNull()
  })
  it('say in whole sentences why a worker cannot go, and leave unknown reasons to others', () => {
    for (const reason of ['stale_version', 'worker_taken', 'certificate', 'refused', 'sex', 'locked']) expect(cannotWords(reason, t, te)).toMatch(/。$/)
    expect(cannotWords('moon', t, te)).toBeNull()
    expect(cannotWords(undefined, t, te)).toBeNull()
  })
})

import { describe, expect, test } from 'vitest'

import type { Notice } from '@/api/types'
import { frameOf, merged, pageOf } from '@/ui/notices'

function aNotice(id: string, minute: number, read = false): Notice {
  const at = `2026-11-29T08:${String(minute).padStart(2, '0')}:00Z`
  return { id, kind: 'agreed', order_id: 'o', visit_id: null, series_id: null, elder_id: 'e', zh: '', en: '', told_at: at, read_at: read ? at : null }
}

describe('the list of notices', () => {
  test('has the last told first, wherever they came from', () => {
    const list = merged([aNotice('a', 1), aNotice('c', 3)], [aNotice('b', 2), aNotice('d', 4)])
    expect(list.map(({ id }) => id)).toEqual(['d', 'c', 'b', 'a'])
  })

  test('holds each once, as it was told last', () => {
    const list = merged([aNotice('a', 1)], [aNotice('a', 1, true)])
    expect(list.map(({ read_at }) => read_at !== null)).toEqual([true])
  })
})

describe('a notice leads to', () => {
  const ofVisit = { ...aNotice('a', 1), visit_id: 'v' }
  const ofSeries = { ...aNotice('b', 1), order_id: null, series_id: 's' }

  test('the order or the recurring order, for a family', () => {
    expect([ofVisit, ofSeries].map((notice) => pageOf(notice, 'family'))).toEqual(['/family/orders/o', '/family/series/s'])
  })

  test('the visit, for who goes there', () => {
    expect([ofVisit, ofSeries].map((notice) => pageOf(notice, 'worker'))).toEqual(['/worker/visits/v', null])
  })

  test('nowhere, where no page shows it alone', () => {
    expect(pageOf(ofVisit, 'operator')).toBeNull()
  })
})

describe('a frame of the feed', () => {
  test('is read', () => {
    expect(frameOf('{"op":"notices","unread":2,"items":[]}')).toEqual({ op: 'notices', unread: 2, items: [] })
  })

  test('is passed over when a newer server says something else', () => {
    expect([frameOf('{"op":"other"}'), frameOf('nonsense'), frameOf('null')]).toEqual([null, null, null])
  })
})

import { describe, expect, it } from 'vitest'

import words from '../src/regulator/words'
import { difference, duration, monthAfter, monthRanges, percent } from '../src/regulator/figures/say'
import type { Figure, FigureDefinition } from '../src/api/types'

const share = { unit: 'share' } as FigureDefinition
const seconds = { unit: 'seconds' } as FigureDefinition
const of = (part: Partial<Figure>): Figure => ({ n: 9, hits: 0, excluded: 0, too_few: false, share: null, low: null, high: null, median_s: null, p95_s: null, meets_target: null, ...part })

function speaking(locale: 'zh-CN' | 'en') {
  return (key: string, named: Record<string, unknown>): string => {
    const [group = '', name = ''] = key.split('.')
    const text = (words[locale] as unknown as Record<string, Record<string, string>>)[group]?.[name] ?? key
    return text.replace(/\{(\w+)\}/g, (_, blank: string) => String(named[blank]))
  }
}

describe('how a figure is said', () => {
  it('says a share with one digit', () => {
    expect(percent(0.9749)).toBe('97.5%')
  })

  it.each([
    [42.4, '42 秒', '42 s'],
    [60, '1 分', '1 min'],
    [185, '3 分 5 秒', '3 min 5 s'],
    [7800, '2 小时 10 分', '2 h 10 min'],
  ])('says %f seconds', (length, zh, en) => {
    expect(duration(length, speaking('zh-CN'))).toBe(zh)
    expect(duration(length, speaking('en'))).toBe(en)
  })

  it('says by how much it changed, and nothing where one of both says nothing', () => {
    expect(difference(share, of({ share: 0.96 }), of({ share: 0.945 }), speaking('zh-CN'))).toBe('+1.5 个百分点')
    expect(difference(share, of({ share: 0.9 }), of({ share: 0.945 }), speaking('en'))).toBe('−4.5 pp')
    expect(difference(seconds, of({ median_s: 20 }), of({ median_s: 50 }), speaking('en'))).toBe('−30 s')
    expect(difference(seconds, of({ median_s: 20.2 }), of({ median_s: 20 }), speaking('en'))).toBe('±0 s')
    expect(difference(share, of({ share: 0.9 }), of({}), speaking('en'))).toBeNull()
  })

  it('goes from month to month over the turn of the year', () => {
    expect(monthAfter('2026-12', 1)).toBe('2027-01')
    expect(monthAfter('2026-01', -1)).toBe('2025-12')
  })

  it('says months that follow each other as one', () => {
    expect(monthRanges([])).toEqual([])
    expect(monthRanges(['2025-11-01', '2025-12-01', '2026-01-01', '2026-03-01'])).toEqual(['2025-11 – 2026-01', '2026-03'])
  })
})

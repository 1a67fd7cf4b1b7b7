import { describe, expect, test } from 'vitest'

import type { County } from '@/ui/map/counties'
import { largestFirst, readable } from '@/ui/map/names'

function county(name: string, degrees: number): County {
  const ring = [[115, 30], [115 + degrees, 30], [115 + degrees, 30 + degrees], [115, 30]]
  return { type: 'Feature', properties: { code: name, name }, geometry: { type: 'Polygon', coordinates: [ring] } }
}

describe('names of counties on a small map', () => {
  test('a name over another is left out, the larger county keeps its own', () => {
    const names = [
      { name: '大冶市', at: [100, 50] as [number, number] },
      { name: '铁山区', at: [110, 40] as [number, number] },
      { name: '阳新县', at: [160, 90] as [number, number] },
    ]
    expect(readable(names, 12).map(({ name }) => name)).toEqual(['大冶市', '阳新县'])
  })

  test('names side by side, or one line below another, all stay', () => {
    const names = [
      { name: '下陆区', at: [0, 0] as [number, number] },
      { name: '西塞山区', at: [43, 0] as [number, number] },
      { name: '铁山区', at: [0, 19] as [number, number] },
    ]
    expect(readable(names, 12)).toHaveLength(3)
  })

  test('counties are ordered by the ground they cover', () => {
    const order = largestFirst([county('small', 0.1), county('large', 1), county('middle', 0.5)])
    expect(order.map(({ properties }) => properties.name)).toEqual(['large', 'middle', 'small'])
  })
})

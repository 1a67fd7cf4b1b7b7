import { describe, expect, test } from 'vitest'

import type { County } from '@/ui/map/counties'
import { boundsOf, projection } from '@/ui/map/counties'
import { circle, contains, countyOf, metresBetween, windowAround, type Place } from '@/ui/map/places'

const square: County = {
  type: 'Feature',
  properties: { code: '420202', name: 'square' },
  geometry: { type: 'Polygon', coordinates: [[[115, 30], [116, 30], [116, 31], [115, 31], [115, 30]], [[115.4, 30.4], [115.6, 30.4], [115.6, 30.6], [115.4, 30.6], [115.4, 30.4]]] },
}
const fix: Place = { is: 'fix', lat: 30.2, lon: 115.04, accuracyM: 500 }

function metres(a: [number, number], b: [number, number]): number {
  const rad = Math.PI / 180
  const dLat = (b[1] - a[1]) * rad
  const dLon = (b[0] - a[0]) * rad
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin(dLon / 2) ** 2
  return 2 * 6_371_000 * Math.asin(Math.sqrt(h))
}

describe('places on the map', () => {
  test('the accuracy circle has its radius on the ground, all round', () => {
    const ring = circle(fix, 500).geometry.coordinates[0] ?? []
    for (const corner of ring) expect(Math.abs(metres([fix.lon, fix.lat], corner as [number, number]) - 500)).toBeLessThan(5)
  })

  test('a distance is that on the ground', () => {
    const there = { lat: 30.25, lon: 115.1 }
    expect(Math.abs(metresBetween(fix, there) / metres([fix.lon, fix.lat], [there.lon, there.lat]) - 1)).toBeLessThan(0.01)
  })

  test('a place is in its county, not in a hole of it', () => {
    expect(contains(square, 115.2, 30.2)).toBe(true)
    expect(contains(square, 115.5, 30.5)).toBe(false)
    expect(contains(square, 114, 30.5)).toBe(false)
    expect(countyOf([square], fix)).toBe(square)
    expect(countyOf([square], undefined)).toBeNull()
  })

  test('the window holds every place with room around it; without places it is the city', () => {
    const city = boundsOf([square])
    expect(windowAround([], city, 5)).toBe(city)
    const [west, south, east, north] = windowAround([fix, { ...fix, is: 'home', lat: 30.4 }], city, 5)
    expect(metres([west, fix.lat], [fix.lon, fix.lat])).toBeGreaterThan(4900)
    expect(south).toBeLessThan(30.2)
    expect(north).toBeGreaterThan(30.4)
    expect(east).toBeGreaterThan(fix.lon)
  })

  test('the plain map keeps shapes: a degree is as long up as it is across, on the ground', () => {
    const { at, perMetre } = projection([115, 30, 116, 31], 400, 400, 0)
    const [x1, y1] = at(115.2, 30.2)
    const [x2] = at(115.3, 30.2)
    const [, y3] = at(115.2, 30.3)
    expect((x2 - x1) / (y1 - y3)).toBeCloseTo(Math.cos((30.5 * Math.PI) / 180), 2)
    expect((y1 - y3) / perMetre).toBeCloseTo(11_132, 0)
  })
})

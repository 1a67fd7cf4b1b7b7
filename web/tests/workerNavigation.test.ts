import { expect, test } from 'vitest'

import { bd09, gcj02, type Point } from '@/worker/datum'
import { mapApps, wayTo } from '@/worker/navigation'

function metresApart(a: Point, b: Point): number {
  return 111_195 * Math.hypot(a.lat - b.lat, (a.lon - b.lon) * Math.cos((a.lat * Math.PI) / 180))
}

/** The published pairs of tests/unit/test_datum.py: WGS-84 and GCJ-02. */
const PAIRS: [Point, Point][] = [
  [{ lat: 31.1774276, lon: 121.5272106 }, { lat: 31.17530398364597, lon: 121.531541859215 }],
  [{ lat: 22.543847, lon: 113.912316 }, { lat: 22.540796131694766, lon: 113.9171764808363 }],
  [{ lat: 39.911954, lon: 116.377817 }, { lat: 39.91334545536069, lon: 116.38404722455657 }],
]
const HANGZHOU = { wgs: { lat: 30.281543, lon: 120.021519 }, gcj: { lat: 30.279164, lon: 120.026268 }, bd: { lat: 30.285238, lon: 120.032768 } }

test.each(PAIRS)('GCJ-02 agrees with published pairs', (wgs, gcj) => {
  expect(metresApart(gcj02(wgs), gcj)).toBeLessThan(0.05)
})

test("a map provider's own example is met in both", () => {
  expect(metresApart(gcj02(HANGZHOU.wgs), HANGZHOU.gcj)).toBeLessThan(2)
  expect(metresApart(bd09(HANGZHOU.wgs), HANGZHOU.bd)).toBeLessThan(2)
})

test('a place outside China is left alone', () => {
  const sydney = { lat: -33.86, lon: 151.21 }
  expect([gcj02(sydney), bd09(sydney)]).toEqual([sydney, sydney])
})

test('each phone is offered the maps it has, in the coordinates they speak', () => {
  expect(mapApps('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)')[0]).toBe('apple')
  expect(mapApps('Mozilla/5.0 (Linux; Android 14)')).toEqual(['amap', 'baidu'])
  expect(wayTo('amap', HANGZHOU.wgs, '服务地点')).toMatch(/to=120\.0262\d+,30\.2791\d+,.*coordinate=gaode/)
  expect(wayTo('baidu', HANGZHOU.wgs, '服务地点')).toMatch(/latlng:30\.2852\d+,120\.0327\d+\|.*coord_type=bd09ll/)
  expect(wayTo('apple', HANGZHOU.wgs, '服务地点')).toMatch(/daddr=30\.2791\d+,120\.0262\d+$/)
})

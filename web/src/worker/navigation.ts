/** Links that open a map app, or its web page, with the way to a place. No name goes with it: a place is enough. */
import { bd09, gcj02, type Point } from './datum'

export type MapApp = 'apple' | 'amap' | 'baidu'

function six(value: number): string {
  return value.toFixed(6)
}

const LINKS: Record<MapApp, (place: Point, label: string) => string> = {
  apple(place) {
    const { lat, lon } = gcj02(place)
    return `https://maps.apple.com/?daddr=${six(lat)},${six(lon)}`
  },
  amap(place, label) {
    const { lat, lon } = gcj02(place)
    return `https://uri.amap.com/navigation?to=${six(lon)},${six(lat)},${encodeURIComponent(label)}&mode=ride&coordinate=gaode&src=yian&callnative=1`
  },
  baidu(place, label) {
    const { lat, lon } = bd09(place)
    return `https://api.map.baidu.com/direction?destination=latlng:${six(lat)},${six(lon)}|name:${encodeURIComponent(label)}&coord_type=bd09ll&mode=riding&output=html&src=yian`
  },
}

/** The first is what this platform's people mostly have. */
export function mapApps(userAgent: string): MapApp[] {
  return /iPhone|iPad|Macintosh/.test(userAgent) ? ['apple', 'amap', 'baidu'] : ['amap', 'baidu']
}

export function wayTo(app: MapApp, place: Point, label: string): string {
  return LINKS[app](place, label)
}

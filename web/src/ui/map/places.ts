/** What is shown on a map of one case, and the geometry it needs. Pure. */
import type { Feature, Polygon } from 'geojson'

import { ringsOf, type Bounds, type County } from './counties'

export interface Place {
  is: 'fix' | 'home'
  lat: number
  lon: number
  accuracyM: number | null
}

const METRES_A_DEGREE = 111_320
const CORNERS = 64

/** A circle of metres as a polygon of degrees, good at the size of a city. */
export function circle(place: Place, radiusM: number): Feature<Polygon> {
  const shrink = Math.cos((place.lat * Math.PI) / 180)
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS
    return [
      place.lon + (radiusM * Math.cos(angle)) / (METRES_A_DEGREE * shrink),
      place.lat + (radiusM * Math.sin(angle)) / METRES_A_DEGREE,
    ]
  })
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } }
}

/** Over the ground, good at the size of a city. */
export function metresBetween(a: Pick<Place, 'lat' | 'lon'>, b: Pick<Place, 'lat' | 'lon'>): number {
  const shrink = Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180)
  return METRES_A_DEGREE * Math.hypot(a.lat - b.lat, (a.lon - b.lon) * shrink)
}

/** Even–odd rule over all rings of the county. */
export function contains(county: County, lon: number, lat: number): boolean {
  let inside = false
  for (const ring of ringsOf(county)) {
    for (let at = 0, before = ring.length - 1; at < ring.length; before = at, at += 1) {
      const [x1, y1] = ring[at] as [number, number]
      const [x2, y2] = ring[before] as [number, number]
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
    }
  }
  return inside
}

export function countyOf(all: readonly County[], place: Place | undefined): County | null {
  if (!place) return null
  return all.find((county) => contains(county, place.lon, place.lat)) ?? null
}

/** A window around the places, wide enough to see where in the county they lie. */
export function windowAround(places: readonly Place[], city: Bounds, reachKm: number): Bounds {
  if (places.length === 0) return city
  const lat = (reachKm * 1000) / METRES_A_DEGREE
  const middle = places[0] as Place
  const lon = lat / Math.cos((middle.lat * Math.PI) / 180)
  return [
    Math.min(...places.map((place) => place.lon)) - lon,
    Math.min(...places.map((place) => place.lat)) - lat,
    Math.max(...places.map((place) => place.lon)) + lon,
    Math.max(...places.map((place) => place.lat)) + lat,
  ]
}

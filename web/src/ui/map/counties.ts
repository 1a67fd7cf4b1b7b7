/** The county outlines: one request a page life, shared by the sign-in picture and the map. */
import type { Feature, FeatureCollection, MultiPolygon, Polygon } from 'geojson'

export interface CountyProperties {
  code: string
  name: string
  centre?: [number, number]
}
export type County = Feature<Polygon | MultiPolygon, CountyProperties>
export type Counties = FeatureCollection<Polygon | MultiPolygon, CountyProperties>

let asked: Promise<Counties> | null = null

export function counties(): Promise<Counties> {
  asked ??= fetch('/api/v1/regions/counties.geojson')
    .then((response) => {
      if (!response.ok) throw new Error(`counties: ${response.status}`)
      return response.json() as Promise<Counties>
    })
    .catch((error: unknown) => {
      asked = null
      throw error
    })
  return asked
}

export function ringsOf(county: County): [number, number][][] {
  const { geometry } = county
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  return polygons.flat() as [number, number][][]
}

/** West, south, east, north. */
export type Bounds = [number, number, number, number]

export function boundsOf(features: readonly County[]): Bounds {
  const bounds: Bounds = [180, 90, -180, -90]
  for (const feature of features) {
    for (const [lon, lat] of ringsOf(feature).flat()) {
      bounds[0] = Math.min(bounds[0], lon)
      bounds[1] = Math.min(bounds[1], lat)
      bounds[2] = Math.max(bounds[2], lon)
      bounds[3] = Math.max(bounds[3], lat)
    }
  }
  return bounds
}

/** Plate carrée with the width of a degree at the middle latitude: true enough for one city. */
export function projection(bounds: Bounds, width: number, height: number, margin: number) {
  const [west, south, east, north] = bounds
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const scale = Math.min((width - 2 * margin) / ((east - west) * shrink), (height - 2 * margin) / (north - south))
  const left = (width - (east - west) * shrink * scale) / 2
  const top = (height - (north - south) * scale) / 2
  return {
    /** Pixels a metre. */
    perMetre: scale / 111_320,
    at: (lon: number, lat: number): [number, number] => [
      left + (lon - west) * shrink * scale,
      top + (north - lat) * scale,
    ],
  }
}

export function pathOf(county: County, at: (lon: number, lat: number) => [number, number]): string {
  return ringsOf(county)
    .map((ring) => `M${ring.map(([lon, lat]) => at(lon, lat).map((v) => v.toFixed(1)).join(',')).join('L')}Z`)
    .join('')
}

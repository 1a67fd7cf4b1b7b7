/** MapLibre on an offline style: no tile, no glyph, no key is fetched. Names and marks are page elements. */
import 'maplibre-gl/dist/maplibre-gl.css'
import './marks.css'

import { LngLatBounds, Map as MapLibre, Marker, NavigationControl, ScaleControl, type GeoJSONSource } from 'maplibre-gl'

import { token } from '../theme'

import type { Bounds, Counties } from './counties'
import { largestFirst, readable } from './names'
import { circle, windowAround, type Place } from './places'

const REACH_KM = 5
const NAME_PX = 12

export class GlMap {
  private readonly map: MapLibre
  private marks: Marker[] = []
  private places: Place[] = []
  /** Somebody has moved or zoomed it by hand: what he looks at is his, until other places are shown. */
  private moved = false

  /** @param onFailure called when the machine turns out unable to draw; then show something else. */
  constructor(
    box: HTMLElement,
    private readonly counties: Counties,
    private readonly city: Bounds,
    onFailure: () => void,
  ) {
    this.map = new MapLibre({
      container: box,
      style: { version: 8, sources: {}, layers: [] },
      bounds: new LngLatBounds(city),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      maxZoom: 18,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disable()
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
    this.map.addControl(new ScaleControl({ maxWidth: 80 }), 'bottom-left')
    this.map.on('webglcontextlost', onFailure)
    this.map.on('movestart', (event) => {
      if ('originalEvent' in event && event.originalEvent) this.moved = true
    })
    this.map.on('resize', () => {
      if (!this.moved) this.frame()
    })
    this.map.once('load', () => this.draw())
  }

  show(places: Place[]): void {
    this.places = places
    for (const mark of this.marks) mark.remove()
    this.marks = places.map((place) =>
      new Marker({ element: markOf(place), anchor: 'center' }).setLngLat([place.lon, place.lat]).addTo(this.map),
    )
    this.moved = false
    this.frame()
    this.drawAccuracy()
  }

  /** The theme has changed: the same map in its colours. */
  paint(): void {
    if (!this.map.getLayer('ground')) return
    this.map.setPaintProperty('ground', 'background-color', token('map-ground'))
    this.map.setPaintProperty('land', 'fill-color', token('map-land'))
    this.map.setPaintProperty('edge', 'line-color', token('map-edge'))
    this.map.setPaintProperty('accuracy', 'fill-color', token('p1'))
    this.map.setPaintProperty('accuracy-edge', 'line-color', token('p1'))
  }

  remove(): void {
    this.map.remove()
  }

  private frame(): void {
    const window = new LngLatBounds(windowAround(this.places, this.city, REACH_KM))
    this.map.fitBounds(window, { animate: false, padding: 12 })
  }

  private draw(): void {
    this.map.addSource('counties', { type: 'geojson', data: this.counties })
    this.map.addSource('accuracy', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } })
    this.map.addLayer({ id: 'ground', type: 'background' })
    this.map.addLayer({ id: 'land', type: 'fill', source: 'counties' })
    this.map.addLayer({ id: 'edge', type: 'line', source: 'counties', paint: { 'line-width': 1.2 } })
    this.map.addLayer({ id: 'accuracy', type: 'fill', source: 'accuracy', paint: { 'fill-opacity': 0.18 } })
    this.map.addLayer({ id: 'accuracy-edge', type: 'line', source: 'accuracy', paint: { 'line-width': 1 } })
    this.writeNames()
    this.paint()
    this.drawAccuracy()
  }

  private writeNames(): void {
    const names = largestFirst(this.counties.features).flatMap(({ properties: { centre, name } }) => {
      if (!centre) return []
      const element = nameOf(name)
      new Marker({ element }).setLngLat(centre).addTo(this.map)
      return [{ name, centre, element }]
    })
    const unclutter = (): void => {
      const shown = readable(
        names.map(({ name, centre, element }) => {
          const { x, y } = this.map.project(centre)
          return { name, element, at: [x, y] as [number, number] }
        }),
        NAME_PX,
      )
      for (const { element } of names) element.hidden = !shown.some((kept) => kept.element === element)
    }
    this.map.on('move', unclutter)
    unclutter()
  }

  private drawAccuracy(): void {
    const source = this.map.getSource<GeoJSONSource>('accuracy')
    const features = this.places.flatMap((place) => (place.accuracyM ? [circle(place, place.accuracyM)] : []))
    source?.setData({ type: 'FeatureCollection', features })
  }
}

function markOf(place: Place): HTMLElement {
  return seenOnly(`map-mark ${place.is}`)
}

function nameOf(name: string): HTMLElement {
  const element = seenOnly('map-name')
  element.textContent = name
  return element
}

/** What it shows is said in words around the map. Without this MapLibre would call it a button named “Map marker”. */
function seenOnly(className: string): HTMLElement {
  const element = document.createElement('div')
  element.className = className
  element.setAttribute('aria-hidden', 'true')
  return element
}

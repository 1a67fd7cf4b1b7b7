/** MapLibre on an offline style: no tile, no glyph, no key is fetched. Names and marks are page elements. */
import 'maplibre-gl/dist/maplibre-gl.css'

import { LngLatBounds, Map as MapLibre, Marker, NavigationControl, ScaleControl, type GeoJSONSource } from 'maplibre-gl'

import { token } from '@/theme'

import type { Bounds, Counties } from './counties'
import { circle, windowAround, type Place } from './places'

const REACH_KM = 5

export class GlMap {
  private readonly map: MapLibre
  private marks: Marker[] = []
  private places: Place[] = []

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
    this.map.once('load', () => this.draw())
  }

  show(places: Place[]): void {
    this.places = places
    for (const mark of this.marks) mark.remove()
    this.marks = places.map((place) =>
      new Marker({ element: markOf(place), anchor: 'center' }).setLngLat([place.lon, place.lat]).addTo(this.map),
    )
    this.map.fitBounds(new LngLatBounds(windowAround(places, this.city, REACH_KM)), { animate: false, padding: 12 })
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

  private draw(): void {
    this.map.addSource('counties', { type: 'geojson', data: this.counties })
    this.map.addSource('accuracy', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } })
    this.map.addLayer({ id: 'ground', type: 'background' })
    this.map.addLayer({ id: 'land', type: 'fill', source: 'counties' })
    this.map.addLayer({ id: 'edge', type: 'line', source: 'counties', paint: { 'line-width': 1.2 } })
    this.map.addLayer({ id: 'accuracy', type: 'fill', source: 'accuracy', paint: { 'fill-opacity': 0.18 } })
    this.map.addLayer({ id: 'accuracy-edge', type: 'line', source: 'accuracy', paint: { 'line-width': 1 } })
    for (const county of this.counties.features) {
      const { centre, name } = county.properties
      if (centre) new Marker({ element: nameOf(name) }).setLngLat(centre).addTo(this.map)
    }
    this.paint()
    this.drawAccuracy()
  }

  private drawAccuracy(): void {
    const source = this.map.getSource<GeoJSONSource>('accuracy')
    const features = this.places.flatMap((place) => (place.accuracyM ? [circle(place, place.accuracyM)] : []))
    source?.setData({ type: 'FeatureCollection', features })
  }
}

function markOf(place: Place): HTMLElement {
  const element = document.createElement('div')
  element.className = `map-mark ${place.is}`
  return element
}

function nameOf(name: string): HTMLElement {
  const element = document.createElement('div')
  element.className = 'map-name'
  element.textContent = name
  return element
}

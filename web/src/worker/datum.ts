/** WGS-84 into what Chinese maps speak: GCJ-02 (AMap, Apple in China), BD-09 (Baidu). The formulas of contracts/datum.py. */
export interface Point {
  lat: number
  lon: number
}

const A = 6378245.0 // Krasovsky 1940: semi-major axis in metres, and eccentricity squared
const EE = 0.00669342162296594323
const BD_PI = (Math.PI * 3000) / 180
const { abs, atan2, cos, hypot, PI, sin, sqrt } = Math

export function gcj02({ lat, lon }: Point): Point {
  if (!inChina(lat, lon)) return { lat, lon }
  const x = lon - 105
  const y = lat - 35
  const ripple = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple +
    ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 +
    ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3
  const east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple +
    ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 +
    ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3
  const radians = (lat / 180) * PI
  const magic = 1 - EE * sin(radians) ** 2
  return {
    lat: lat + (north * 180) / (((A * (1 - EE)) / (magic * sqrt(magic))) * PI),
    lon: lon + (east * 180) / ((A / sqrt(magic)) * cos(radians) * PI),
  }
}

export function bd09(place: Point): Point {
  if (!inChina(place.lat, place.lon)) return place
  const { lat: y, lon: x } = gcj02(place)
  const r = hypot(x, y) + 0.00002 * sin(y * BD_PI)
  const theta = atan2(y, x) + 0.000003 * cos(x * BD_PI)
  return { lat: r * sin(theta) + 0.006, lon: r * cos(theta) + 0.0065 }
}

function inChina(lat: number, lon: number): boolean {
  return lat >= 0.8293 && lat <= 55.8271 && lon >= 72.004 && lon <= 137.8347
}

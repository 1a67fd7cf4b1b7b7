/** What the circle of 15 minutes says of a region at an hour. Pure. */
import type { ReachDay, ReachRow } from '@/api/types'

export interface Said {
  code: string
  name: string
  lat: number | null
  lon: number | null
  elders: number
  reached: number
  missed: number
  excluded: number
  /** Of those not reached: nobody in business offers it where they live. */
  notOffered: number
  /** Regions one step down that nobody reaches. */
  empty: number
  /** Null: no elder with a position lives there. */
  share: number | null
}

export const CLASSES = ['none', 'low', 'middle', 'high', 'full'] as const
export type ReachClass = (typeof CLASSES)[number] | 'nobody'

/** Null: not measured, or the service cannot be booked then. */
export function at(row: ReachRow, category: string, hour: number): Said | null {
  const hours = row.services[category]
  const reached = hours?.reached[hour] ?? null
  if (reached === null) return null
  const elders = row.elders[hour] ?? 0
  const { code, name, lat, lon } = row
  return {
    code, name, lat, lon, elders, reached,
    missed: elders - reached,
    notOffered: elders - (hours?.offered[hour] ?? elders),
    excluded: row.excluded[hour] ?? 0,
    empty: hours?.empty[hour] ?? 0,
    share: elders > 0 ? reached / elders : null,
  }
}

/** Regions in which nobody lives stand there as well. */
export function rowsAt(day: ReachDay, category: string, hour: number): Said[] {
  return day.rows.map((row) => at(row, category, hour) ?? { code: row.code, name: row.name, lat: row.lat, lon: row.lon, elders: 0, reached: 0, missed: 0, notOffered: 0, excluded: 0, empty: 0, share: null })
}

/** The worst first: by share, then by how many are not reached; those without elders last. */
export function worstFirst(rows: readonly Said[]): Said[] {
  return [...rows].sort((a, b) => (a.share ?? 2) - (b.share ?? 2) || b.missed - a.missed || a.code.localeCompare(b.code))
}

export function classOf(share: number | null): ReachClass {
  if (share === null) return 'nobody'
  if (share === 0) return 'none'
  if (share < 0.5) return 'low'
  if (share < 0.8) return 'middle'
  return share < 0.95 ? 'high' : 'full'
}

/** Hours at which the service could be booked and which were measured. */
export function openHours(day: ReachDay, category: string): number[] {
  const hours = day.whole.services[category]?.reached ?? []
  return day.hours.filter((hour) => (hours[hour] ?? null) !== null)
}

/** What is looked at when nothing was chosen: the last hour measured, and of it the first service. */
export function firstLook(day: ReachDay, category: string, hour: number | null): { category: string; hour: number } {
  const last = day.hours.at(-1) ?? 0
  const chosen = category || (day.categories.find((one) => openHours(day, one.code).includes(hour ?? last))?.code ?? day.categories[0]?.code ?? '')
  return { category: chosen, hour: hour ?? openHours(day, chosen).at(-1) ?? last }
}

/** 0 is “0%” only where nobody is reached, 100 is “100%” only where everybody is. */
export function shareWords(share: number | null): string {
  if (share === null) return '—'
  const percent = Math.round(share * 1000) / 10
  if (share < 1 && percent === 100) return '99.9%'
  if (share > 0 && percent === 0) return '0.1%'
  return `${percent.toFixed(1)}%`
}

export function dayAfter(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)
}

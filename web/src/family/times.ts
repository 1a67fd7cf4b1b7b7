/** From the hours in which a service may begin to the moments that are offered. Pure. */
import { clockWords } from './dates'

export interface Window {
  begin: string
  end: string
}

const EVERY_MS = 30 * 60_000

/** Each half hour of the windows; of one that is shorter than that, its beginning. */
export function startsIn(windows: readonly Window[]): string[] {
  return windows.flatMap(({ begin, end }) => {
    const from = Date.parse(begin)
    const until = Date.parse(end)
    const starts: string[] = []
    for (let at = Math.ceil(from / EVERY_MS) * EVERY_MS; at < until; at += EVERY_MS) starts.push(new Date(at).toISOString())
    return starts.length > 0 ? starts : [new Date(from).toISOString()]
  })
}

/** Half hours are easier to choose from; where there are none of them, whatever there is. */
export function roundFirst(times: readonly string[]): string[] {
  const sorted = [...times].sort((a, b) => Date.parse(a) - Date.parse(b))
  const halves = sorted.filter((time) => Date.parse(time) % EVERY_MS === 0)
  return halves.length > 0 ? halves : sorted
}

export const PARTS_OF_DAY = ['morning', 'afternoon', 'evening'] as const
export type PartOfDay = (typeof PARTS_OF_DAY)[number]

export function partOfDay(iso: string): PartOfDay {
  const hour = Number(clockWords(iso).slice(0, 2))
  return hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening'
}

/** In the order of the day; without the parts in which nothing begins. */
export function byPartOfDay(starts: readonly string[]): { part: PartOfDay; starts: string[] }[] {
  return PARTS_OF_DAY.map((part) => ({ part, starts: starts.filter((start) => partOfDay(start) === part) })).filter(
    (group) => group.starts.length > 0,
  )
}

/** How a figure is said. Pure. */
import type { Figure, FigureDefinition } from '@/api/types'
import { percent } from '@/ui/percent'

export { percent, roundPercent } from '@/ui/percent'

type Translate = (key: string, named: Record<string, unknown>) => string

/** “42 秒”, “3 分 5 秒”, “2 小时 10 分”. */
export function duration(seconds: number, t: Translate): string {
  const whole = Math.round(seconds)
  if (whole < 60) return t('figureTime.s', { s: whole })
  if (whole < 3600) return t(whole % 60 ? 'figureTime.minS' : 'figureTime.min', { min: Math.floor(whole / 60), s: whole % 60 })
  const minutes = Math.round(whole / 60)
  return t(minutes % 60 ? 'figureTime.hMin' : 'figureTime.h', { h: Math.floor(minutes / 60), min: minutes % 60 })
}

/** What is drawn: a share of 1, or the median in seconds. Null: nothing is said. */
export function valueOf(definition: FigureDefinition, figure: Figure): number | null {
  return definition.unit === 'share' ? figure.share : figure.median_s
}

export function valueWords(definition: FigureDefinition, value: number, t: Translate): string {
  return definition.unit === 'share' ? percent(value) : duration(value, t)
}

/** By how much it is another one than before: percentage points, or seconds. */
export function difference(definition: FigureDefinition, now: Figure, before: Figure, t: Translate): string | null {
  const [a, b] = [valueOf(definition, now), valueOf(definition, before)]
  if (a === null || b === null) return null
  const share = definition.unit === 'share'
  const by = share ? Math.round((a - b) * 1000) / 10 : Math.round(a - b)
  const sign = by > 0 ? '+' : by < 0 ? '−' : '±'
  return sign + (share ? t('figures.points', { n: Math.abs(by).toFixed(1) }) : duration(Math.abs(by), t))
}

/** Months that follow each other as “2026-01 – 2026-11”. @param months the first day of each, in order */
export function monthRanges(months: readonly string[]): string[] {
  const ranges: [string, string][] = []
  for (const month of months.map((one) => one.slice(0, 7))) {
    const last = ranges.at(-1)
    if (last && monthAfter(last[1], 1) === month) last[1] = month
    else ranges.push([month, month])
  }
  return ranges.map(([first, last]) => (first === last ? first : `${first} – ${last}`))
}

/** The month `by` months later, as 2026-12. */
export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const at = year * 12 + number - 1 + by
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
}

/** How a figure is said. Pure. */
import type { Figure, FigureDefinition } from '@/api/types'

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

/** As a target is written: “97.5%”, “100%”. */
export function roundPercent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`
}

/** “42 秒”, “3 分 5 秒”, “2 小时 10 分”; in English “42 s”, “3 min 5 s”, “2 h 10 min”. */
export function duration(seconds: number, locale: string): string {
  const [h, min, s] = locale === 'en' ? [' h', ' min', ' s'] : [' 小时', ' 分', ' 秒']
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}${s}`
  if (whole < 3600) return `${Math.floor(whole / 60)}${min}${whole % 60 ? ` ${whole % 60}${s}` : ''}`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)}${h}${minutes % 60 ? ` ${minutes % 60}${min}` : ''}`
}

/** What is drawn: a share of 1, or the median in seconds. Null: nothing is said. */
export function valueOf(definition: FigureDefinition, figure: Figure): number | null {
  return definition.unit === 'share' ? figure.share : figure.median_s
}

export function valueWords(definition: FigureDefinition, value: number, locale: string): string {
  return definition.unit === 'share' ? percent(value) : duration(value, locale)
}

/** By how much it is another one than before: percentage points, or seconds. */
export function difference(definition: FigureDefinition, now: Figure, before: Figure, locale: string): string | null {
  const [a, b] = [valueOf(definition, now), valueOf(definition, before)]
  if (a === null || b === null) return null
  const share = definition.unit === 'share'
  const by = share ? Math.round((a - b) * 1000) / 10 : Math.round(a - b)
  const sign = by > 0 ? '+' : by < 0 ? '−' : '±'
  return sign + (share ? `${Math.abs(by).toFixed(1)} ${locale === 'en' ? 'pp' : '个百分点'}` : duration(Math.abs(by), locale))
}

/** The month `by` months later, as 2026-12. */
export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const at = year * 12 + number - 1 + by
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
}

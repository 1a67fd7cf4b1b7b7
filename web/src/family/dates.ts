/** Days and moments that lie ahead, as one says them on the telephone. Pure. */
import { dayOf, exactTime, dayWords as dateOf } from '@/i18n/time'

type Translate = (key: string, named?: Record<string, unknown>) => string

const DAY_MS = 86_400_000

/** 1 Monday to 7 Sunday, of a calendar day “2026-11-29”. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** “今天”, “明天”, “周三”. */
export function shortDay(day: string, nowMs: number, t: Translate): string {
  const today = dayOf(new Date(nowMs))
  if (day === today) return t('when.today')
  if (day === addDays(today, 1)) return t('when.tomorrow')
  return t(`weekday.${weekdayOf(day)}`)
}

/** “今天”, “明天”, “12月1日（周二）”. */
export function dayWords(day: string, nowMs: number, t: Translate): string {
  const today = dayOf(new Date(nowMs))
  if (day === today || day === addDays(today, 1)) return shortDay(day, nowMs, t)
  if (day === addDays(today, -1)) return t('when.yesterday')
  return t('when.day', { date: dateWords(day, nowMs, t), weekday: t(`weekday.${weekdayOf(day)}`) })
}

/** “12月1日”. */
export function dateWords(day: string, nowMs: number, t: Translate): string {
  return dateOf(day, new Date(nowMs), t)
}

/** “14:00”. */
export function clockWords(iso: string): string {
  return exactTime(iso).slice(11, 16)
}

/** “明天 14:00”. */
export function momentWords(iso: string, nowMs: number, t: Translate): string {
  return t('when.moment', { day: dayWords(dayOf(new Date(iso)), nowMs, t), time: clockWords(iso) })
}

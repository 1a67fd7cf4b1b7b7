/** Days and hours of a week grid. A day is its ISO date; hours are minutes after 00:00 of it. */

import { dayOf } from '@/i18n/time'

const DAY_MIN = 1440
const DAY_MS = 86_400_000

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10)
}

/** 1 for Monday to 7 for Sunday. */
export function weekday(day: string): number {
  return new Date(day).getUTCDay() || 7
}

/** The Monday of the week of this moment, in Shanghai. */
export function mondayOf(nowMs: number): string {
  const day = dayOf(new Date(nowMs))
  return addDays(day, 1 - weekday(day))
}

function clock(minute: number): string {
  const minutes = minute > DAY_MIN ? minute - DAY_MIN : minute
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** `22:00–06:00`: what ends before it begins ends after midnight. */
export function hoursOf(shift: { from_min: number; to_min: number }): string {
  return `${clock(shift.from_min)}–${clock(shift.to_min)}`
}

/** Minutes after 00:00 of this day, in Shanghai; another day's moment is before 0 or beyond 1440. */
export function minuteOfDay(iso: string, day: string): number {
  return (Date.parse(iso) - Date.parse(`${day}T00:00:00+08:00`)) / 60_000
}

/** Rules that repeat by the week, as RFC 5545, and their hours in minutes of the day. Pure. */
import type { SeriesForm } from '@/api/types'
import { dayOf, exactTime } from '@/i18n/time'

import { weekdayOf } from '../dates'

type HoursForm = SeriesForm['terms']['hours']

const DAILY = 'FREQ=DAILY'
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const LATEST_MIN = 30
const LAST_MIN = 24 * 60 - 1

export function minuteOf(iso: string): number {
  const [hour, minute] = exactTime(iso).slice(11, 16).split(':').map(Number)
  return (hour ?? 0) * 60 + (minute ?? 0)
}

/** The rule and hours that the moment says, as RFC 5545 and in minutes of the day. */
export function weeklyFrom(iso: string): { begins: string; rule: string; hours: HoursForm } {
  const begins = dayOf(new Date(iso))
  const at = minuteOf(iso)
  return {
    begins,
    rule: ruleOn([weekdayOf(begins)]),
    hours: { at_min: at, earliest_min: at, latest_min: Math.min(at + LATEST_MIN, LAST_MIN) },
  }
}

/** 1 Monday to 7 Sunday; null: it does not go by the days of the week. */
export function daysOf(rule: string): number[] | null {
  if (rule === DAILY) return [1, 2, 3, 4, 5, 6, 7]
  const days = /^FREQ=WEEKLY(?:;INTERVAL=\d+)?;BYDAY=([A-Z,]+)$/.exec(rule)?.[1]
  return days ? days.split(',').map((code) => DAYS.indexOf(code) + 1) : null
}

/** The same rule on these days of the week: 1 Monday to 7 Sunday, at least one. */
export function ruleOn(days: readonly number[], rule = DAILY): string {
  const interval = /;INTERVAL=\d+/.exec(rule)?.[0] ?? ''
  if (days.length === DAYS.length && interval === '') return DAILY
  return `FREQ=WEEKLY${interval};BYDAY=${[...days].sort((a, b) => a - b).map((day) => DAYS[day - 1]).join(',')}`
}

/** Later or earlier as a whole: as long before and after the moment as it was. */
export function hoursAt(hours: HoursForm, at_min: number): HoursForm {
  const later = at_min - hours.at_min
  const within = (minute: number): number => Math.min(Math.max(minute + later, 0), LAST_MIN)
  return { at_min, earliest_min: within(hours.earliest_min), latest_min: within(hours.latest_min) }
}

/** “14:00” of a minute of the day. */
export function clockOfMinute(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** From one visit to one every week. Pure. */
import { dayOf, exactTime } from '@/i18n/time'

import { weekdayOf } from '../dates'

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const LATEST_MIN = 30
const LAST_MIN = 24 * 60 - 1

export function minuteOf(iso: string): number {
  const [hour, minute] = exactTime(iso).slice(11, 16).split(':').map(Number)
  return (hour ?? 0) * 60 + (minute ?? 0)
}

/** The rule and hours that the moment says, as RFC 5545 and in minutes of the day. */
export function weeklyFrom(iso: string): { begins: string; rule: string; hours: { at_min: number; earliest_min: number; latest_min: number } } {
  const begins = dayOf(new Date(iso))
  const at = minuteOf(iso)
  return {
    begins,
    rule: `FREQ=WEEKLY;BYDAY=${DAYS[weekdayOf(begins) - 1]}`,
    hours: { at_min: at, earliest_min: at, latest_min: Math.min(at + LATEST_MIN, LAST_MIN) },
  }
}

/** “14:00” of a minute of the day. */
export function clockOfMinute(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

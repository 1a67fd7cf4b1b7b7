/** Hours as they are typed: `08:00-12:00, 13:30-17:30`; what ends before it begins ends after midnight. */
import { minuteOfDay, weekday } from '../days'

export interface Interval {
  from_min: number
  to_min: number
}
/** Why hours will not do. */
export type HoursFault = 'unreadable' | 'overlap' | 'afterNight' | 'tooMany'

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

const DAY_MIN = 1440
const SPAN = /^(\d{1,2}):(\d{2})\s*[-–—~\u81f3]\s*(\d{1,2}):(\d{2})$/

/** Null: it cannot be read. Nothing is a free day. */
export function hoursTyped(text: string): Interval[] | null {
  const pieces = text.replaceAll('：', ':').split(/[,，、;；\n]+/).map((piece) => piece.trim()).filter(Boolean)
  const found = pieces.map(spanOf)
  return found.every((one) => one !== null) ? found.sort((a, b) => a.from_min - b.from_min) : null
}

function spanOf(text: string): Interval | null {
  const found = SPAN.exec(text)
  if (!found) return null
  const [fromHour = 0, fromMin = 0, toHour = 0, toMin = 0] = found.slice(1).map(Number)
  const [from, to] = [fromHour * 60 + fromMin, toHour * 60 + toMin]
  if (fromMin > 59 || toMin > 59 || from >= DAY_MIN || to > DAY_MIN || from === to) return null
  return { from_min: from, to_min: to > from ? to : to + DAY_MIN }
}

/** As the field shows it. */
export function typedHours(shifts: readonly Interval[]): string {
  const clock = (minute: number): string => {
    const within = minute > DAY_MIN ? minute - DAY_MIN : minute
    return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`
  }
  return shifts.map((one) => `${clock(one.from_min)}-${clock(one.to_min)}`).join(', ')
}

/** @param eve the hours of the day before, whose night may reach into this one */
export function faultOfDay(text: string, eve: readonly Interval[] = []): HoursFault | null {
  const shifts = hoursTyped(text)
  if (!shifts) return 'unreadable'
  if (shifts.length > 6) return 'tooMany'
  let taken = Math.max(0, ...eve.map((one) => one.to_min - DAY_MIN))
  for (const [at, one] of shifts.entries()) {
    if (one.from_min < taken) return at === 0 ? 'afterNight' : 'overlap'
    taken = one.to_min
  }
  return null
}

export type WeekTyped = Record<Weekday, string>

/** The same every week: Sunday's night reaches into Monday. */
export function faultsOfWeek(week: WeekTyped): Partial<Record<Weekday, HoursFault>> {
  const faults: Partial<Record<Weekday, HoursFault>> = {}
  WEEKDAYS.forEach((day, at) => {
    const eve = WEEKDAYS[(at + 6) % 7] ?? 'sun'
    const fault = faultOfDay(week[day], hoursTyped(week[eve]) ?? [])
    if (fault) faults[day] = fault
  })
  return faults
}

interface Begun {
  starts_at: string
  ends_at: string
}

/** Visits that do not lie whole within the hours of the day. */
export function outsideHours<V extends Begun>(visits: readonly V[], shifts: readonly Interval[], day: string): V[] {
  return visits.filter((visit) => {
    const [from, to] = [minuteOfDay(visit.starts_at, day), minuteOfDay(visit.ends_at, day)]
    return !shifts.some((shift) => shift.from_min <= from && to <= shift.to_min)
  })
}

/** Minutes of a week. */
export function minutesOfWeek(week: WeekTyped): number {
  return WEEKDAYS.flatMap((day) => hoursTyped(week[day]) ?? []).reduce((sum, one) => sum + one.to_min - one.from_min, 0)
}

export const weekdayOf = (day: string): Weekday => WEEKDAYS[weekday(day) - 1] ?? 'mon'

/** Times as people here say them: Asia/Shanghai, whatever the machine is set to. */

export const ZONE = 'Asia/Shanghai'

type Translate = (key: string, named?: Record<string, unknown>) => string

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

interface WallClock {
  year: number
  month: number
  day: number
  hour: string
  minute: string
  second: string
}

function wallClock(at: Date): WallClock {
  const found: Record<string, string> = {}
  for (const part of parts.formatToParts(at)) found[part.type] = part.value
  return {
    year: Number(found['year']),
    month: Number(found['month']),
    day: Number(found['day']),
    hour: found['hour'] ?? '',
    minute: found['minute'] ?? '',
    second: found['second'] ?? '',
  }
}

export function clockOf(at: Date): string {
  const wall = wallClock(at)
  return `${wall.hour}:${wall.minute}:${wall.second}`
}

function dayNumber(wall: WallClock): number {
  return Date.UTC(wall.year, wall.month - 1, wall.day) / 86_400_000
}

/** “今天 08:00”, “昨天 08:00”, “11月22日 08:00”, with the year when it is another one. */
export function timeWords(iso: string, now: Date, t: Translate): string {
  const wall = wallClock(new Date(iso))
  const today = wallClock(now)
  const time = `${wall.hour}:${wall.minute}`
  const days = dayNumber(today) - dayNumber(wall)
  if (days === 0) return t('time.today', { time })
  if (days === 1) return t('time.yesterday', { time })
  const named = { year: wall.year, month: wall.month, monthName: t(`time.months.${wall.month}`), day: wall.day, time }
  return t(wall.year === today.year ? 'time.day' : 'time.dayOfYear', named)
}

/** A calendar day as forms and the API write it: “11月22日”, with the year when it is another one. */
export function dayWords(day: string, now: Date, t: Translate): string {
  const [year, month, date] = day.split('-').map(Number)
  const named = { year, month, monthName: t(`time.months.${month}`), day: date }
  return t(year === wallClock(now).year ? 'time.dayAlone' : 'time.dayAloneOfYear', named)
}

/** To the second, for the hover and for the record: “2026-11-22 08:00:05”. */
export function exactTime(iso: string | null): string {
  if (!iso) return ''
  const wall = wallClock(new Date(iso))
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${wall.year}-${two(wall.month)}-${two(wall.day)} ${wall.hour}:${wall.minute}:${wall.second}`
}

/** The calendar day, as forms and the API write it: “2026-11-22”. */
export function dayOf(at: Date): string {
  return exactTime(at.toISOString()).slice(0, 10)
}

/** “刚刚”, “40 秒前”, “3 分钟前”, “2 小时前”, “5 天前”. A time slightly ahead of us is “just now”. */
export function ageWords(seconds: number, t: Translate): string {
  if (seconds < 5) return t('age.now')
  if (seconds < 60) return t('age.seconds', { n: Math.floor(seconds) })
  if (seconds < 3600) return t('age.minutes', { n: Math.floor(seconds / 60) })
  if (seconds < 86_400) return t('age.hours', { n: Math.floor(seconds / 3600) })
  return t('age.days', { n: Math.floor(seconds / 86_400) })
}

export function secondsSince(iso: string, nowMs: number): number {
  return Math.max(0, (nowMs - Date.parse(iso)) / 1000)
}

/** A running clock: “0:42”, “12:05”, “1:02:05”; from a day on, “3 d 04 h” in the page's words. */
export function runningClock(seconds: number, t: Translate): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}`
  if (whole < 86_400) return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
  return t('age.daysHours', { d: Math.floor(whole / 86_400), h: Math.floor(whole / 3600) % 24 })
}

/** How long, in words: “8 分钟”, “2 小时 5 分”. */
export function durationWords(seconds: number, t: Translate): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return t('duration.minutes', { n: minutes })
  return t('duration.hours', { h: Math.floor(minutes / 60), m: minutes % 60 })
}

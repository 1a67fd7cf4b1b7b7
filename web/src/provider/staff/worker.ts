/** A worker being hired or changed: as the fields hold it, what is wrong with it, and what is sent. */
import type { Hiring, Worker, WorkerChange } from '@/api/types'

export const KINDS = ['employed', 'volunteer', 'neighbour', 'peer'] as const satisfies readonly Worker['kind'][]
export const MODES = ['walk', 'ebike', 'bus', 'car'] as const satisfies readonly Worker['travel_mode'][]
export const DATUMS = ['WGS-84', 'GCJ-02', 'BD-09'] as const
/** Hours of a day, a week and a month: nobody does more unpaid. */
export const UNPAID_HOURS = { dayHours: 4, weekHours: 12, monthHours: 48 } as const
const MOST_HOURS = { dayHours: 24, weekHours: 168, monthHours: 744 } as const

export interface BreakDraft {
  begin: string
  end: string
  minutes: string
  paid: boolean
}

export interface WorkerDraft {
  name: string
  sex: Worker['sex'] | ''
  /** Of somebody who is registered: empty, it stays as it is. */
  phone: string
  kind: Worker['kind']
  travel_mode: Worker['travel_mode']
  dialects: string
  skills: string[]
  certificates: Worker['certificates']
  lat: string
  lon: string
  datum: (typeof DATUMS)[number]
  areas: string[]
  dayHours: string
  weekHours: string
  monthHours: string
  mostVisits: string
  breaks: BreakDraft[]
  elder_ids: string[]
}

export function blankWorker(): WorkerDraft {
  return {
    name: '', sex: '', phone: '', kind: 'employed', travel_mode: 'ebike', dialects: '', skills: [], certificates: [], lat: '', lon: '', datum: 'WGS-84',
    areas: [], dayHours: '', weekHours: '', monthHours: '', mostVisits: '', breaks: [], elder_ids: [],
  }
}

const hours = (minutes: number | null): string => (minutes === null ? '' : String(minutes / 60))
export const clockOfMinute = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
export const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))

export function draftOfWorker(worker: Worker): WorkerDraft {
  return {
    name: worker.name,
    sex: worker.sex,
    phone: '',
    kind: worker.kind,
    travel_mode: worker.travel_mode,
    dialects: worker.dialects.join(' '),
    skills: [...worker.skills],
    certificates: worker.certificates.map((one) => ({ ...one })),
    lat: worker.base ? String(worker.base.lat) : '',
    lon: worker.base ? String(worker.base.lon) : '',
    datum: 'WGS-84',
    areas: [...worker.areas],
    dayHours: hours(worker.day_limit_min),
    weekHours: hours(worker.week_limit_min),
    monthHours: hours(worker.month_limit_min),
    mostVisits: worker.most_visits === null ? '' : String(worker.most_visits),
    breaks: worker.breaks.map((one) => ({ begin: clockOfMinute(one.from_min), end: clockOfMinute(one.to_min), minutes: String(one.duration_min), paid: one.paid })),
    elder_ids: [...worker.elder_ids],
  }
}

const minutesOf = (typed: string): number | null => (typed.trim() ? Math.round(Number(typed) * 60) : null)

export function hiringOf(draft: WorkerDraft): Hiring {
  return {
    name: draft.name.trim(),
    sex: draft.sex || 'female',
    phone: draft.phone.trim(),
    kind: draft.kind,
    travel_mode: draft.travel_mode,
    dialects: draft.dialects.split(/[\s,，、]+/).filter(Boolean),
    skills: [...draft.skills],
    certificates: draft.certificates.map((one) => ({ ...one, number: one.number.trim() })),
    base: draft.lat.trim() && draft.lon.trim() ? { lat: Number(draft.lat), lon: Number(draft.lon), datum: draft.datum } : null,
    areas: [...draft.areas],
    day_limit_min: minutesOf(draft.dayHours),
    week_limit_min: minutesOf(draft.weekHours),
    month_limit_min: minutesOf(draft.monthHours),
    most_visits: draft.mostVisits.trim() ? Number(draft.mostVisits) : null,
    breaks: draft.breaks.map((one) => ({ duration_min: Number(one.minutes), from_min: minuteOf(one.begin), to_min: minuteOf(one.end), paid: one.paid })),
    elder_ids: draft.kind === 'employed' ? [] : [...draft.elder_ids],
  }
}

/** Only what was changed, so that what stays is not written anew: a place keeps the datum in which it came. */
export function changeOfWorker(before: WorkerDraft, after: WorkerDraft): WorkerChange {
  const [was, is] = [hiringOf(before), hiringOf(after)]
  const changed = Object.entries(is).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name as keyof Hiring]))
  return Object.fromEntries(changed) as WorkerChange
}

export type WorkerFaults = Partial<Record<keyof WorkerDraft, string>>

/** A fault is the path of the words that say it. */
export function workerFaults(draft: WorkerDraft, registered: boolean): WorkerFaults {
  const faults: WorkerFaults = {}
  if (!draft.name.trim()) faults.name = 'workerFault.name'
  if (!draft.sex) faults.sex = 'workerFault.sex'
  if (!(registered && !draft.phone.trim()) && !/^\+?[0-9][0-9 -]{1,18}[0-9]$/.test(draft.phone.trim())) faults.phone = 'workerFault.phone'
  if (!isPlace(draft)) faults.lat = 'workerFault.place'
  const held = draft.certificates
  if (held.some((one) => !one.kind || !one.number.trim() || !one.valid_from || !one.valid_until)) faults.certificates = 'workerFault.certificateWhole'
  else if (held.some((one) => one.valid_until < one.valid_from)) faults.certificates = 'workerFault.certificateDays'
  else if (new Set(held.map((one) => `${one.kind} ${one.number.trim()}`)).size < held.length) faults.certificates = 'workerFault.certificateTwice'
  if (draft.breaks.some((one) => !isBreak(one))) faults.breaks = 'workerFault.breaks'
  if (draft.mostVisits.trim() && !(Number.isInteger(Number(draft.mostVisits)) && Number(draft.mostVisits) >= 1 && Number(draft.mostVisits) <= 50)) faults.mostVisits = 'workerFault.mostVisits'
  return { ...faults, ...limitFaults(draft) }
}

function isPlace({ lat, lon }: WorkerDraft): boolean {
  if (!lat.trim() && !lon.trim()) return true
  return Boolean(lat.trim() && lon.trim()) && Math.abs(Number(lat)) <= 90 && Math.abs(Number(lon)) <= 180
}

function isBreak(one: BreakDraft): boolean {
  const minutes = Number(one.minutes)
  return Boolean(one.begin && one.end) && one.begin <= one.end && Number.isInteger(minutes) && minutes >= 5 && minutes <= 240
}

function limitFaults(draft: WorkerDraft): WorkerFaults {
  const faults: WorkerFaults = {}
  const names = ['dayHours', 'weekHours', 'monthHours'] as const
  for (const name of names) {
    const typed = draft[name].trim()
    if (draft.kind !== 'employed' && !(Number(typed) > 0 && Number(typed) <= UNPAID_HOURS[name])) faults[name] = `unpaidFault.${name}`
    else if (typed && !(Number(typed) * 60 >= 1 && Number(typed) <= MOST_HOURS[name])) faults[name] = 'workerFault.hours'
  }
  const given = names.filter((name) => draft[name].trim() && !faults[name])
  given.forEach((name, at) => {
    const longer = given[at + 1]
    if (longer && Number(draft[name]) > Number(draft[longer])) faults[name] = 'workerFault.moreThanLonger'
  })
  return faults
}

import { describe, expect, test } from 'vitest'

import type { Worker } from '@/api/types'
import { faultOfDay, faultsOfWeek, hoursTyped, minutesOfWeek, outsideHours, typedHours, type WeekTyped } from '@/provider/shifts/hours'
import { blankWorker, changeOfWorker, draftOfWorker, hiringOf, workerFaults } from '@/provider/staff/worker'

import { allTexts } from './words'

const WORKER: Worker = {
  id: 'w', provider_id: 'p', name: '秦芳', sex: 'female', phone_masked: '139****0001', kind: 'employed', state: 'active', dialects: ['大冶话'], skills: ['bathing'],
  certificates: [{ kind: 'elder_care_worker', number: 'H-7', valid_from: '2024-01-01', valid_until: '2027-12-31' }],
  base: { lat: 30.20123, lon: 115.03456, source_datum: 'GCJ-02' }, travel_mode: 'ebike', areas: ['420202006'], day_limit_min: 450, week_limit_min: 2400, month_limit_min: null,
  most_visits: 8, breaks: [{ duration_min: 30, from_min: 690, to_min: 780, paid: false }], elder_ids: [], photo_url: null, version: 3,
}

describe('a worker being written', () => {
  test('is changed only where something was changed', () => {
    const [before, after] = [draftOfWorker(WORKER), draftOfWorker(WORKER)]
    expect(changeOfWorker(before, after)).toEqual({})
    after.dayHours = '8'
    after.certificates = []
    expect(changeOfWorker(before, after)).toEqual({ day_limit_min: 480, certificates: [] })
    expect(workerFaults(after, true)).toEqual({})
  })

  test('says what is missing, in words there are', () => {
    const faults = workerFaults({ ...blankWorker(), lat: '30', certificates: [{ kind: 'x', number: '', valid_from: '', valid_until: '' }], breaks: [{ begin: '13:00', end: '12:00', minutes: '30', paid: false }], mostVisits: '0' }, false)
    expect(Object.keys(faults).sort()).toEqual(['breaks', 'certificates', 'lat', 'mostVisits', 'name', 'phone', 'sex'])
    for (const words of Object.values(faults)) expect(allTexts('en').has(words)).toBe(true)
  })

  test('gives nobody unpaid more hours than the platform takes, and pairs no employee', () => {
    const unpaid = { ...draftOfWorker(WORKER), kind: 'volunteer' as const, elder_ids: ['e'] }
    expect(Object.keys(workerFaults(unpaid, true)).sort()).toEqual(['dayHours', 'monthHours', 'weekHours'])
    expect(workerFaults({ ...unpaid, dayHours: '4', weekHours: '12', monthHours: '48' }, true)).toEqual({})
    expect(hiringOf(unpaid).elder_ids).toEqual(['e'])
    expect(hiringOf({ ...unpaid, kind: 'employed' }).elder_ids).toEqual([])
  })

  test('has no day longer than its week', () => {
    expect(workerFaults({ ...draftOfWorker(WORKER), dayHours: '9', weekHours: '8' }, true)).toEqual({ dayHours: 'workerFault.moreThanLonger' })
  })
})

describe('hours as they are typed', () => {
  test('are read back as they are shown, also after midnight', () => {
    const typed = '08:00-12:00, 13:30-17:30, 22:00-06:00'
    expect(hoursTyped(typed)).toEqual([{ from_min: 480, to_min: 720 }, { from_min: 810, to_min: 1050 }, { from_min: 1320, to_min: 1800 }])
    expect(typedHours(hoursTyped('8：00—12：00；18:00~24:00') ?? [])).toBe('08:00-12:00, 18:00-24:00')
    expect([hoursTyped(''), hoursTyped('8-12'), hoursTyped('25:00-26:00'), hoursTyped('08:00-08:00')]).toEqual([[], null, null, null])
  })

  test('do not overlap, nor begin before the night has ended', () => {
    const night = hoursTyped('22:00-06:00') ?? []
    expect([faultOfDay('08:00-12:00, 11:00-13:00'), faultOfDay('05:00-09:00', night), faultOfDay('06:00-09:00', night)]).toEqual(['overlap', 'afterNight', null])
    const week: WeekTyped = { mon: '05:00-09:00', tue: '', wed: 'x', thu: '', fri: '', sat: '', sun: '22:00-06:00' }
    expect(faultsOfWeek(week)).toEqual({ mon: 'afterNight', wed: 'unreadable' })
    expect(minutesOfWeek(week)).toBe(240 + 480)
  })

  test('name the visits that they leave outside', () => {
    const visit = (starts_at: string, ends_at: string) => ({ starts_at, ends_at })
    const visits = [visit('2026-12-01T00:30:00Z', '2026-12-01T01:30:00Z'), visit('2026-12-01T03:30:00Z', '2026-12-01T04:30:00Z')]
    expect(outsideHours(visits, hoursTyped('08:00-12:00') ?? [], '2026-12-01')).toEqual([visits[1]])
    expect(outsideHours(visits, [], '2026-12-01')).toEqual(visits)
  })
})

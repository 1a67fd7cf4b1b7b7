/** What happened and what is being done, as sentences for the family. Pure. */
import type { CaseView, DeviceView, TimelineEntry } from '@/api/types'
import { ageWords, secondsSince, timeWords } from '@/i18n/time'
import { metresBetween } from '@/ui/map/places'

type Translate = (key: string, named?: Record<string, unknown>) => string
type Known = (key: string) => boolean
export interface Speech {
  t: Translate
  te: Known
  nowMs: number
}

const AT_HOME_M = 300
const LOW_BATTERY_PCT = 20

export function happened(view: CaseView, name: string, { t, te, nowMs }: Speech): string {
  const kind = te(`happened.${view.kind}`) ? view.kind : 'unknown'
  return t('happened.sentence', { time: timeWords(view.opened_at, new Date(nowMs), t), name, what: t(`happened.${kind}`) })
}

export function ended(view: CaseView, { t, te }: Speech): string {
  return te(`ended.${view.outcome}`) ? t(`ended.${view.outcome}`) : t('ended.other')
}

/** From what happened to who is on the way. */
export function running(view: CaseView, name: string, timeline: TimelineEntry[], home: Home, speech: Speech): string[] {
  const { t } = speech
  const said = [happened(view, name, speech)]
  if (view.press_count > 1) said.push(t('happened.presses', { n: view.press_count }))
  if (view.fall_cancelled_at) said.push(t('happened.cancelled'))
  said.push(doing(view, timeline, t))
  const place = whereabouts(view, home, t)
  return place ? [...said, place] : said
}

function doing(view: CaseView, timeline: TimelineEntry[], t: Translate): string {
  const who = view.claimed_by?.name ?? ''
  if (view.state !== 'responding') return t(`doing.${view.state}`, { who })
  const sent = timeline.filter((entry) => entry.move === 'respond').at(-1)?.detail['who']
  return typeof sent === 'string' && sent ? t('doing.responding', { who, helper: sent }) : t('doing.respondingSomebody', { who })
}

export type Home = { lat: number; lon: number } | null

function whereabouts(view: CaseView, home: Home, t: Translate): string | null {
  if (!view.location || !home) return null
  const metres = metresBetween(view.location, home)
  if (metres <= Math.max(AT_HOME_M, view.location.accuracy_m ?? 0)) return t('doing.atHome')
  return t('doing.fromHome', { n: (metres / 1000).toFixed(1) })
}

export function deviceSentence(device: DeviceView, name: string, { t, nowMs }: Speech): string {
  const said = { device: t(`deviceKind.${device.kind}`), name }
  if (!device.last_seen_at) return t('heard.never', said)
  if (device.online === false) return t('heard.offline', { ...said, time: timeWords(device.last_seen_at, new Date(nowMs), t) })
  const age = ageWords(secondsSince(device.last_seen_at, nowMs), t)
  if (device.battery_pct === null) return t('heard.online', { ...said, age })
  return t(device.battery_pct <= LOW_BATTERY_PCT ? 'heard.low' : 'heard.battery', { ...said, age, n: Math.round(device.battery_pct) })
}

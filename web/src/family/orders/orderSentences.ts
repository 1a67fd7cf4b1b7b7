/** How an order stands and what has happened to it, as sentences for the family. Pure. */
import type { OrderView, TimelineLine, VisitView } from '@/api/types'
import { yuan } from '@/ui/money'

import { clockWords, momentWords } from '../dates'

import { isMeal } from './steps'

type Translate = (key: string, named?: Record<string, unknown>) => string
export interface Speech {
  t: Translate
  te: (key: string) => boolean
  nowMs: number
  /** When whoever is on the way arrives, from where they are, by visit; of others as it is planned. */
  arrivals?: ReadonlyMap<string, string>
}

const MINUTE_MS = 60_000
/** Beyond it the hour says more than the minutes. */
const FAR_MIN = 90

/** When the visit begins, as it was told, as it is planned, or as it is wished. */
function beginOf(order: OrderView, visit: VisitView): string {
  return visit.told_starts_at ?? visit.starts_at ?? order.wished_from
}

/** Who had agreed to this visit and will not come after all, while nobody else has agreed. */
function lost(visit: VisitView, timeline: readonly TimelineLine[]): string | null {
  if (!['waiting', 'planned', 'offered'].includes(visit.state)) return null
  const last = timeline.findLast((line) => line.move === 'reschedule' || (line.move === 'accept' && line.visit_id === visit.id))
  return last?.move === 'accept' ? last.worker_name : null
}

/** The first sentence is the news; the others go with it. */
export function standing(order: OrderView, speech: Speech, timeline: readonly TimelineLine[] = []): string[] {
  const { t } = speech
  const name = order.elder.name
  switch (order.state) {
    case 'cancelled':
      return [t(order.cancel_fee_fen ? 'stands.cancelledFee' : 'stands.cancelled', { money: yuan(order.cancel_fee_fen ?? 0) })]
    case 'missed':
      return [t('stands.missed')]
    case 'not_met':
      return [t('stands.notMet', { name })]
    case 'interrupted':
      return [t('stands.interrupted')]
    case 'disputed':
      return [t('stands.disputed')]
    case 'done':
      return order.visits.filter((visit) => visit.state === 'done').map((visit) => visitStands(order, visit, speech))
    default:
      return [...new Set(order.visits.flatMap((visit) => {
        const who = lost(visit, timeline)
        return [...(who ? [t('stands.lost', { who })] : []), visitStands(order, visit, speech)]
      }))]
  }
}

function visitStands(order: OrderView, visit: VisitView, speech: Speech): string {
  const { t, nowMs } = speech
  const kind = isMeal(order) ? 'meal' : 'visit'
  const who = visit.worker?.name ?? ''
  const begin = beginOf(order, visit)
  const named = { who, name: order.elder.name, time: momentWords(begin, nowMs, t), clock: clockWords(begin) }
  switch (visit.state) {
    case 'waiting':
      if (visit.waits_because === 'no_position') return t('stands.noPosition', named)
      return t(visit.waits_because ? `stands.${kind}.stillLooking` : `stands.${kind}.looking`, named)
    case 'planned':
    case 'offered':
      return t(`stands.${kind}.asking`, named)
    case 'accepted':
      return t(`stands.${kind}.accepted`, named)
    case 'on_the_way':
      return onTheWay(kind, named, (Date.parse(speech.arrivals?.get(visit.id) ?? begin) - nowMs) / MINUTE_MS, t)
    case 'in_service':
      return t(`stands.${kind}.inService`, { ...named, until: clockWords(visit.ends_at ?? order.wished_until) })
    case 'done':
      return t(`stands.${kind}.done`, { ...named, at: momentWords(visit.ends_at ?? begin, nowMs, t) })
    default:
      return t('stands.one', { state: t(`orderState.${visit.state}`) })
  }
}

function onTheWay(kind: string, named: Record<string, string>, minutes: number, t: Translate): string {
  if (minutes < -1) return t(`stands.${kind}.late`, named)
  if (minutes > FAR_MIN) return t(`stands.${kind}.far`, named)
  return minutes < 1 ? t(`stands.${kind}.near`, named) : t(`stands.${kind}.onTheWay`, { ...named, n: Math.round(minutes) })
}

/** A code of the platform, not the words of a person. */
const CODE = /^[a-z0-9_.]+$/

/** One line of the history; null: nothing that a family needs to know. */
export function happenedTo(line: TimelineLine, { t, te, nowMs }: Speech): string | null {
  if (!te(`past.${line.move}`)) return null
  const time = momentWords(line.device_at && !line.clock_suspect ? line.device_at : line.at, nowMs, t)
  const who = line.worker_name ?? t('past.somebody')
  const by = line.actor_name ?? t('past.platform')
  const what = t(`past.${line.move}`, { who, by })
  const why = line.reason && !CODE.test(line.reason) ? t('past.because', { reason: line.reason }) : ''
  return t('past.line', { time, what }) + why
}

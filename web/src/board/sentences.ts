/** What the board says in whole sentences. Pure; the words are the area's. */
import { Problem } from '@/api/client'
import type { MovedVisit, WhatIf } from '@/api/types'
import { exactTime } from '@/i18n/time'

type Translate = (key: string, named?: Record<string, unknown>) => string
type Known = (key: string) => boolean

/** `08:30`, in Shanghai. */
export function hour(iso: string | number | null): string {
  if (iso === null) return ''
  return exactTime(typeof iso === 'number' ? new Date(iso).toISOString() : iso).slice(11, 16)
}

export function inLocale(locale: string, zh: string, en: string): string {
  return locale === 'en' ? en : zh
}

/** Why nobody has it yet. A code that is new to this page is said as it is. */
export function waitWords(because: string | null, t: Translate, te: Known): string {
  if (because === null) return t('waits.looking')
  return te(`waits.${because}`) ? t(`waits.${because}`) : t('waits.other', { code: because })
}

/** Why a worker cannot have it, from the `reason` of a refusal. */
export function cannotWords(reason: unknown, t: Translate, te: Known): string | null {
  const key = `cannot.${String(reason)}`
  return typeof reason === 'string' && te(key) ? t(key) : null
}

/** When else somebody can come, from the refusal of a time that was taken meanwhile; null: it is another refusal. */
export function nearestOf(cause: unknown): string[] | null {
  if (!(cause instanceof Problem) || cause.code !== 'orders.slot_taken') return null
  return (cause.body['nearest'] as unknown[]).filter((one) => typeof one === 'string')
}

/** The time that an order has by now, from the refusal of who saw it with another; null: it is another refusal. */
export function movedTo(cause: unknown): string | null {
  return cause instanceof Problem && cause.code === 'orders.moved_meanwhile' ? String(cause.body['wished_from']) : null
}

export function costWords(points: number, t: Translate): string {
  const minutes = Math.abs(Math.round(points))
  if (minutes === 0) return t('reassign.costsNothing')
  return t(points > 0 ? 'reassign.costs' : 'reassign.saves', { n: minutes })
}

/** What becomes of another visit. */
export function movedWords(moved: MovedVisit, t: Translate): string {
  const named = {
    elder: moved.elder.name,
    from: moved.from_worker?.name ?? t('reassign.nobody'),
    to: moved.to_worker?.name ?? t('reassign.nobody'),
    at: hour(moved.to_starts_at ?? null),
    was: hour(moved.from_starts_at ?? null),
  }
  const same = moved.from_worker?.id === moved.to_worker?.id
  const sentence = moved.to_worker === null ? 'reassign.left' : same ? 'reassign.later' : 'reassign.goes'
  return t(sentence, named) + (moved.told ? t('reassign.toldAnew') : '')
}

/** When it would begin, if it is moved as asked. */
export function beginsAt(told: WhatIf, visitId: string, otherwise: string): string {
  return told.moved.find((one) => one.visit_id === visitId)?.to_starts_at ?? otherwise
}

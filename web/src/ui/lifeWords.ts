/** Where an elder's life stands, in words. Pure. */
import type { Life } from '@/api/types'

import { dayWords } from '@/i18n/time'

type Translate = (key: string, named?: Record<string, unknown>) => string

/** “11月29日起住院，预计12月6日回家”; nothing while she is at home and nothing is planned. */
export function lifeWords(life: Life, now: Date, t: Translate): string {
  if (!life.from_day) return ''
  const state = t(`life.${life.state}`, { from: dayWords(life.from_day, now, t) })
  if (life.state === 'died' || life.state === 'moved_out') return state
  return life.until_day ? t('life.until', { state, until: dayWords(life.until_day, now, t) }) : t('life.open', { state })
}

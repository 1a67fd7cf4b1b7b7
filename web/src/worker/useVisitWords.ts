/** A visit's names and times in the words of the page. */
import { useI18n } from 'vue-i18n'

import { exactTime } from '@/i18n/time'

import type { Visit } from './model'

export function clockOf(iso: string | null): string {
  return exactTime(iso).slice(11, 16)
}

export function useVisitWords() {
  const { t, locale } = useI18n()
  return {
    named: (name: { zh: string; en: string }): string => (locale.value === 'en' && name.en ? name.en : name.zh),
    hours: ({ starts_at, ends_at }: Visit): string => t('visit.time', { from: clockOf(starts_at), to: clockOf(ends_at) }),
  }
}

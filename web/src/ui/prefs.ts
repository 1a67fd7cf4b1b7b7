import type { Locale } from '@/i18n'

import { remembered } from './remembered'

export type Theme = 'dark' | 'light'

function browserLocale(): Locale {
  return typeof navigator !== 'undefined' && navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh-CN'
}

interface Prefs {
  locale: Locale
  /** Null: what suits the page (the console dark, the rest light). */
  theme: Theme | null
}

export const prefs = remembered<Prefs>('yian.prefs', { locale: browserLocale(), theme: null })

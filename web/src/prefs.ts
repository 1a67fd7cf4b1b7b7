/** What this browser remembers for the person at it. Nothing about elders is ever kept here. */
import { reactive, watch } from 'vue'

import type { Locale } from '@/i18n'

export type Theme = 'dark' | 'light'

interface Prefs {
  locale: Locale
  /** Null: what suits the page (the console dark, the rest light). */
  theme: Theme | null
  /** 0.15 to 1. */
  volume: number
  singleKeys: boolean
  /** A key that calls also dials, through the softphone of this machine. */
  softphone: boolean
  /** RFC 3339, and whose shift it is. */
  shift: { account: string; since: string } | null
}

const KEY = 'yian.prefs'

function browserLocale(): Locale {
  return typeof navigator !== 'undefined' && navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh-CN'
}

function read(): Prefs {
  const fallback: Prefs = { locale: browserLocale(), theme: null, volume: 0.7, singleKeys: true, softphone: false, shift: null }
  try {
    return { ...fallback, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>) }
  } catch {
    return fallback
  }
}

export const prefs = reactive<Prefs>(read())

/** Private windows may refuse to store: then the choice lasts as long as the page. */
watch(prefs, () => {
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs))
  } catch {
    return
  }
})

/** The words of the pages. Those that every page needs are here; an area adds its own when it is loaded. */
import { createI18n } from 'vue-i18n'

import words from './words'

export type Locale = 'zh-CN' | 'en'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: words,
  missingWarn: false,
  fallbackWarn: false,
})

export function addWords(own: Record<Locale, Record<string, unknown>>): void {
  i18n.global.mergeLocaleMessage('zh-CN', own['zh-CN'])
  i18n.global.mergeLocaleMessage('en', own.en)
}

export function speak(locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}

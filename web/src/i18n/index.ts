import { createI18n } from 'vue-i18n'

import { prefs } from '@/prefs'

import en from './en'
import zh from './zh-CN'

export type Locale = 'zh-CN' | 'en'

export const i18n = createI18n({
  legacy: false,
  locale: prefs.locale,
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en },
  missingWarn: false,
  fallbackWarn: false,
})

export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  prefs.locale = locale
  document.documentElement.lang = locale
}

import { createI18n } from 'vue-i18n'

import en from '@/i18n/en'
import zh from '@/i18n/zh-CN'

type Translate = (key: string, named?: Record<string, unknown>) => string

export function words(locale: 'zh-CN' | 'en'): Translate {
  const i18n = createI18n({ legacy: false, locale, messages: { 'zh-CN': zh, en } })
  return (key, named) => i18n.global.t(key, named ?? {})
}

/** Every text of a locale by its path, lists included. */
export function texts(room: unknown, path = ''): Map<string, string> {
  if (typeof room === 'string') return new Map([[path, room]])
  const found = new Map<string, string>()
  for (const [key, inner] of Object.entries(room as Record<string, unknown>)) {
    for (const [at, text] of texts(inner, path ? `${path}.${key}` : key)) found.set(at, text)
  }
  return found
}

import { createI18n } from 'vue-i18n'

import type { Locale } from '@/i18n'
import base from '@/i18n/words'
import desk from '@/i18n/words/desk'
import stars from '@/i18n/words/stars'

type Translate = (key: string, named?: Record<string, unknown>) => string
type Words = Record<Locale, Record<string, unknown>>

const files = import.meta.glob<{ default: Words }>(['../src/*/words/{index,paying,standing}.ts', '!../src/i18n/**'], { eager: true })

/** The words of each area by its name. */
export const areas = new Map<string, Words>()
for (const [path, { default: own }] of Object.entries(files)) {
  const area = path.split('/')[2] ?? ''
  const before = areas.get(area)
  areas.set(area, { 'zh-CN': { ...before?.['zh-CN'], ...own['zh-CN'] }, en: { ...before?.en, ...own.en } })
}
/** Of the shared parts, also those that only desks load. */
export const shared = {
  'zh-CN': { ...base['zh-CN'], ...desk['zh-CN'], ...stars['zh-CN'], problem: { ...base['zh-CN'].problem, ...desk['zh-CN'].problem, ...stars['zh-CN'].problem } },
  en: { ...base.en, ...desk.en, ...stars.en, problem: { ...base.en.problem, ...desk.en.problem, ...stars.en.problem } },
}

/** As a page says it that has loaded every area. */
export function words(locale: Locale): Translate {
  const i18n = createI18n({ legacy: false, locale, messages: structuredClone(shared) })
  for (const own of areas.values()) i18n.global.mergeLocaleMessage(locale, own[locale])
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

export function allTexts(locale: Locale): Map<string, string> {
  return new Map([shared as Words, ...areas.values()].flatMap((own) => [...texts(own[locale])]))
}

import { speak } from '@/i18n'

import { prefs } from './prefs'

export function toggleLocale(): void {
  prefs.locale = prefs.locale === 'zh-CN' ? 'en' : 'zh-CN'
  speak(prefs.locale)
}

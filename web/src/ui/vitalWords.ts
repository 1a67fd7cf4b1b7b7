import { useI18n } from 'vue-i18n'

import { foreignText } from './foreignText'

/** Names and units of readings in the page's language; what is not known is said as it came. */
export function useVitalWords() {
  const { t, te, tm } = useI18n()
  return {
    vitalWords: (name: string): string => (te(`vital.${name}`) ? t(`vital.${name}`) : foreignText(name, 24)),
    // UCUM codes hold dots and brackets, so they cannot be looked up by path.
    unitWords: (unit: string | null): string => (unit ? ((tm('unit') as Record<string, string>)[unit] ?? foreignText(unit, 12)) : ''),
  }
}

/** Texts that the city wrote in both languages, in that of the page. */
import { useI18n } from 'vue-i18n'

export function useText(): (text: { zh: string; en: string }) => string {
  const { locale } = useI18n()
  return (text) => (locale.value === 'en' ? text.en : text.zh)
}

/** Why it was not done, and what now: in the server's own sentence where it says one, else in the page's words. */
import { useI18n } from 'vue-i18n'

import { codeOf, Problem, saysOf } from '@/api/client'
import { codeWords } from '@/i18n/problems'

export function useRefusal(): (error: unknown) => string {
  const { t, te, locale } = useI18n()
  return (error) => {
    if (!(error instanceof Problem)) throw error
    if (error.offline) return t('form.offline')
    if (error.status === 401) return t('form.signedOut')
    return saysOf(error, locale.value) ?? t('form.refused', { detail: codeWords(codeOf(error), t, te) })
  }
}

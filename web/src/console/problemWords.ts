import { useI18n } from 'vue-i18n'

import { codeWords } from '@/i18n/problems'

import type { MoveError } from './moves'

/** What happened to a move that was not made, and what to do, in the page's words. */
export function useProblemWords(): (what: MoveError | null) => string {
  const { t, te } = useI18n()
  return (what) => {
    if (what === null) return ''
    if (what.is === 'claimedByOther') return t('moveError.claimedByOther', { name: what.name })
    if (what.is === 'illegal') return t('moveError.illegal', { state: te(`state.${what.state}`) ? t(`state.${what.state}`) : what.state })
    if (what.is === 'other') return t('moveError.other', { detail: codeWords(what.code, t, te) })
    return t(`moveError.${what.is}`)
  }
}

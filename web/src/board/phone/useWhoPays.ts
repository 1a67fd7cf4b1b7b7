/** To be read aloud: who pays what, and what is left of the month. */
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { yuan } from '@/ui/money'
import { whyNothing, type Quoted } from '@/ui/useQuote'

import { inLocale } from '../sentences'

export function useWhoPays({ quote, unread }: Pick<Quoted, 'quote' | 'unread'>): ComputedRef<string[]> {
  const { t, locale } = useI18n()
  const text = (words: { zh: string; en: string }): string => inLocale(locale.value, words.zh, words.en)
  return computed(() => {
    if (unread.value) return [t('byPhone.payersUnread')]
    if (!quote.value) return []
    const { payers, self_pay_fen, total_fen } = quote.value
    const paying = payers.filter((one) => one.fen > 0)
    const names = paying.map((one) => text(one.name)).join(t('data.listComma'))
    const own = yuan(self_pay_fen)
    const first = paying.length > 0 ? t('byPhone.cityPays', { names, city: yuan(total_fen - self_pay_fen), own }) : t('byPhone.familyPays', { own })
    const left = payers.flatMap((one) => {
      if (one.fen === 0) return [t(`byPhone.nothing.${whyNothing(one, self_pay_fen)}`, { name: text(one.name) })]
      return one.left_fen === null ? [] : [t('byPhone.left', { name: text(one.name), money: yuan(one.left_fen) })]
    })
    return [first, ...left]
  })
}

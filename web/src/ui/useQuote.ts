/** Who would pay what, asked of the platform whenever the form says something else. */
import { onMounted, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'

import { api, Problem, told } from '@/api/client'
import type { OrderForm, Quote } from '@/api/types'

export interface Quoted {
  /** Null: not known yet, or it cannot be told. */
  quote: ShallowRef<Quote | null>
  unread: Ref<boolean>
  again(): Promise<void>
}

/** Why a payer pays nothing: others left nothing to pay, or its days or its sum of the month are used up. */
export function whyNothing(payer: Quote['payers'][number], selfPayFen: number): 'notNeeded' | 'usedUp' {
  return selfPayFen === 0 && payer.left_fen !== 0 ? 'notNeeded' : 'usedUp'
}

export function useQuote(form: () => OrderForm | null): Quoted {
  const quote = shallowRef<Quote | null>(null)
  const unread = ref(false)
  let turn = 0

  async function again(): Promise<void> {
    const mine = (turn += 1)
    const body = form()
    quote.value = null
    unread.value = false
    if (!body) return
    try {
      const found = await told(api.POST('/api/v1/orders/quote', { body }))
      if (mine === turn) quote.value = found
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (mine === turn) unread.value = true
    }
  }
  onMounted(again)
  watch(() => JSON.stringify(form()), again)
  return { quote, unread, again }
}

/** An order is sent once, however often it is confirmed, and what was refused is said. */
import { ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

import { api, Problem, told } from '@/api/client'
import type { OrderForm, SeriesForm } from '@/api/types'
import { useRefusal } from '@/ui/useRefusal'

import { Keys } from './keys'
import { wayOut, type WayOut } from './refusals'

const keys = new Keys(sessionStorage)

export interface Refused {
  says: string
  way: WayOut
}

export function usePlacing() {
  const { t } = useI18n()
  const router = useRouter()
  const refusalWords = useRefusal()
  const busy = ref(false)
  const refused = shallowRef<Refused | null>(null)

  /** @param ask returns where it can be followed */
  async function once<F>(form: F, ask: (header: { 'idempotency-key': string }) => Promise<string>): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      const path = await ask({ 'idempotency-key': keys.of(form) })
      keys.done(form)
      await router.replace({ path, query: { new: '1' } })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      refused.value = { says: error.offline ? t('confirm.unanswered') : refusalWords(error), way: wayOut(error) }
    } finally {
      busy.value = false
    }
  }
  const place = (form: OrderForm): Promise<void> =>
    once(form, async (header) => `/family/orders/${(await told(api.POST('/api/v1/orders', { body: form, params: { header } }))).order.id}`)
  const begin = (form: SeriesForm): Promise<void> =>
    once(form, async (header) => `/family/series/${(await told(api.POST('/api/v1/series', { body: form, params: { header } }))).series.id}`)
  return { busy, refused, place, begin }
}

/** Something is asked of the platform; done, one is back at the order, if it was about one. */
import { ref, shallowRef } from 'vue'
import { useRouter } from 'vue-router'

import { Problem } from '@/api/client'
import { useRefusal } from '@/ui/useRefusal'

import { wayOut } from './refusals'
import type { Refused } from './usePlacing'

export function useSending(orderId?: () => string) {
  const router = useRouter()
  const words = useRefusal()
  const busy = ref(false)
  const refused = shallowRef<(Refused & { problem: Problem }) | null>(null)

  async function send(ask: () => Promise<unknown>): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      await ask()
      refused.value = null
      if (orderId) await router.replace(`/family/orders/${orderId()}`)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      refused.value = { says: words(error), way: wayOut(error), problem: error }
    } finally {
      busy.value = false
    }
  }
  return { busy, refused, send }
}

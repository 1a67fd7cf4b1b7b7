/** Something a dispatcher decides about a visit: done once, refused in a whole sentence. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'

import { Problem } from '@/api/client'
import { useRefusal } from '@/ui/useRefusal'

import { cannotWords } from './sentences'

export function useDecision(onStale: () => void) {
  const { t, te } = useI18n()
  const refusal = useRefusal()
  const busy = ref(false)
  const failure = ref('')

  /** @returns whether it was done */
  async function decide(act: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    failure.value = ''
    try {
      await act()
      return true
    } catch (error) {
      const reason = error instanceof Problem ? error.body['reason'] : null
      failure.value = cannotWords(reason, t, te) ?? refusal(error)
      if (reason === 'stale_version' || (error instanceof Problem && [409, 412].includes(error.status))) onStale()
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, failure, decide }
}

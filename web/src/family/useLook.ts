/** Something that is read at once and, if wanted, again and again while somebody looks. What was read stays when the network goes. */
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'

import { codeOf, Problem } from '@/api/client'
import { session } from '@/api/session'
import { secondsSince, timeWords } from '@/i18n/time'
import { nowMs } from '@/ui/now'

const STALE_S = 60

export interface Look<T> {
  value: ShallowRef<T | null>
  /** The code of why it could not be read the last time. */
  error: ShallowRef<string | null>
  busy: Ref<boolean>
  /** What must be said about the age of what is shown. */
  warning: ComputedRef<string>
  again(): Promise<void>
  /** What an answer to something else has told anew. */
  take(value: T): void
}

/**
 * @param question what is asked for; a change of it asks anew
 * @param everyMs null: not again by itself
 */
export function useLook<Q, T>(question: () => Q, ask: (question: Q) => Promise<T>, everyMs: (value: T | null) => number | null = () => null): Look<T> {
  const { t } = useI18n()
  const router = useRouter()
  const route = useRoute()
  const value = shallowRef<T | null>(null)
  const error = shallowRef<string | null>(null)
  const busy = ref(false)
  const readAt = ref<string | null>(null)
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function take(found: T): void {
    value.value = found
    readAt.value = new Date(nowMs.value).toISOString()
    error.value = null
  }

  async function again(): Promise<void> {
    const mine = (turn += 1)
    clearTimeout(timer)
    busy.value = true
    try {
      const found = await ask(question())
      if (mine === turn) take(found)
    } catch (cause) {
      if (mine !== turn) return
      error.value = codeOf(cause)
      if (cause instanceof Problem && cause.status === 401) void signIn()
    } finally {
      if (mine === turn) {
        busy.value = false
        later()
      }
    }
  }

  function later(): void {
    const wait = everyMs(value.value)
    if (wait !== null) timer = setTimeout(() => (document.visibilityState === 'visible' ? void again() : later()), wait)
  }

  async function signIn(): Promise<void> {
    session.account = null
    session.asked = true
    await router.push({ path: '/login', query: { reason: 'ended', next: route.fullPath } })
  }

  const back = (): void => {
    if (document.visibilityState === 'visible' && (error.value || everyMs(value.value) !== null)) void again()
  }
  watch(
    () => JSON.stringify(question()),
    () => {
      value.value = null
      void again()
    },
  )
  onMounted(() => {
    void again()
    document.addEventListener('visibilitychange', back)
    window.addEventListener('online', back)
  })
  onBeforeUnmount(() => {
    turn += 1
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', back)
    window.removeEventListener('online', back)
  })

  const warning = computed(() => {
    if (!readAt.value || !error.value || value.value === null) return ''
    const time = timeWords(readAt.value, new Date(nowMs.value), t)
    if (!navigator.onLine) return t('phone.offline', { time })
    return secondsSince(readAt.value, nowMs.value) > STALE_S ? t('phone.stale', { time }) : ''
  })
  return { value, error, busy, warning, again, take }
}

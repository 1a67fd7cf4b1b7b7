/** What no feed tells is read again and again while somebody looks. What was read stays while the next is awaited. */
import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

import { codeOf } from '@/api/client'

export interface Polled<T> {
  read: ShallowRef<T | null>
  error: Ref<string | null>
  again(): Promise<void>
}

export function usePolled<T>(everyMs: number, ask: () => Promise<T>): Polled<T> {
  const read = shallowRef<T | null>(null)
  const error = ref<string | null>(null)
  let asking = false
  let askedMs = 0

  async function again(): Promise<void> {
    if (asking) return
    asking = true
    askedMs = Date.now()
    try {
      read.value = await ask()
      error.value = null
    } catch (cause) {
      error.value = codeOf(cause)
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && Date.now() - askedMs >= everyMs) void again()
  }, 1000)
  onBeforeUnmount(() => clearInterval(timer))
  void again()
  return { read, error, again }
}

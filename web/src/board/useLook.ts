/** Something that is read for a question, and anew when the question changes. */
import { shallowRef, watch, type ShallowRef } from 'vue'

import { codeOf } from '@/api/client'

export interface Look<T> {
  value: ShallowRef<T | null>
  error: ShallowRef<string | null>
  again(): Promise<void>
}

/** @param question null: nothing is asked now */
export function useLook<Q, T>(question: () => Q | null, ask: (question: Q) => Promise<T>): Look<T> {
  const value = shallowRef<T | null>(null)
  const error = shallowRef<string | null>(null)
  let turn = 0

  async function again(): Promise<void> {
    const mine = (turn += 1)
    const asked = question()
    error.value = null
    if (asked === null) return
    try {
      const found = await ask(asked)
      if (mine === turn) value.value = found
    } catch (cause) {
      if (mine === turn) error.value = codeOf(cause)
    }
  }
  watch(
    () => JSON.stringify(question()),
    () => {
      value.value = null
      void again()
    },
    { immediate: true },
  )
  return { value, error, again }
}

/** Something that is read once, and anew when what is asked for changes. */
import { shallowRef, watch, type ShallowRef } from 'vue'

import { codeOf } from '@/api/client'

export interface Read<T> {
  /** Null: not read yet, or what is shown now could not be read. */
  read: ShallowRef<T | null>
  error: ShallowRef<string | null>
  again(): Promise<void>
}

export function useRead<Q, T>(question: () => Q, ask: (question: Q) => Promise<T>): Read<T> {
  const read = shallowRef<T | null>(null)
  const error = shallowRef<string | null>(null)
  let turn = 0

  async function again(): Promise<void> {
    const mine = (turn += 1)
    error.value = null
    try {
      const found = await ask(question())
      if (mine === turn) read.value = found
    } catch (cause) {
      if (mine !== turn) return
      read.value = null
      error.value = codeOf(cause)
    }
  }
  watch(question, () => void again(), { immediate: true })
  return { read, error, again }
}

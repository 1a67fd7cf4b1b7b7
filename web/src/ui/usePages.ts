/** A list that comes a page at a time and is asked anew for every search. */
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'

import { codeOf } from '@/api/client'

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export interface Pages<T> {
  items: ShallowRef<T[] | null>
  error: ShallowRef<string | null>
  busy: Ref<boolean>
  hasMore: () => boolean
  more(): Promise<void>
  again(): Promise<void>
}

const TYPING_MS = 250

/** @param question what is asked for; a change of it asks anew when the typing rests. */
export function usePages<T>(question: () => string, read: (cursor: string | null) => Promise<Page<T>>): Pages<T> {
  const items = shallowRef<T[] | null>(null)
  const error = shallowRef<string | null>(null)
  const busy = ref(false)
  let next: string | null = null
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(cursor: string | null): Promise<void> {
    const mine = (turn += 1)
    busy.value = true
    error.value = null
    try {
      const page = await read(cursor)
      if (mine !== turn) return
      items.value = cursor === null ? page.items : [...(items.value ?? []), ...page.items]
      next = page.next_cursor
    } catch (cause) {
      if (mine === turn) error.value = codeOf(cause)
    } finally {
      if (mine === turn) busy.value = false
    }
  }
  watch(question, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void load(null), TYPING_MS)
  })
  void load(null)
  return { items, error, busy, hasMore: () => next !== null, more: () => load(next), again: () => load(null) }
}

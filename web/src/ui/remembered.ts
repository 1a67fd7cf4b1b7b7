/** What this browser remembers for the person at it. Nothing about elders is ever kept here. */
import { reactive, watch } from 'vue'

/** Private windows may refuse to store: then the choice lasts as long as the page. */
export function remembered<T extends object>(key: string, fallback: T): T {
  const kept = reactive({ ...fallback, ...read(key) }) as T
  watch(kept, () => {
    try {
      localStorage.setItem(key, JSON.stringify(kept))
    } catch {
      return
    }
  })
  return kept
}

function read(key: string): object {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as object
  } catch {
    return {}
  }
}

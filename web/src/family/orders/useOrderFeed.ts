/** Who looks at orders is told at once when one of them moves; what it is now is then read. One line for the whole page. */
import { onBeforeUnmount, onMounted } from 'vue'

import { openSocket } from '@/ui/socket'

import { movedIn } from './frames'

type Listener = (orderId: string | null) => void
const listeners = new Set<Listener>()
let end: (() => void) | null = null

function hear(text: string): boolean {
  const moved = movedIn(text)
  if (moved === undefined) return false
  if (moved !== 'nothing') for (const listener of listeners) listener(moved.orderId)
  return true
}

/** @param listener null: something may have been missed, or it has just begun to be told */
export function useOrderFeed(listener: Listener): void {
  onMounted(() => {
    listeners.add(listener)
    end ??= openSocket('/api/v1/orders/feed', hear)
  })
  onBeforeUnmount(() => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    end?.()
    end = null
  })
}

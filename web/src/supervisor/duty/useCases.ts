/** The cases that are not closed, live: the same feed as the consoles', without their sound and their claims. */
import { onBeforeUnmount, shallowRef, type ShallowRef } from 'vue'

import { csrfToken } from '@/api/client'
import { CONNECTING, FeedConnection, type LinkView } from '@/ui/cases/connection'
import { NOTHING_KNOWN, type FeedState } from '@/ui/cases/feed'
import { isSignedOut, openFeedSocket } from '@/ui/cases/socket'
import { setServerAhead, tickNow } from '@/ui/now'

/** In a flood the page is drawn this often, whatever comes. */
const TOGETHER_MS = 250

export function useCases(): { state: ShallowRef<FeedState>; link: ShallowRef<LinkView> } {
  const state = shallowRef<FeedState>(NOTHING_KNOWN)
  const link = shallowRef<LinkView>(CONNECTING)
  let newest = NOTHING_KNOWN
  let pause: ReturnType<typeof setTimeout> | null = null

  function show(next: FeedState): void {
    newest = next
    if (pause !== null) return
    state.value = next
    pause = setTimeout(() => {
      pause = null
      if (state.value !== newest) show(newest)
    }, TOGETHER_MS)
  }

  const connection = new FeedConnection({
    openSocket: openFeedSocket,
    csrf: csrfToken,
    now: () => Date.now(),
    onState: show,
    onLink: (next) => {
      if (next.state === 'waiting' && next.tries !== link.value.tries) {
        void isSignedOut().then((gone) => {
          if (gone) connection.signedOut()
        })
      }
      link.value = next
      setServerAhead(next.serverAheadMs)
    },
  })
  const timer = setInterval(() => {
    tickNow()
    connection.tick()
  }, 1000)
  const backOnline = (): void => connection.retryNow()
  window.addEventListener('online', backOnline)
  connection.start()
  onBeforeUnmount(() => {
    clearInterval(timer)
    if (pause !== null) clearTimeout(pause)
    window.removeEventListener('online', backOnline)
    connection.stop()
  })
  return { state, link }
}

/** A WebSocket that comes back by itself: after a break, after silence, when the network is there again. */
import { session } from '@/api/session'

const CLOSE_NOT_SIGNED_IN = 4401
const LONGEST_WAIT_MS = 30_000
const FIRST_WAIT_MS = 500
/** The server says something at least every 30 s; above this silence the line is dead, whatever the browser thinks. */
const GIVE_UP_AFTER_MS = 75_000
const CHECK_EVERY_MS = 5_000

/**
 * @param path below the site, such as `/api/v1/notices/feed`
 * @param hear each message; false: it was none of ours
 * @returns ends it
 */
export function openSocket(path: string, hear: (text: string) => boolean): () => void {
  let socket: WebSocket | null = null
  let heardAt = Date.now()
  let tries = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let ended = false

  function open(): void {
    clearTimeout(retry)
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const mine = new WebSocket(`${scheme}://${location.host}${path}`)
    socket = mine
    heardAt = Date.now()
    mine.onmessage = ({ data }) => {
      if (mine !== socket || !hear(String(data))) return
      tries = 0
      heardAt = Date.now()
    }
    mine.onclose = ({ code }) => {
      if (mine !== socket || ended) return
      socket = null
      if (code !== CLOSE_NOT_SIGNED_IN) wait()
    }
  }

  /** A refused handshake does not say why; whoever is signed out meanwhile is sent away by the page itself. */
  function wait(): void {
    if (session.account === null) return
    tries += 1
    retry = setTimeout(open, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 10)) * (1 + Math.random() / 5))
  }

  const check = setInterval(() => {
    if (socket === null || Date.now() - heardAt < GIVE_UP_AFTER_MS) return
    const dead = socket
    socket = null
    dead.close()
    wait()
  }, CHECK_EVERY_MS)
  const backOnline = (): void => {
    if (socket === null && !ended) open()
  }
  window.addEventListener('online', backOnline)
  open()
  return () => {
    ended = true
    clearTimeout(retry)
    clearInterval(check)
    window.removeEventListener('online', backOnline)
    socket?.close()
  }
}

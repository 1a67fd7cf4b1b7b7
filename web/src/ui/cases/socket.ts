/** The browser's side of the feed of cases. */
import { api } from '@/api/client'

import type { Socket } from './connection'

export function openFeedSocket(): Socket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return new WebSocket(`${scheme}://${location.host}/api/v1/console/feed`) as unknown as Socket
}

/** A refused handshake does not say why; the API does. */
export async function isSignedOut(): Promise<boolean> {
  const { response } = await api.GET('/api/v1/session').catch(() => ({ response: null }))
  return response?.status === 401
}

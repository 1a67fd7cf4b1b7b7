/** What a frame of the feed of orders means to who follows them. Pure. */

interface Frame {
  op: 'snapshot' | 'resumed' | 'beat' | 'order'
  order?: { id?: unknown }
}

/** Which order has moved; null: any may have. Undefined: it is no frame of this feed. */
export function movedIn(text: string): { orderId: string | null } | 'nothing' | undefined {
  let frame: Partial<Frame>
  try {
    frame = JSON.parse(text) as Partial<Frame>
  } catch {
    return undefined
  }
  if (frame.op === 'beat') return 'nothing'
  if (frame.op === 'snapshot' || frame.op === 'resumed') return { orderId: null }
  return frame.op === 'order' && typeof frame.order?.id === 'string' ? { orderId: frame.order.id } : undefined
}

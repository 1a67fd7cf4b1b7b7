/** Money is kept in fen and written in yuan. */
export function yuan(fen: number): string {
  return (fen / 100).toFixed(2)
}

/** What somebody typed, in fen; null: no amount. */
export function fenOf(typed: string): number | null {
  const amount = /^\s*[¥￥]?\s*(\d{1,7})(?:\.(\d{1,2}))?\s*$/.exec(typed)
  if (!amount) return null
  return Number(amount[1]) * 100 + Number((amount[2] ?? '').padEnd(2, '0'))
}

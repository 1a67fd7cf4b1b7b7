/** Shares as they are said. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

/** As a target is written: “97.5%”, “100%”. */
export function roundPercent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`
}

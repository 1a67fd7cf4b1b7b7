/** Lengths as one says them. Pure. */
type Translate = (key: string, named?: Record<string, unknown>) => string

/** “80 米”, “1.2 公里”. */
export function lengthWords(metres: number, t: Translate): string {
  if (metres < 1000) return t('way.metres', { n: metres < 100 ? Math.round(metres / 10) * 10 : Math.round(metres / 50) * 50 })
  return t('way.kilometres', { n: metres < 9950 ? Number((metres / 1000).toFixed(1)) : Math.round(metres / 1000) })
}

const STEPS = [100, 200, 500]

/** The longest round length that is not longer: 100, 200, 500, 1000 … metres. */
export function barOf(most: number): number {
  let found = STEPS[0] as number
  for (let scale = 1; scale <= 1000; scale *= 10) for (const step of STEPS) if (step * scale <= most) found = step * scale
  return found
}

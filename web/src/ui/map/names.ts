/** Which counties' names can be read where they stand: none lies over another, the larger county's goes first. Pure. */
import { boundsOf, type County } from './counties'

export interface Name {
  name: string
  /** Its middle, in pixels. */
  at: [number, number]
}

/** Of the font's height: closer lines run into one another. A Chinese sign is as wide as the font is high. */
const LINE = 1.5

export function largestFirst(counties: readonly County[]): County[] {
  const size = (county: County) => {
    const [west, south, east, north] = boundsOf([county])
    return (east - west) * (north - south)
  }
  return [...counties].sort((a, b) => size(b) - size(a))
}

/** @param names in the order in which they may take their places */
export function readable<T extends Name>(names: readonly T[], fontPx: number): T[] {
  const kept: T[] = []
  for (const name of names) {
    const covered = kept.some(
      (other) =>
        Math.abs(name.at[0] - other.at[0]) < ((name.name.length + other.name.length) * fontPx) / 2 &&
        Math.abs(name.at[1] - other.at[1]) < LINE * fontPx,
    )
    if (!covered) kept.push(name)
  }
  return kept
}

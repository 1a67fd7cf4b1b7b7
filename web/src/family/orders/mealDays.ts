/** For which days a meal is chosen, and what stands first there. Pure. */
import { addDays } from '../dates'

const WEEK = 7

/** A day that the address names, from today on; null: it names none. */
export function dayAsked(query: Record<string, unknown>, today: string): string | null {
  const day = query['day']
  return typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && day >= today ? day : null
}

/** A week, and a later day that was asked for. */
export function daysFrom(today: string, asked: string | null): string[] {
  const week = Array.from({ length: WEEK }, (_, n) => addDays(today, n))
  return asked === null || week.includes(asked) ? week : [...week, asked]
}

/** Lunch before dinner; before both the one that was proposed instead of another. */
export function inOrder<G extends { key: string; meal: 'lunch' | 'dinner' }>(groups: readonly G[], first: string): G[] {
  const place = (group: G): number => (group.key === first ? 0 : group.meal === 'lunch' ? 1 : 2)
  return [...groups].sort((a, b) => place(a) - place(b))
}

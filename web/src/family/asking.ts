/** What must be filled in before one goes on. Pure. */
import type { GrantKind } from '@/api/types'

export type AskStep = 'who' | 'where' | 'found' | 'what' | 'check'

export interface Draft {
  name: string
  relation: string
  county: string
  /** A phone number, or the id on a device. */
  reach: string
  lastFour: string
  kinds: GrantKind[]
}

const PHONE = /^\+?[0-9][0-9 -]{5,18}[0-9]$/
const DEVICE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$/
const LAST_FOUR = /^[0-9]{3}[0-9Xx]$/

export function isPhone(reach: string): boolean {
  return PHONE.test(reach)
}

/** Names of the fields that will not do. */
export function draftFaults(step: AskStep, draft: Draft): string[] {
  const reach = draft.reach.trim()
  const wrong: Record<AskStep, Record<string, boolean>> = {
    who: { name: draft.name.trim() === '', relation: draft.relation.trim() === '' },
    where: { county: draft.county === '' },
    found: { reach: !isPhone(reach) && !DEVICE_ID.test(reach), lastFour: !LAST_FOUR.test(draft.lastFour.trim()) },
    what: { kinds: draft.kinds.length === 0 },
    check: {},
  }
  return Object.entries(wrong[step]).flatMap(([field, bad]) => (bad ? [field] : []))
}

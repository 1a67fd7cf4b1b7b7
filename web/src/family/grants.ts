/** What somebody may do for an elder, as one says it on the telephone. Pure. */
import type { Grant, GrantKind } from '@/api/types'

type Translate = (key: string, named?: Record<string, unknown>) => string

/** In the order in which they are asked about. */
export const KINDS = ['see', 'health', 'position', 'follow', 'order'] as const satisfies readonly GrantKind[]

export function kindWords(kinds: readonly GrantKind[], t: Translate): string {
  return KINDS.filter((kind) => kinds.includes(kind))
    .map((kind) => t(`grantKind.${kind}`))
    .join(t('data.listComma'))
}

export interface ElderGrants {
  elderId: string
  name: string
  mine: Grant[]
  /** Null: without the grant to see the profile. */
  others: Grant[] | null
}

/** One entry an elder, in the order of their names as the grants come. */
export function byElder(mine: readonly Grant[], others: ReadonlyMap<string, Grant[] | null>): ElderGrants[] {
  const found = new Map<string, ElderGrants>()
  for (const grant of mine) {
    if (grant.state !== 'confirmed' || grant.elder_id === null) continue
    const known = found.get(grant.elder_id)
    if (known) known.mine.push(grant)
    else found.set(grant.elder_id, { elderId: grant.elder_id, name: grant.elder_name, mine: [grant], others: others.get(grant.elder_id) ?? null })
  }
  return [...found.values()]
}

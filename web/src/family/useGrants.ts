/** The grants of this family, and who else may do what for the same elders. */
import { onMounted, shallowRef } from 'vue'

import { api, codeOf, Problem, told } from '@/api/client'
import type { Grant } from '@/api/types'

const MOST = 200

/** Null: without the grant to see the profile, nor who else may what. */
async function others(elderId: string): Promise<Grant[] | null> {
  try {
    return await told(api.GET('/api/v1/elders/{elder_id}/grants', { params: { path: { elder_id: elderId } } }))
  } catch (error) {
    if (error instanceof Problem && (error.status === 403 || error.status === 404)) return null
    throw error
  }
}

export function useGrants() {
  const mine = shallowRef<Grant[] | null>(null)
  const byElderId = shallowRef<ReadonlyMap<string, Grant[] | null>>(new Map())
  /** Code of why they could not be read. */
  const error = shallowRef<string | null>(null)

  async function again(): Promise<void> {
    error.value = null
    try {
      const own = (await told(api.GET('/api/v1/grants', { params: { query: { limit: MOST } } }))).items
      const ids = new Set(own.filter((grant) => grant.state === 'confirmed').map((grant) => String(grant.elder_id)))
      const me = new Set(own.map((grant) => grant.account_id))
      const told_ = await Promise.all([...ids].map(async (id) => [id, (await others(id))?.filter((grant) => !me.has(grant.account_id)) ?? null] as const))
      byElderId.value = new Map(told_)
      mine.value = own
    } catch (cause) {
      error.value = codeOf(cause)
    }
  }
  onMounted(again)
  return { mine, byElderId, error, again }
}

/** The provider whose staff this is. */
import { api, Problem, told } from '@/api/client'
import type { ProviderRow } from '@/api/types'

export async function ownProvider(): Promise<ProviderRow> {
  const { items } = await told(api.GET('/api/v1/providers', { params: { query: { limit: 1 } } }))
  const [own] = items
  if (!own) throw new Problem(404, 'not_found', '')
  return own
}

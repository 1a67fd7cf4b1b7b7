/** The counties that somebody answers for. */
import { onMounted, shallowRef } from 'vue'

import { api, codeOf, told } from '@/api/client'
import { session } from '@/api/session'
import type { Region } from '@/api/types'

export function useAreas() {
  const areas = shallowRef<Region[] | null>(null)
  const error = shallowRef<string | null>(null)

  async function again(): Promise<void> {
    error.value = null
    try {
      const cities = await told(api.GET('/api/v1/regions', { params: { query: {} } }))
      const counties = await Promise.all(cities.map((city) => told(api.GET('/api/v1/regions', { params: { query: { parent: city.code } } }))))
      const scopes = session.account?.regions ?? []
      areas.value = counties.flat().filter(({ code }) => scopes.some((scope) => code.startsWith(scope) || scope.startsWith(code)))
    } catch (cause) {
      error.value = codeOf(cause)
    }
  }
  onMounted(again)
  return { areas, error, again }
}

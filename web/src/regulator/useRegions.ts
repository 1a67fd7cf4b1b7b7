/** The city and its counties, as far as the officer answers for them, and their names. */
import { computed, onMounted, ref } from 'vue'

import { api, told } from '@/api/client'
import { session } from '@/api/session'
import type { Region } from '@/api/types'

export function useRegions() {
  const known = ref<Region[]>([])
  const failed = ref(false)

  async function again(): Promise<void> {
    failed.value = false
    try {
      const cities = await told(api.GET('/api/v1/regions', { params: { query: {} } }))
      const counties = await Promise.all(cities.map((city) => told(api.GET('/api/v1/regions', { params: { query: { parent: city.code } } }))))
      known.value = cities.flatMap((city, at) => [city, ...(counties[at] ?? [])])
    } catch {
      failed.value = true
    }
  }
  onMounted(again)

  const mine = computed(() => {
    const scopes = session.account?.regions ?? []
    return known.value.filter((region) => scopes.some((scope) => region.code.startsWith(scope)))
  })
  /** A region below a county is told by its county and its code. */
  function nameOf(code: string): string {
    const exact = known.value.find((region) => region.code === code)
    if (exact) return exact.name
    const county = known.value.find((region) => region.code === code.slice(0, 6))
    return county ? `${county.name} ${code}` : code
  }
  return { mine, nameOf, failed, again }
}

/** The catalogue is the whole city's. */
export function answersForTheCity(): boolean {
  return (session.account?.regions ?? []).some((code) => code.length <= 4)
}

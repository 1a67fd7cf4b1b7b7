/** The city and its counties, as far as the officer answers for them. */
import { computed, onMounted, ref } from 'vue'

import { session } from '@/api/session'
import type { Region } from '@/api/types'
import { regionsIn } from '@/ui/regions'

export function useRegions() {
  const known = ref<Region[]>([])
  const failed = ref(false)

  async function again(): Promise<void> {
    failed.value = false
    try {
      const cities = await regionsIn('')
      const counties = await Promise.all(cities.map((city) => regionsIn(city.code)))
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
  return { mine, failed, again }
}

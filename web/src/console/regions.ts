/** Names of villages by national code, read street by street as they are needed. */
import { reactive } from 'vue'

import { api, told } from '@/api/client'

const names = reactive(new Map<string, string>())
const asked = new Set<string>()
const STREET_DIGITS = 9

/** The committee (居民委员会, 村委会 …) is not the place: “红光村村民委员会” is 红光村, “大塘社区居委会” is 大塘社区. */
const COMMITTEE = /(?:\u5c45\u6c11|\u6751\u6c11)?(?:\u59d4\u5458\u4f1a|\u5c45\u59d4\u4f1a|\u6751\u59d4\u4f1a)$/

export function placeName(name: string): string {
  return name.replace(COMMITTEE, '') || name
}

/** @returns null until it is known, or when the code is of nothing we can name. */
export function villageOf(code: string | null): string | null {
  if (!code) return null
  const street = code.slice(0, STREET_DIGITS)
  if (!names.has(code) && street.length === STREET_DIGITS && !asked.has(street)) void readStreet(street)
  return names.get(code) ?? null
}

async function readStreet(street: string): Promise<void> {
  asked.add(street)
  try {
    const found = await told(api.GET('/api/v1/regions', { params: { query: { parent: street } } }))
    for (const region of found) names.set(region.code, placeName(region.name))
  } catch {
    setTimeout(() => asked.delete(street), 30_000)
  }
}

/** Names of villages by national code, read street by street as they are needed. */
import { reactive } from 'vue'

import { api } from '@/api/client'
import type { Region } from '@/api/types'

const names = reactive(new Map<string, string>())
const asked = new Set<string>()
const STREET_DIGITS = 9

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
    const found = await api.get<Region[]>(`/regions?parent=${street}`)
    for (const region of found) names.set(region.code, region.name)
  } catch {
    setTimeout(() => asked.delete(street), 30_000)
  }
}

/** The regions of the state by their codes of 4, 6, 9 or 12 digits. What lies in one is read once. */
import { reactive, watch } from 'vue'

import { api, told } from '@/api/client'
import { session } from '@/api/session'
import type { Region } from '@/api/types'

const DIGITS = [4, 6, 9, 12]
const lists = new Map<string, Promise<Region[]>>()

/** @param parent '': the cities */
export function regionsIn(parent: string): Promise<Region[]> {
  const kept = lists.get(parent)
  if (kept) return kept
  const asked = told(api.GET('/api/v1/regions', { params: { query: parent ? { parent } : {} } }))
  lists.set(parent, asked)
  asked.catch(() => lists.delete(parent))
  return asked
}

/** The regions from the county down that hold it, and itself; a city is itself alone. */
export function wayTo(code: string): string[] {
  const [city = code, ...inner] = DIGITS.filter((digits) => digits <= code.length).map((digits) => code.slice(0, digits))
  return inner.length > 0 ? inner : [city]
}

export function parentOf(code: string): string {
  return code.slice(0, DIGITS[DIGITS.indexOf(code.length) - 1] ?? 0)
}

export function lies(code: string, within: readonly string[]): boolean {
  return within.some((outer) => code.startsWith(outer))
}

/** `codes` and one more, without those that then lie inside another. */
export function withRegion(codes: readonly string[], added: string): string[] {
  return lies(added, codes) ? [...codes] : [...codes.filter((code) => !code.startsWith(added)), added].sort()
}

/** Names with the county before what is finer; until they are read, and where they cannot be, the code. */
export function useRegionNames(codes: () => readonly string[]): (code: string) => string {
  const names = reactive(new Map<string, string>())

  async function read(parent: string): Promise<void> {
    for (const region of await regionsIn(parent)) names.set(region.code, region.name)
  }
  watch(codes, (wanted) => void Promise.allSettled([...new Set(wanted.flatMap(wayTo).map(parentOf))].map(read)), { immediate: true })
  return (code) => {
    const way = wayTo(code).map((one) => names.get(one))
    return way.every((name) => name !== undefined) ? way.join('') : code
  }
}

/** What holds in the whole city is written by who answers for all of it. */
export function answersForTheCity(): boolean {
  return (session.account?.regions ?? []).some((code) => code.length <= 4)
}

/** The names of the elders one cares for: each page says whom it is about. */
import { ref, watchEffect, type Ref } from 'vue'

import { api, told } from '@/api/client'

let asked: Promise<Map<string, string>> | null = null

async function read(): Promise<Map<string, string>> {
  const { items } = await told(api.GET('/api/v1/elders'))
  return new Map(items.map((elder) => [elder.id, elder.name]))
}

async function nameOf(elderId: string): Promise<string> {
  const known = await (asked ??= read())
  if (!known.has(elderId)) asked = read()
  return (await asked).get(elderId) ?? ''
}

/** Empty until it is known; a page that cannot be read says so itself. */
export function useElderName(elderId: () => string): Ref<string> {
  const name = ref('')
  watchEffect(() => {
    void nameOf(elderId()).then(
      (found) => (name.value = found),
      () => (asked = null),
    )
  })
  return name
}

/** The names of the categories of services, read when they are needed. */
import { computed, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, told } from '@/api/client'

export function useServiceNames(needed: () => boolean): (code: string) => string {
  const { locale } = useI18n()
  const names = shallowRef(new Map<string, { zh: string; en: string }>())
  watch(
    needed,
    async (now) => {
      if (!now || names.value.size > 0) return
      const read = await told(api.GET('/api/v1/catalogue', { params: { query: {} } })).catch(() => null)
      names.value = new Map(read?.categories.map((one) => [one.code, one.name]) ?? [])
    },
    { immediate: true },
  )
  const language = computed(() => (locale.value === 'en' ? 'en' : 'zh'))
  return (code) => names.value.get(code)?.[language.value] ?? code
}

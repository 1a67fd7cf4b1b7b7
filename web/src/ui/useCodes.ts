/** The codes of skills and certificates that the city's services ask for, and their names. */
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, told } from '@/api/client'
import { useRead } from '@/ui/useRead'

interface Codes {
  skills: ComputedRef<string[]>
  certificates: ComputedRef<string[]>
}

/** Those that cannot be read are missing from a choice, no more. */
export function useCodes(): Codes {
  const { read } = useRead(
    () => null,
    () => told(api.GET('/api/v1/catalogue', { params: { query: {} } })),
  )
  const asked = (of: 'skills' | 'certificates'): string[] => [...new Set(read.value?.items.flatMap((item) => item.terms[of]) ?? [])].sort()
  return { skills: computed(() => asked('skills')), certificates: computed(() => asked('certificates')) }
}

export function useCodeWords() {
  const { t, te } = useI18n()
  return {
    skillWords: (code: string): string => (te(`skill.${code}`) ? t(`skill.${code}`) : code),
    certificateWords: (code: string): string => (te(`certificateKind.${code}`) ? t(`certificateKind.${code}`) : code),
  }
}

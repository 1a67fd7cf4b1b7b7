import { useI18n } from 'vue-i18n'

import type { Leave } from '@/api/types'
import { dayOf, timeWords } from '@/i18n/time'
import { nowMs } from '@/ui/now'

export function useLeaveWords() {
  const { t } = useI18n()
  const when = (iso: string): string => timeWords(iso, new Date(nowMs.value), t)

  /** “2026-12-01”, “2026-12-01 – 2026-12-03”, or from moment to moment. */
  function spanOf(leave: Leave): string {
    if (!leave.whole_days) return `${when(leave.from_at)} – ${when(leave.until_at)}`
    const [begins, ends] = [dayOf(new Date(leave.from_at)), dayOf(new Date(Date.parse(leave.until_at) - 1))]
    return begins === ends ? begins : `${begins} – ${ends}`
  }
  return { spanOf }
}

import { api, told } from '@/api/client'
import type { BookableService } from '@/api/types'

/** @param from a business day; none: today */
export function bookable(elderId: string, code: string, from?: string): Promise<BookableService> {
  const path = { elder_id: elderId, service_code: code }
  return told(api.GET('/api/v1/elders/{elder_id}/catalogue/{service_code}', { params: { path, query: from ? { from } : {} } }))
}

import { wholeCase } from '@/api/cases'
import type { CaseView, ToldCase } from '@/api/types'

let made = 0

/** A case as the feed tells it, with what a test cares about changed. */
export function aCase(change: Partial<CaseView> = {}): CaseView {
  made += 1
  const at = '2026-11-22T00:00:00Z'
  const plain: ToldCase = {
    id: `case-${made}`,
    version: 1,
    kind: 'sos',
    priority: 1,
    worklist: false,
    state: 'open',
    device_id: 'W-000001',
    opened_at: at,
    occurred_at: at,
    received_at: at,
    rang_at: change.opened_at ?? at,
    time_suspect: false,
    press_count: 1,
  }
  return { ...wholeCase(plain), ...change }
}

export function after(seconds: number): string {
  return new Date(Date.parse('2026-11-22T00:00:00Z') + seconds * 1000).toISOString()
}

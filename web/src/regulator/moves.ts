/** What can be decided about a provider, as the platform's table of moves has it. */
import type { ProviderRow } from '@/api/types'

export type Move = 'suspend' | 'resume' | 'leave' | 'readmit'

export const MOVES: Record<ProviderRow['state'], readonly Move[]> = {
  active: ['suspend', 'leave'],
  suspended: ['resume', 'leave'],
  left: ['readmit'],
}

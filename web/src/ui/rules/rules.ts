/** The rules of the city as the fields hold them, and what is wrong with them. */
import type { OrderRules, WelfareRules } from '@/api/types'

export type HighRisk = WelfareRules['weekly'][number]
export const LIVING = ['alone', 'with_spouse', 'with_children', 'with_grandchildren', 'with_carer', 'institution'] as const
export const ABILITIES = ['intact', 'mild', 'moderate', 'severe', 'complete'] as const
export const FLAGS = ['lives_alone', 'empty_nest', 'left_behind', 'disabled', 'severe_handicap', 'special_family', 'low_income', 'advanced_age', 'dementia'] as const

export interface RulesDraft {
  offer: string
  late: string
  /** Somebody says that nobody came; the platform does not. */
  missedByHand: boolean
  missed: string
  weekly: HighRisk[]
  urgent: string
  ahead: string
}

export function draftOfRules(orders: OrderRules, welfare: WelfareRules): RulesDraft {
  return {
    offer: String(orders.offer_min),
    late: String(orders.late_after_min),
    missedByHand: orders.missed_after_min === null,
    missed: String(orders.missed_after_min ?? 60),
    weekly: welfare.weekly.map((one) => ({ ability_levels: [...one.ability_levels], living_situations: [...one.living_situations], register_flags: [...one.register_flags] })),
    urgent: String(welfare.urgent_days),
    ahead: String(welfare.place_ahead_days),
  }
}

export function orderRulesOf(draft: RulesDraft): OrderRules {
  return { offer_min: Number(draft.offer), late_after_min: Number(draft.late), missed_after_min: draft.missedByHand ? null : Number(draft.missed) }
}

export function welfareRulesOf(draft: RulesDraft): WelfareRules {
  return { weekly: draft.weekly, urgent_days: Number(draft.urgent), place_ahead_days: Number(draft.ahead) }
}

/** A fault is the path of the words that say it. */
export function rulesFaults(draft: RulesDraft): Partial<Record<keyof RulesDraft, string>> {
  const faults: Partial<Record<keyof RulesDraft, string>> = {}
  const whole = (text: string, least: number, most: number): boolean => /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most
  if (!whole(draft.offer, 1, 240)) faults.offer = 'rulesFault.minutes'
  if (!whole(draft.late, 1, 240)) faults.late = 'rulesFault.minutes'
  if (!draft.missedByHand && !(whole(draft.missed, 2, 1440) && Number(draft.missed) > Number(draft.late))) faults.missed = 'rulesFault.missed'
  if (draft.weekly.some((one) => one.ability_levels.length + one.living_situations.length + one.register_flags.length === 0)) faults.weekly = 'rulesFault.anybody'
  if (!whole(draft.urgent, 1, 20)) faults.urgent = 'rulesFault.urgent'
  if (!whole(draft.ahead, 1, 28)) faults.ahead = 'rulesFault.ahead'
  return faults
}

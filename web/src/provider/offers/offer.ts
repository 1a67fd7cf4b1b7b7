/** What a provider asks for a service: how it stands today, and what is wrong with one being written. */
import type { Offer, OfferVersion, ServiceTerms, ServiceVersion } from '@/api/types'
import { fenOf } from '@/ui/money'

export interface OfferDraft {
  price: string
  valid_from: string
  region_codes: string[]
}

/** The terms of a day: of those that have begun the ones that began last. */
export function termsOn(versions: readonly ServiceVersion[], day: string): ServiceTerms | null {
  const begun = versions.filter((one) => one.valid_from <= day)
  const last = begun.reduce<ServiceVersion | null>((best, one) => (best && [best.valid_from, best.version] > [one.valid_from, one.version] ? best : one), null)
  return last?.terms.sold ? last.terms : null
}

export type Standing = 'offered' | 'none' | 'later' | 'aboveCeiling'

/** As families find it today. */
export function standingOf(offer: Offer | undefined, ceilingFen: number, today: string): Standing {
  if (!offer) return 'none'
  if (offer.in_force) return offer.in_force.price_fen > ceilingFen ? 'aboveCeiling' : 'offered'
  return plannedOf(offer, today).some((one) => !one.withdrawn) ? 'later' : 'none'
}

/** What begins on a later day, the first to begin first. */
export function plannedOf(offer: Offer, today: string): OfferVersion[] {
  return offer.versions.filter((one) => one.valid_from > today).reverse()
}

/** A fault is the path of the words that say it. */
export function offerFaults(draft: OfferDraft, versions: readonly ServiceVersion[], today: string): Partial<Record<keyof OfferDraft, string>> {
  const faults: Partial<Record<keyof OfferDraft, string>> = {}
  const fen = fenOf(draft.price)
  const terms = termsOn(versions, draft.valid_from)
  if (fen === null) faults.price = 'offerFault.price'
  else if (terms && fen > terms.ceiling_fen) faults.price = 'offerFault.aboveCeiling'
  if (!(draft.valid_from >= today)) faults.valid_from = 'offerFault.validFrom'
  else if (!terms) faults.valid_from = 'offerFault.notSold'
  if (draft.region_codes.length === 0) faults.region_codes = 'offerFault.regions'
  return faults
}

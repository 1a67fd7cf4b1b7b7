/** What a form needs before it is sent. A fault is the path of the words that say it. */
export interface ProviderDraft {
  name: string
  licence_number: string
  licence_until: string
  phone: string
  region_codes: string[]
}

export function providerFaults(draft: ProviderDraft): Partial<Record<keyof ProviderDraft, string>> {
  const faults: Partial<Record<keyof ProviderDraft, string>> = {}
  if (draft.name.trim().length < 2) faults.name = 'providerFault.name'
  if (!/^[0-9A-Z][0-9A-Z-]{3,39}$/i.test(draft.licence_number.trim())) faults.licence_number = 'providerFault.licence'
  if (!/^\d{4}-\d{2}-\d{2}$/.test(draft.licence_until)) faults.licence_until = 'providerFault.until'
  if (!/^\+?[0-9][0-9 -]{1,18}[0-9]$/.test(draft.phone)) faults.phone = 'providerFault.phone'
  if (draft.region_codes.length === 0) faults.region_codes = 'providerFault.regions'
  return faults
}

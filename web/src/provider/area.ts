/** What a provider's staff sees, as one bundle. */
import { addWords } from '@/i18n'
import desk from '@/i18n/words/desk'

import words from './words'

export { default as CertificateList } from './CertificateList.vue'
export { default as OfferList } from './offers/OfferList.vue'
export { default as OfferPage } from './offers/OfferPage.vue'
export { default as OrderList } from './OrderList.vue'
export { default as ProviderFrame } from './ProviderFrame.vue'
export { default as ShiftWeek } from './ShiftWeek.vue'
export { default as StaffList } from './StaffList.vue'

addWords(desk)
addWords(words)

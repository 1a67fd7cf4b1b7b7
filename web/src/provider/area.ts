/** What a provider's staff sees, as one bundle. */
import { addWords } from '@/i18n'
import desk from '@/i18n/words/desk'
import stars from '@/i18n/words/stars'

import words from './words'

export { default as CertificateList } from './staff/CertificateList.vue'
export { default as DishList } from './kitchens/DishList.vue'
export { default as KitchenEditPage } from './kitchens/KitchenEditPage.vue'
export { default as KitchenList } from './kitchens/KitchenList.vue'
export { default as MenuWeek } from './kitchens/MenuWeek.vue'
export { default as OfferList } from './offers/OfferList.vue'
export { default as OfferPage } from './offers/OfferPage.vue'
export { default as OrderList } from './OrderList.vue'
export { default as OwnStars } from './stars/OwnStars.vue'
export { default as ProviderFrame } from './ProviderFrame.vue'
export { default as SchedulePage } from './shifts/SchedulePage.vue'
export { default as ShiftWeek } from './shifts/ShiftWeek.vue'
export { default as StaffList } from './staff/StaffList.vue'
export { default as StaffSheet } from './staff/StaffSheet.vue'
export { default as WorkerEditPage } from './staff/WorkerEditPage.vue'
export { default as WorkerPage } from './staff/WorkerPage.vue'

addWords(desk)
addWords(stars)
addWords(words)

/** What a family orders for its elders, as a bundle of its own. */
import { addWords } from '@/i18n'
import { installable } from '@/ui/installable'

import words from './words'
import paying from './words/paying'

export { default as ConfirmPage } from './orders/ConfirmPage.vue'
export { default as MealConfirmPage } from './orders/MealConfirmPage.vue'
export { default as MealsPage } from './orders/MealsPage.vue'
export { default as OrderPage } from './orders/OrderPage.vue'
export { default as OrdersPage } from './orders/OrdersPage.vue'
export { default as ServicesPage } from './orders/ServicesPage.vue'
export { default as TimePage } from './orders/TimePage.vue'

addWords(words)
addWords(paying)
installable('family')

/** What a family orders for its elders, as a bundle of its own. */
import { addWords } from '@/i18n'
import { installable } from '@/ui/installable'

import words from './words'

export { default as CancelPage } from './orders/CancelPage.vue'
export { default as ConfirmPage } from './orders/ConfirmPage.vue'
export { default as LifePage } from './orders/LifePage.vue'
export { default as MealConfirmPage } from './orders/MealConfirmPage.vue'
export { default as MealsPage } from './orders/MealsPage.vue'
export { default as MovePage } from './orders/MovePage.vue'
export { default as OrderPage } from './orders/OrderPage.vue'
export { default as OrdersPage } from './orders/OrdersPage.vue'
export { default as ProblemPage } from './orders/ProblemPage.vue'
export { default as SeriesPage } from './orders/SeriesPage.vue'
export { default as ServicesPage } from './orders/ServicesPage.vue'
export { default as TimePage } from './orders/TimePage.vue'
export { default as WeeklyPage } from './orders/WeeklyPage.vue'

addWords(words)
installable('family')

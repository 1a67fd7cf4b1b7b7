/** What a family has every week, and what it changes, as a bundle of its own: who only orders does not load it. */
import { addWords } from '@/i18n'
import { installable } from '@/ui/installable'

import words from './words'
import paying from './words/paying'
import standing from './words/standing'

export { default as CancelPage } from './orders/CancelPage.vue'
export { default as LifePage } from './orders/LifePage.vue'
export { default as MealsWeeklyPage } from './orders/MealsWeeklyPage.vue'
export { default as MovePage } from './orders/MovePage.vue'
export { default as ProblemPage } from './orders/ProblemPage.vue'
export { default as SeriesChangePage } from './orders/SeriesChangePage.vue'
export { default as SeriesPage } from './orders/SeriesPage.vue'
export { default as WeeklyPage } from './orders/WeeklyPage.vue'

addWords(words)
addWords(paying)
addWords(standing)
installable('family')

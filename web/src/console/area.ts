/** What the operator's desk is, as one bundle: its words, its pages, its sound. */
import { addWords } from '@/i18n'

import words from './words'

export { default as ConsolePage } from './ConsolePage.vue'
export { ringer } from './ringer'
export { default as ShiftPage } from './ShiftPage.vue'

addWords(words)

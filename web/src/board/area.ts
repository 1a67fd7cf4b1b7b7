/** The dispatcher's board and orders by phone, as one bundle. */
import { addWords } from '@/i18n'

import words from './words'

export { default as BoardFrame } from './BoardFrame.vue'
export { default as BoardPage } from './BoardPage.vue'
export { default as PhonePage } from './phone/PhonePage.vue'

addWords(words)

/** What a family sees, as one bundle. */
import { addWords } from '@/i18n'

import words from './words'

export { default as FamilyPage } from './FamilyPage.vue'

addWords(words)

/** What a family sees, as one bundle. */
import { addWords } from '@/i18n'
import { installable } from '@/ui/installable'

import words from './words'

export { default as AskPage } from './AskPage.vue'
export { default as FamilyPage } from './FamilyPage.vue'
export { default as GrantsPage } from './GrantsPage.vue'

addWords(words)
installable('family')

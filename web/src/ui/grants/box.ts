/** Who may do what for an elder, with its words: for a desk that loads it late. */
import { addWords } from '@/i18n'
import desk from '@/i18n/words/desk'

export { default } from './GrantBox.vue'

addWords(desk)

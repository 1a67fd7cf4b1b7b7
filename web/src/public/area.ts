/** What everybody may read without signing in, as one bundle. */
import { addWords } from '@/i18n'

import words from './words'

export { default as PublicStars } from './PublicStars.vue'

addWords(words)

/** What anybody meets first, as one bundle: signing in, a role whose pages are not there yet, a page that is not there. */
import { addWords } from '@/i18n'

import words from './words'

export { default as LoginPage } from './LoginPage.vue'
export { default as NotFoundPage } from './NotFoundPage.vue'
export { default as WelcomePage } from './WelcomePage.vue'

addWords(words)

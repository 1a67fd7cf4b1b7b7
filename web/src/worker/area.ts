/** What a worker sees, as one bundle. It opens without network. */
import { addWords } from '@/i18n'
import { installable } from '@/ui/installable'

import words from './words'

export { default as LaterPage } from './LaterPage.vue'
export { default as MorePage } from './MorePage.vue'
export { default as TodayPage } from './TodayPage.vue'
export { default as VisitPage } from './VisitPage.vue'
export { default as WorkerFrame } from './WorkerFrame.vue'

addWords(words)
installable('worker')

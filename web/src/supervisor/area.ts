/** The register of elders and devices, as one bundle. */
import { addWords } from '@/i18n'
import desk from '@/i18n/words/desk'

import words from './words'

export { default as CityRulesPage } from '@/ui/rules/CityRulesPage.vue'
export { default as DeviceList } from './DeviceList.vue'
export { default as DevicePage } from './DevicePage.vue'
export { default as EditPage } from './EditPage.vue'
export { default as ElderList } from './ElderList.vue'
export { default as ElderSheet } from './ElderSheet.vue'
export { default as ElderPage } from './ElderPage.vue'
export { default as EscalationPlanPage } from './EscalationPlanPage.vue'
export { default as EscalationPlans } from './EscalationPlans.vue'
export { default as GrantList } from '@/ui/grants/GrantList.vue'
export { default as RegisterPage } from './RegisterPage.vue'
export { default as SupervisorFrame } from './SupervisorFrame.vue'

addWords(desk)
addWords(words)

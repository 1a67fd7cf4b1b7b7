/** Civil affairs: providers and the catalogue of services, as one bundle. */
import { addWords } from '@/i18n'
import desk from '@/i18n/words/desk'
import stars from '@/i18n/words/stars'

import words from './words'

export { default as CityRulesPage } from '@/ui/rules/CityRulesPage.vue'
export { default as AwardsPage } from './AwardsPage.vue'
export { default as CataloguePage } from './CataloguePage.vue'
export { default as GrantList } from '@/ui/grants/GrantList.vue'
export { default as ProviderEditPage } from './ProviderEditPage.vue'
export { default as ProviderList } from './ProviderList.vue'
export { default as ProviderPage } from './ProviderPage.vue'
export { default as RegulatorFrame } from './RegulatorFrame.vue'
export { default as SchemePage } from './SchemePage.vue'
export { default as SchemesPage } from './SchemesPage.vue'
export { default as StarPage } from './stars/StarPage.vue'
export { default as StarsPage } from './stars/StarsPage.vue'
export { default as ServicePage } from './ServicePage.vue'

addWords(desk)
addWords(stars)
addWords(words)

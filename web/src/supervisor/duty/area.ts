/** The shift leader's page, as one bundle. */
export { default as DutyPage } from './DutyPage.vue'

/** The circle of 15 minutes: map, table and who was on duty, as one bundle. */
export { default as ReachPage } from './ReachPage.vue'

/** Figures of service quality and what stands behind each, as one bundle: it brings the charts. */
export { default as FigurePage } from './FigurePage.vue'
export { default as FiguresPage } from './FiguresPage.vue'
export { default as ReachPage } from '../reach/ReachPage.vue'

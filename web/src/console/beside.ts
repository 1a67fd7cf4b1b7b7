/** What an operator opens beside the console, as a bundle of its own: an alarm is never kept waiting for it. */
export { default as GrantList } from '@/ui/grants/GrantList.vue'
export { default as GrantsFrame } from './GrantsFrame.vue'

/** What an operator needs once an alarm is seen and claimed: fetched right after the page, so that neither waits for it. */
export { default as CloseDialog } from './CloseDialog.vue'
export { default as EscalationBlock } from './EscalationBlock.vue'
export { default as KeyHelp } from './KeyHelp.vue'
export { default as ReopenDialog } from './ReopenDialog.vue'
export { default as RespondDialog } from './RespondDialog.vue'

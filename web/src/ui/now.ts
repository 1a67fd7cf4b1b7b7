/** One clock for the whole page, in server time, ticking each second; tests and pages never call Date.now for ages. */
import { ref } from 'vue'

const aheadMs = ref(0)

export const nowMs = ref(Date.now())

export function setServerAhead(ms: number): void {
  aheadMs.value = ms
}

export function tickNow(): void {
  nowMs.value = Date.now() + aheadMs.value
}

setInterval(tickNow, 1000)

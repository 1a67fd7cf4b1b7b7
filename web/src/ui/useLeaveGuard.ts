/** What somebody has written is not lost by a wrong click: leaving asks first, closing the tab as well. */
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'

export interface LeaveGuard {
  /** The question is on the page. */
  asking: Ref<boolean>
  leave(): void
  stay(): void
}

/** @param dirty there is something that would be lost */
export function useLeaveGuard(dirty: () => boolean): LeaveGuard {
  const asking = ref(false)
  let answer: ((leaves: boolean) => void) | null = null

  function end(leaves: boolean): void {
    asking.value = false
    answer?.(leaves)
    answer = null
  }
  onBeforeRouteLeave(() => {
    if (!dirty()) return true
    end(false)
    asking.value = true
    return new Promise<boolean>((told) => {
      answer = told
    })
  })

  const warn = (event: BeforeUnloadEvent): void => {
    if (dirty()) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', warn))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', warn))
  return { asking, leave: () => end(true), stay: () => end(false) }
}

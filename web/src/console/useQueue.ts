/** The list as shown: held still while the pointer is in it; and what is selected in it. */
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'

import type { CaseView } from '@/api/types'

import type { FeedState } from '@/ui/cases/feed'
import { isMine } from './keys'
import { arrange, arrangeHeld, neighbour, topOpen, type QueueView } from './queue'

export interface Queue {
  worklist: Ref<boolean>
  pointerInside: Ref<boolean>
  view: ShallowRef<QueueView>
  top: ComputedRef<CaseView | null>
  selected: ComputedRef<CaseView | null>
  select(id: string | null): void
  /** A closed case opened from “recent cases”: not in the feed, shown all the same. */
  showEarlier(view: CaseView): void
  step(by: 1 | -1): void
  release(): void
}

export function useQueue(state: ShallowRef<FeedState>, me: string): Queue {
  const worklist = ref(false)
  const pointerInside = ref(false)
  const view = shallowRef<QueueView>({ open: [], taken: [], waiting: 0 })
  const selectedId = ref<string | null>(null)
  /** Chosen by a person; otherwise the selection follows the top of the queue. */
  const byHand = ref(false)
  const earlier = shallowRef<CaseView | null>(null)

  const find = (id: string | null): CaseView | null => {
    if (id === null) return null
    const { cases, closed } = state.value
    return cases.get(id) ?? closed.get(id) ?? (earlier.value?.id === id ? earlier.value : null)
  }
  const selected = computed(() => find(selectedId.value))
  const top = computed(() => {
    if (!worklist.value) return topOpen(view.value)
    return topOpen(arrange(state.value.cases.values(), false)) ?? topOpen(view.value)
  })

  const follow = (): void => {
    if (byHand.value && selected.value) return
    byHand.value = false
    const own = [...state.value.cases.values()].find((held) => isMine(held, me))
    selectedId.value = own?.id ?? top.value?.id ?? null
  }
  const rearrange = (): void => {
    const { cases } = state.value
    view.value = pointerInside.value
      ? arrangeHeld(view.value, cases, worklist.value)
      : arrange(cases.values(), worklist.value)
  }

  watch(state, (now, before) => {
    const id = selectedId.value
    const closedByMe = id !== null && isMine(before.cases.get(id) ?? null, me) && now.closed.has(id)
    if (closedByMe) byHand.value = false
    rearrange()
    follow()
  })
  watch(worklist, () => {
    view.value = arrange(state.value.cases.values(), worklist.value)
  })
  watch(pointerInside, (inside) => {
    if (!inside) rearrange()
  })

  const select = (id: string | null): void => {
    selectedId.value = id
    byHand.value = id !== null
    if (id === null) follow()
  }
  return {
    worklist,
    pointerInside,
    view,
    top,
    selected,
    select,
    showEarlier: (closed) => {
      earlier.value = closed
      select(closed.id)
    },
    step: (by) => select(neighbour(view.value, selectedId.value, by)),
    release: () => {
      view.value = arrange(state.value.cases.values(), worklist.value)
    },
  }
}

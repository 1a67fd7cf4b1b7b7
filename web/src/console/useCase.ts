/** What is read when a case is selected: its timeline (again after every move) and its context. */
import { onBeforeUnmount, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'

import { api, codeOf, told, type Answer } from '@/api/client'
import type { CaseContext, CaseView, EscalationRun, TimelineEntry } from '@/api/types'

const CONTEXT_AGAIN_MS = 60_000
/** The run of a plan follows its case a moment later: it is read once more after so long. */
const FOLLOWED_MS = 1500
/** Nothing is drawn for shorter waits; a skeleton that flashes disturbs more than it tells. */
const SKELETON_AFTER_MS = 300

export interface Reading<T> {
  value: T | null
  /** Waiting for longer than a moment. */
  slow: boolean
  /** The code of what failed. */
  error: string | null
}

export interface CaseReading {
  timeline: ShallowRef<Reading<TimelineEntry[]>>
  context: ShallowRef<Reading<CaseContext>>
  /** The run of its escalation plan; null where there is none. */
  escalation: ShallowRef<Reading<EscalationRun>>
  again(): void
}

function nothing<T>(): Reading<T> {
  return { value: null, slow: false, error: null }
}

/** Reads into `into`; of two readings under way only the later one counts. */
function useReading<Raw, T>(
  into: ShallowRef<Reading<T>>,
  ask: (caseId: string) => Promise<Answer<Raw>>,
  pick: (raw: Raw) => T | null,
): (caseId: string | null) => void {
  let turn = 0
  return (caseId) => {
    turn += 1
    const mine = turn
    if (caseId === null) return
    const slow = setTimeout(() => {
      if (turn === mine && into.value.value === null) into.value = { ...into.value, slow: true }
    }, SKELETON_AFTER_MS)
    told(ask(caseId))
      .then((raw) => {
        if (turn === mine) into.value = { value: pick(raw), slow: false, error: null }
      })
      .catch((error: unknown) => {
        if (turn === mine) into.value = { ...into.value, slow: false, error: codeOf(error) }
      })
      .finally(() => clearTimeout(slow))
  }
}

const CASE = '/api/v1/alarms/cases/{case_id}'

export function useCase(selected: Ref<CaseView | null>, mine: Ref<boolean>): CaseReading {
  const timeline = shallowRef<Reading<TimelineEntry[]>>(nothing())
  const context = shallowRef<Reading<CaseContext>>(nothing())
  const escalation = shallowRef<Reading<EscalationRun>>(nothing())
  const readEscalation = useReading(
    escalation,
    (id) => api.GET(`${CASE}/escalation`, { params: { path: { case_id: id } } }),
    (raw) => raw.run,
  )
  let followed: ReturnType<typeof setTimeout> | undefined
  function followEscalation(caseId: string | null): void {
    clearTimeout(followed)
    readEscalation(caseId)
    followed = setTimeout(() => readEscalation(caseId), FOLLOWED_MS)
  }
  const readTimeline = useReading(
    timeline,
    (id) => api.GET(CASE, { params: { path: { case_id: id } } }),
    (raw) => raw.timeline,
  )
  const readContext = useReading(
    context,
    (id) => api.GET(`${CASE}/context`, { params: { path: { case_id: id } } }),
    (raw) => raw,
  )
  const id = ref<string | null>(null)

  watch(
    () => [selected.value?.id ?? null, selected.value?.version] as const,
    ([next]) => {
      if (next !== id.value) {
        id.value = next
        timeline.value = nothing()
        context.value = nothing()
        escalation.value = nothing()
        readContext(id.value)
      }
      readTimeline(id.value)
      followEscalation(id.value)
    },
    { immediate: true },
  )
  watch(mine, () => readContext(id.value))

  const timer = setInterval(() => readContext(id.value), CONTEXT_AGAIN_MS)
  onBeforeUnmount(() => {
    clearInterval(timer)
    clearTimeout(followed)
  })

  return {
    timeline,
    context,
    escalation,
    again: () => {
      readTimeline(id.value)
      readContext(id.value)
      followEscalation(id.value)
    },
  }
}

/** A form: begun from what there is, looked at for faults, sent once, and left only when that is meant. */
import { nextTick, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

import { useLeaveGuard } from './useLeaveGuard'
import { useRefusal } from './useRefusal'

export interface Editor<Draft, Faults> {
  draft: Ref<Draft>
  faults: Ref<Faults>
  /** Why it was not sent or taken; empty: nothing was wrong. */
  failure: Ref<string>
  busy: Ref<boolean>
  guard: ReturnType<typeof useLeaveGuard>
  /** What is on record: until it changes there is nothing to lose. */
  begin(draft: Draft): void
  submit(): Promise<void>
  /** Leads there and does not ask: what was written is done with. */
  go(next: string): Promise<void>
}

interface Form<Draft, Faults> {
  blank: Draft
  faultsOf: (draft: Draft) => Faults
  /** Returns where one is led afterwards. */
  send: (draft: Draft) => Promise<string>
  /** In words of its own; null: as everywhere. */
  refused?: (cause: unknown) => string | null
}

export function useEditor<Draft extends object, Faults extends object>(form: Form<Draft, Faults>): Editor<Draft, Faults> {
  const { t } = useI18n()
  const router = useRouter()
  const refusal = useRefusal()
  const draft = ref(form.blank) as Ref<Draft>
  const faults = ref({}) as Ref<Faults>
  const failure = ref('')
  const busy = ref(false)
  const start = ref(JSON.stringify(form.blank))
  let left = false
  const guard = useLeaveGuard(() => !left && JSON.stringify(draft.value) !== start.value)

  function begin(known: Draft): void {
    draft.value = known
    start.value = JSON.stringify(known)
  }
  async function go(next: string): Promise<void> {
    left = true
    await router.push(next)
  }
  async function submit(): Promise<void> {
    if (busy.value) return
    failure.value = ''
    faults.value = form.faultsOf(draft.value)
    const many = Object.keys(faults.value).length
    if (many > 0) {
      failure.value = t('form.faulty', { n: many })
      await nextTick()
      document.querySelector<HTMLElement>('main [aria-invalid]')?.focus()
      return
    }
    busy.value = true
    try {
      await go(await form.send(draft.value))
    } catch (cause) {
      failure.value = form.refused?.(cause) ?? refusal(cause)
    } finally {
      busy.value = false
    }
  }
  return { draft, faults, failure, busy, guard, begin, submit, go }
}

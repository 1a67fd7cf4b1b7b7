/** The operator's desk: everything the parts of the console page share. One per page, handed down by injection. */
import { computed, inject, onBeforeUnmount, reactive, ref, shallowRef, type InjectionKey } from 'vue'

import type { Account, CaseContext, CallResult, CaseView, Contact, Outcome } from '@/api/types'
import { CALL_RESULTS } from '@/api/types'

import { deskPrefs } from './deskPrefs'
import { callLabel, isMine, isTyping, keyOf, keysNow, lastCallOf, nextStep, onCall, type Key, type Situation } from './keys'
import { moves, type MoveAnswer, type MoveError } from './moves'
import { useCase } from './useCase'
import { useFeed } from './useFeed'
import { useQueue } from './useQueue'

export type Dialog = 'close' | 'respond' | 'reopen' | 'help'
export type Pane = 'queue' | 'case' | 'context'

/** Somebody who can be called from the case: digit 0 is the elder, 1..9 the contacts in order. */
export interface Callable {
  digit: number
  contact: Contact | null
  name: string
  relation: string | null
  /** Null until the case is claimed, or when there is no number. */
  phone: string | null
  masked: string | null
}

export type Desk = ReturnType<typeof createDesk>

export const DESK: InjectionKey<Desk> = Symbol('desk')

export function useDesk(): Desk {
  const desk = inject(DESK)
  if (!desk) throw new Error('no desk: use this below ConsolePage')
  return desk
}

export function createDesk(account: Account, words: { self: () => string }) {
  const feed = useFeed(account.id, account.role)
  const queue = useQueue(feed.state, account.id)
  const mine = computed(() => isMine(queue.selected.value, account.id))
  const reading = useCase(queue.selected, mine)

  const dialog = ref<Dialog | null>(null)
  const pane = ref<Pane>('queue')
  const error = shallowRef<{ what: MoveError; caseId: string } | null>(null)
  const busy = ref(false)
  const drafts = reactive(new Map<string, string>())
  const noteBox = shallowRef<{ focus(): void } | null>(null)

  const callables = computed<Callable[]>(() => callablesOf(inNeed(reading.context.value.value), words.self()))
  const lastCall = computed(() => lastCallOf(reading.timeline.value.value ?? []))
  const situation = computed<Situation>(() => ({
    selected: queue.selected.value,
    me: account.id,
    top: queue.top.value,
    callable: callables.value.filter((one) => one.phone || one.masked).map((one) => one.digit),
    contactsKnown: reading.context.value.value !== null || reading.context.value.error !== null,
    lastCall: lastCall.value,
    rows: queue.view.value.open.length + queue.view.value.taken.length,
  }))
  const keys = computed(() => keysNow(situation.value))
  const next = computed(() => nextStep(situation.value))
  const calling = computed(() => onCall(situation.value))

  /** @returns whether the move was made; otherwise `error` says why not. */
  async function settle(caseId: string, answer: Promise<MoveAnswer>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      const { view, error: what } = await answer
      error.value = what ? { what, caseId } : null
      if (view) feed.take(view)
      return view !== null
    } finally {
      busy.value = false
    }
  }

  async function claim(view: CaseView): Promise<void> {
    if (busy.value) return
    queue.select(view.id)
    pane.value = 'case'
    await settle(view.id, moves.claim(view.id))
  }

  async function call(digit: number): Promise<void> {
    const view = queue.selected.value
    const who = callables.value.find((one) => one.digit === digit)
    if (!view || !who || busy.value) return
    if (who.phone && deskPrefs.softphone) dial(who.phone)
    await noteCall(digit)
  }

  /** The call is put down; dialling is somebody else's: the softphone, a link, or a hand. */
  async function noteCall(digit: number): Promise<void> {
    const view = queue.selected.value
    const who = callables.value.find((one) => one.digit === digit)
    if (!view || !who) return
    const label = callLabel(digit, [who.relation, who.name].filter(Boolean).join(' '))
    await settle(view.id, moves.call(view.id, who.contact?.id ?? null, label))
  }

  async function callResult(result: CallResult): Promise<boolean> {
    const view = queue.selected.value
    return view !== null && settle(view.id, moves.callResult(view.id, result))
  }

  async function saveNote(): Promise<void> {
    const view = queue.selected.value
    const text = view ? (drafts.get(view.id) ?? '').trim() : ''
    if (!view || !text) return
    if (await settle(view.id, moves.note(view.id, text))) drafts.delete(view.id)
  }

  async function inDialog(answer: (id: string) => Promise<MoveAnswer>): Promise<void> {
    const view = queue.selected.value
    if (view && (await settle(view.id, answer(view.id)))) dialog.value = null
  }

  function perform(key: Key): void {
    const view = queue.selected.value
    const top = queue.top.value
    const result = CALL_RESULTS[(key.digit ?? 0) - 1]
    if (key.action === 'claim_top' && top) void claim(top)
    else if (key.action === 'claim' && view) void claim(view)
    else if (key.action === 'call') void call(key.digit ?? 0)
    else if (key.action === 'call_result' && result) void callResult(result)
    else if (key.action === 'note') focusNote()
    else if (key.action === 'release' && view) void settle(view.id, moves.release(view.id))
    else if (key.action === 'next') queue.step(1)
    else if (key.action === 'previous') queue.step(-1)
    else if (key.action === 'worklist') queue.worklist.value = !queue.worklist.value
    else if (key.action === 'respond' || key.action === 'close') dialog.value = key.action
    else if (key.action === 'reopen' || key.action === 'help') dialog.value = key.action
  }

  function focusNote(): void {
    pane.value = 'case'
    noteBox.value?.focus() // at once: what is typed next belongs to the note
    requestAnimationFrame(() => noteBox.value?.focus()) // and again where the pane has first to be shown
  }

  function onKeydown(event: KeyboardEvent): void {
    feed.wasActive()
    if (event.defaultPrevented || event.repeat || dialog.value !== null) return
    const target = event.target as HTMLElement | null
    if (isTyping(target) || !deskPrefs.singleKeys) return
    const key = keyOf(event, situation.value)
    if (!key || (key.cap === 'Space' && isPressable(target))) return
    event.preventDefault()
    perform(key)
  }
  const onPointer = (): void => feed.wasActive()
  window.addEventListener('keydown', onKeydown)
  window.addEventListener('pointermove', onPointer, { passive: true })
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onKeydown)
    window.removeEventListener('pointermove', onPointer)
  })

  return {
    account,
    feed,
    queue,
    reading,
    mine,
    dialog,
    pane,
    error,
    busy,
    drafts,
    noteBox,
    callables,
    lastCall,
    calling,
    keys,
    next,
    claim,
    noteCall,
    callResult,
    saveNote,
    perform,
    respond: (who: string, note: string) => inDialog((id) => moves.respond(id, who, note)),
    close: (outcome: Outcome, note: string) => inDialog((id) => moves.close(id, outcome, note)),
    reopen: (reason: string) => inDialog((id) => moves.reopen(id, reason)),
  }
}

type ElderNumbers = { name: string; phone?: string | null; phone_masked: string | null; contacts: Contact[] }

/** Whose case it is: an elder's, or a worker's who calls for help. */
function inNeed(context: CaseContext | null): ElderNumbers | null {
  return context?.elder ?? (context?.worker ? { ...context.worker, contacts: [] } : null)
}

function callablesOf(elder: ElderNumbers | null, self: string): Callable[] {
  if (!elder) return []
  const own: Callable = {
    digit: 0,
    contact: null,
    name: elder.name,
    relation: self,
    phone: elder.phone ?? null,
    masked: elder.phone_masked,
  }
  const others = [...elder.contacts]
    .sort((a, b) => a.order - b.order)
    .slice(0, 9)
    .map((contact, index) => ({
      digit: index + 1,
      contact,
      name: contact.name,
      relation: contact.relation,
      phone: contact.phone ?? null,
      masked: contact.phone_masked,
    }))
  return own.masked || own.phone ? [own, ...others] : others
}

/**
 * Hands the number to the softphone. Where none is set up, the browser asks what to do with it, and its question takes
 * the keyboard from the page: that is why it is a choice.
 */
function dial(phone: string): void {
  const link = document.createElement('a')
  link.href = `tel:${phone.replace(/[^+\d]/g, '')}`
  link.click()
}

/** Space on a focused button presses that button; it must not claim a case instead. */
function isPressable(element: HTMLElement | null): boolean {
  return element !== null && element.closest('button, a[href], summary, [role="tab"], [role="option"]') !== null
}

/** The people called for an elder, while somebody orders them. Pure. */
import type { Contact } from '@/api/types'

export interface ContactDraft {
  /** Of one there is; a new one has none. */
  id: string | null
  name: string
  relation: string
  /** Empty for one there is: the number we have. */
  phone: string
  masked: string
  distance_note: string
}

export function blankContact(): ContactDraft {
  return { id: null, name: '', relation: '', phone: '', masked: '', distance_note: '' }
}

export function contactDrafts(contacts: Contact[]): ContactDraft[] {
  return contacts.map(({ id, name, relation, phone_masked, distance_note }) => ({
    id,
    name,
    relation,
    phone: '',
    masked: phone_masked,
    distance_note,
  }))
}

/** Rows that somebody began and left empty are not sent. */
export function contactsToSend(drafts: ContactDraft[]) {
  return drafts.filter(isFilled).map(({ id, name, relation, phone, distance_note }) => ({
    id,
    name: name.trim(),
    relation: relation.trim(),
    phone: phone.trim() || null,
    distance_note: distance_note.trim(),
  }))
}

export function isFilled(draft: ContactDraft): boolean {
  return draft.id !== null || [draft.name, draft.relation, draft.phone, draft.distance_note].some((text) => text.trim() !== '')
}

export function moved(drafts: ContactDraft[], from: number, step: -1 | 1): ContactDraft[] {
  const to = from + step
  if (to < 0 || to >= drafts.length) return drafts
  const next = [...drafts]
  next.splice(to, 0, ...next.splice(from, 1))
  return next
}

/** One elder's profile with the version it was read at. */
import { onMounted, shallowRef, type ShallowRef } from 'vue'

import { api, codeOf, told } from '@/api/client'
import type { ElderProfile } from '@/api/types'
import { pictureOf } from '@/ui/faces'

export interface ProfileRead {
  profile: ShallowRef<ElderProfile | null>
  /** Code of why it could not be read. */
  error: ShallowRef<string | null>
  again(): Promise<void>
  /** An answer to a change carries the profile as it is now. */
  take(profile: ElderProfile): void
}

export function useProfile(elderId: string): ProfileRead {
  const profile = shallowRef<ElderProfile | null>(null)
  const error = shallowRef<string | null>(null)

  async function again(): Promise<void> {
    error.value = null
    try {
      profile.value = await told(api.GET('/api/v1/elders/{elder_id}', { params: { path: { elder_id: elderId } } }))
    } catch (cause) {
      error.value = codeOf(cause)
    }
  }
  onMounted(again)
  return { profile, error, again, take: (next) => (profile.value = next) }
}

/** What a change says it was made on. */
export function madeOn(profile: ElderProfile) {
  return { path: { elder_id: profile.id }, header: { 'If-Match': `"${profile.version}"` } }
}

export function setPhoto(profile: ElderProfile, file: File): Promise<ElderProfile> {
  return told(api.PUT('/api/v1/elders/{elder_id}/photo', { params: madeOn(profile), ...pictureOf(file) }))
}

export function dropPhoto(profile: ElderProfile): Promise<ElderProfile> {
  return told(api.DELETE('/api/v1/elders/{elder_id}/photo', { params: madeOn(profile) }))
}

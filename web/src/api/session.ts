/** Who is signed in at this browser. */
import { reactive } from 'vue'

import { api, Problem, told } from './client'
import type { Account } from './types'

export const session = reactive<{ account: Account | null; asked: boolean }>({ account: null, asked: false })

export type SignInError =
  | { is: 'badCredentials' }
  | { is: 'throttled'; seconds: number }
  | { is: 'offline' }
  | { is: 'failed'; code: string }

function take(account: Account): void {
  session.account = account
  session.asked = true
}

export async function signIn(username: string, password: string): Promise<SignInError | null> {
  try {
    const answer = await told(api.POST('/api/v1/session', { body: { username, password } }))
    take(answer.account)
    return null
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.offline) return { is: 'offline' }
    if (error.status === 401) return { is: 'badCredentials' }
    if (error.status === 429) return { is: 'throttled', seconds: error.retryAfterSeconds ?? 60 }
    return { is: 'failed', code: error.code }
  }
}

/** Asks once whether the cookie is still good. */
export async function currentAccount(): Promise<Account | null> {
  if (session.asked) return session.account
  try {
    take((await told(api.GET('/api/v1/session'))).account)
  } catch (error) {
    if (error instanceof Problem && error.status === 401) session.asked = true
  }
  return session.account
}

export async function signOut(): Promise<void> {
  await api.DELETE('/api/v1/session').catch(() => null)
  session.account = null
  session.asked = true
}

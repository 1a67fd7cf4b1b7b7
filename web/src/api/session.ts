/** Who is signed in at this browser. */
import { reactive } from 'vue'

import { api, codeOf, Problem, told } from './client'
import type { Account } from './types'

interface Session {
  account: Account | null
  asked: boolean
  /** Why it cannot be told who is signed in: the code of the last try. Null: it can, or the first try is under way. */
  unreached: string | null
}
export const session = reactive<Session>({ account: null, asked: false, unreached: null })

export type SignInError =
  | { is: 'badCredentials' }
  | { is: 'throttled'; seconds: number }
  | { is: 'offline' }
  | { is: 'failed'; code: string }

function take(account: Account): void {
  session.account = account
  session.asked = true
}

const AGAIN_MS = 3000

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

let asking: Promise<Account | null> | null = null

/** Asks once whether the cookie is still good; while the platform does not answer, again every few seconds. */
export async function currentAccount(): Promise<Account | null> {
  if (session.asked) return session.account
  return (asking ??= untilAnswered().finally(() => (asking = null)))
}

async function untilAnswered(): Promise<Account | null> {
  while (!session.asked) {
    try {
      take((await told(api.GET('/api/v1/session'))).account)
    } catch (error) {
      if (error instanceof Problem && error.status === 401) session.asked = true
      else {
        session.unreached = codeOf(error)
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }
  session.unreached = null
  return session.account
}

export async function signOut(): Promise<void> {
  await api.DELETE('/api/v1/session').catch(() => null)
  session.account = null
  session.asked = true
}

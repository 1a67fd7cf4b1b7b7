/** Who is signed in at this browser. */
import { reactive } from 'vue'

import { api, codeOf, Problem, told } from './client'
import { keepAccount, keptAccount, keptPhone, leaving } from './keptAccount'
import type { Account, SessionTold } from './types'

interface Session {
  account: Account | null
  asked: boolean
  /** Why it cannot be told who is signed in: the code of the last try. Null: it can, or the first try is under way. */
  unreached: string | null
  /** The call centre's number; null: this city has none. */
  callCentre: string | null
}
export const session = reactive<Session>({ account: null, asked: false, unreached: null, callCentre: keptPhone.get() })

export type SignInError =
  | { is: 'badCredentials' }
  | { is: 'throttled'; seconds: number }
  | { is: 'offline' }
  | { is: 'failed'; code: string }

function take({ account, call_centre_phone }: SessionTold): void {
  session.account = account
  session.asked = true
  session.callCentre = call_centre_phone
  keptPhone.set(call_centre_phone)
}

const AGAIN_MS = 3000
/** Somebody at a door waits no longer for a line that carries nothing. */
const PATIENCE_MS = 2500

export async function signIn(username: string, password: string): Promise<SignInError | null> {
  try {
    const answer = await told(api.POST('/api/v1/session', { body: { username, password } }))
    leaving.set(false)
    take(answer)
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

/**
 * Asks once whether the cookie is still good; while the platform does not answer, again every few seconds.
 * @param offline the page works without network: then whoever is kept on this phone may go on
 */
export async function currentAccount(offline = false): Promise<Account | null> {
  if (session.asked) return session.account
  const kept = offline ? keptAccount() : null
  if (leaving.get()) return leftOffline()
  return kept ? answeredOr(kept) : (asking ??= untilAnswered().finally(() => (asking = null)))
}

/** Who leaves without network is gone on this phone at once, and for the platform as soon as it can be told. */
async function leftOffline(): Promise<null> {
  const { response } = await api.DELETE('/api/v1/session').catch(() => ({ response: null }))
  if (response) leaving.set(false)
  return null
}

async function answeredOr(kept: Account): Promise<Account | null> {
  const asked = api.GET('/api/v1/session').then(({ data, response }) => {
    if (data) take(data)
    else if (response.status === 401) over()
  })
  if (navigator.onLine) await Promise.race([asked.catch(() => null), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
  else void asked.catch(() => null)
  if (!session.asked) session.account = kept
  return session.account
}

/** The platform has ended the session: nobody is signed in here any more. */
export function over(): void {
  session.account = null
  session.asked = true
  keepAccount(null)
}

async function untilAnswered(): Promise<Account | null> {
  while (!session.asked) {
    try {
      take(await told(api.GET('/api/v1/session')))
    } catch (error) {
      if (error instanceof Problem && error.status === 401) over()
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
  const told = await api.DELETE('/api/v1/session').catch(() => null)
  if (!told) leaving.set(true)
  over()
}

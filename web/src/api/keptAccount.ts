/** Who is at this phone, for pages that begin without network. Only areas that work without network keep it. */
import type { Account } from './types'

const ACCOUNT = 'yian.account'
const PHONE = 'yian.call-centre'
const LEAVING = 'yian.leaving'

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // A private window: then the page begins only with network.
  }
}

export function keepAccount(account: Account | null): void {
  write(ACCOUNT, account ? JSON.stringify(account) : null)
}

/** Whom to ring is no secret: it stays on the phone. */
export const keptPhone = {
  get: (): string | null => read(PHONE),
  set: (number: string | null): void => write(PHONE, number),
}

export function keptAccount(): Account | null {
  const kept = read(ACCOUNT)
  return kept ? (JSON.parse(kept) as Account) : null
}

/** Signed out without network: the platform does not know it yet. */
export const leaving = {
  get: (): boolean => read(LEAVING) !== null,
  set: (value: boolean): void => write(LEAVING, value ? '1' : null),
}

/** What this phone keeps while it has no network: the route of today and tomorrow, and what was done and not yet sent. */
import type { Action, Day, Refusal } from './model'
import type { ActionStore } from './queue'

const NAME = 'yian-worker'
const DAYS = 'days'
const ACTIONS = 'actions'

let opened: Promise<IDBDatabase> | null = null

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(DAYS, { keyPath: 'day' })
      // The key grows with each that is added: that is the order in which they are sent.
      asked.result.createObjectStore(ACTIONS, { autoIncrement: true }).createIndex('move_id', 'move_id', { unique: true })
    }
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
  return opened
}

async function within<T>(store: string, mode: IDBTransactionMode, run: (of: IDBObjectStore) => IDBRequest<T> | null): Promise<T | null> {
  const db = await database()
  return new Promise((resolve, reject) => {
    const tx = db.transaction(store, mode)
    const request = run(tx.objectStore(store))
    tx.oncomplete = () => resolve(request ? request.result : null)
    tx.onerror = () => reject(tx.error)
    tx.onabort = () => reject(tx.error)
  })
}

export const days = {
  async all(workerId: string): Promise<Day[]> {
    const kept = (await within<Day[]>(DAYS, 'readonly', (store) => store.getAll())) ?? []
    return kept.filter((day) => day.worker_id === workerId)
  },

  async put(day: Day): Promise<void> {
    await within(DAYS, 'readwrite', (store) => store.put(day))
  },

  /** A day that is over leaves the phone, and so does the route of whoever worked with it before. */
  async prune(workerId: string, today: string): Promise<void> {
    const kept = (await within<Day[]>(DAYS, 'readonly', (store) => store.getAll())) ?? []
    for (const { day, worker_id } of kept) {
      if (day < today || worker_id !== workerId) await within(DAYS, 'readwrite', (store) => store.delete(day))
    }
  },

  async clear(): Promise<void> {
    await within(DAYS, 'readwrite', (store) => store.clear())
  },
}

/** Runs for the row of this move, where there still is one. */
async function atMove(moveId: string, run: (cursor: IDBCursorWithValue) => void): Promise<void> {
  await within(ACTIONS, 'readwrite', (store) => {
    const asked = store.index('move_id').openCursor(moveId)
    asked.onsuccess = () => {
      if (asked.result) run(asked.result)
    }
    return null
  })
}

export const actions: ActionStore = {
  async add(action: Action): Promise<void> {
    await within(ACTIONS, 'readwrite', (store) => store.add(action))
  },

  async all(): Promise<Action[]> {
    return (await within<Action[]>(ACTIONS, 'readonly', (store) => store.getAll())) ?? []
  },

  async remove(moveId: string): Promise<void> {
    await atMove(moveId, (cursor) => cursor.delete())
  },

  async refuse(moveId: string, refusal: Refusal): Promise<void> {
    await atMove(moveId, (cursor) => cursor.update({ ...(cursor.value as Action), refusal }))
  },
}

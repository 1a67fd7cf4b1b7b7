/** What was done on this phone goes to the platform once, in the order in which it was done. Knows neither page nor browser. */
import type { Action, Refusal } from './model'

export interface ActionStore {
  /** At the end. */
  add(action: Action): Promise<void>
  /** Of everybody who worked with this phone, the oldest first. */
  all(): Promise<Action[]>
  remove(moveId: string): Promise<void>
  refuse(moveId: string, refusal: Refusal): Promise<void>
}

/** `later`: nothing is known, ask again. `over`: the session has ended; it waits for the same worker to sign in. */
export type Answer = 'taken' | 'later' | 'over' | Refusal
export type Sent = 'all' | 'later' | 'over'

export interface Line {
  /** Who the platform says is signed in at this moment. Null: a worker is not. */
  who(): Promise<string | null | 'later'>
  deliver(action: Action): Promise<Answer>
  /** Runs when no other page of this phone sends. */
  alone<T>(run: () => Promise<T>): Promise<T>
}

export class Queue {
  constructor(
    private readonly store: ActionStore,
    private readonly line: Line,
    private readonly taken: (action: Action) => Promise<void>,
  ) {}

  async add(action: Action): Promise<void> {
    await this.store.add(action)
  }

  /** Sends what this worker has done, one after the other, until all is answered or the line is silent. */
  async send(workerId: string): Promise<Sent> {
    return this.line.alone(async () => {
      if ((await this.next(workerId)) === null) return 'all'
      // Another page of this phone may have signed in as somebody else: what one did is never sent as another.
      const who = await this.line.who()
      if (who === 'later') return 'later'
      if (who !== workerId) return 'over'
      for (let action = await this.next(workerId); action; action = await this.next(workerId)) {
        const answer = await this.line.deliver(action)
        if (answer === 'later' || answer === 'over') return answer
        if (answer === 'taken') await this.settle(action)
        else await this.store.refuse(action.move_id, answer)
      }
      return 'all'
    })
  }

  private async settle(action: Action): Promise<void> {
    await this.taken(action)
    await this.store.remove(action.move_id)
  }

  private async next(workerId: string): Promise<Action | null> {
    const all = await this.store.all()
    return all.find((action) => action.worker_id === workerId && action.refusal === null) ?? null
  }
}

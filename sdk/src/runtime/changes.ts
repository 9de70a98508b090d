/** Lets several wait for the next change of something, whatever it is. Imports nothing of the runtime but promises. */
import { deferred } from './deferred.ts'

export interface Changes {
  happened(): void
  /** Until the next change, or until it is cancelled. */
  next(): { readonly promise: Promise<void>; readonly cancel: () => void }
}

export function createChanges(): Changes {
  const waiting = new Set<() => void>()
  return {
    happened() {
      for (const wake of [...waiting]) wake()
    },
    next() {
      const { promise, resolve } = deferred<void>()
      const cancel = () => {
        waiting.delete(cancel)
        resolve()
      }
      waiting.add(cancel)
      return { promise, cancel }
    },
  }
}

/** Exclusive claims on names, held by a running process and gone with it. */

export interface Locks {
  /**
   * The function that lets go, or null while somebody else holds the name. Rejects where locks are denied. Letting go is
   * done when its promise resolves, and a second time does nothing. With `patienceMs`, default 0, locks that other
   * processes hold are waited for, at most so long.
   */
  tryAcquire(name: string, patienceMs?: number): Promise<(() => Promise<void>) | null>
}

/**
 * Web Locks: exclusive among all tabs and workers of the origin, let go when the tab goes. Null where the platform has
 * none, as outside of secure contexts.
 */
export function webLocks(manager: LockManager | undefined = globalThis.navigator?.locks): Locks | null {
  if (manager === undefined) return null
  return {
    tryAcquire: (name, patienceMs = 0) =>
      new Promise((resolve, reject) => {
        const patience = patienceMs > 0 ? AbortSignal.timeout(patienceMs) : null
        const held = manager.request(name, patience ? { signal: patience } : { ifAvailable: true }, (lock) => {
          if (lock === null) return resolve(null)
          return new Promise<void>((letGo) => {
            resolve(async () => {
              letGo()
              await held
            })
          })
        })
        held.catch((error: unknown) => (patience?.aborted ? resolve(null) : reject(error)))
      }),
  }
}

/** Exclusive among all who share the returned object: for tests, and for a process that owns its storage alone. */
export function createMemoryLocks(): Locks {
  const held = new Set<string>()
  return {
    async tryAcquire(name) {
      if (held.has(name)) return null
      held.add(name)
      let holding = true
      return async () => {
        if (holding) held.delete(name)
        holding = false
      }
    },
  }
}

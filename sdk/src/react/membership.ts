/**
 * One section while somebody listens: joined for the first listener, closed after the last. Who leaves and comes back in
 * one turn, as effects under React's StrictMode do, finds it as it was.
 */
import type { Section } from '../index.ts'

export type Joining =
  | { readonly kind: 'joining' }
  | { readonly kind: 'joined'; readonly section: Section }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface Membership {
  /** The same object until something changes. */
  readonly current: () => Joining
  readonly subscribe: (listener: () => void) => () => void
}

export const joining: Joining = { kind: 'joining' }

export function createMembership(join: (signal: AbortSignal) => Promise<Section>): Membership {
  const listeners = new Set<() => void>()
  let current: Joining = joining
  let visit: AbortController | null = null
  // An identity is free again, for the next visit, once the section of the last one is closed.
  let lastVisit: Promise<void> = Promise.resolve()

  function become(next: Joining): void {
    current = next
    for (const listener of [...listeners]) listener()
  }

  function start(): void {
    const own = new AbortController()
    visit = own
    lastVisit = lastVisit.then(() => stay(own.signal))
  }

  function stop(): void {
    visit?.abort()
    visit = null
    current = joining
  }

  /** Until the visit is over and nothing of it is left. */
  async function stay(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    try {
      const section = await join(signal)
      if (!signal.aborted) {
        become({ kind: 'joined', section })
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      }
      await section.close()
    } catch (error) {
      if (!signal.aborted) become({ kind: 'failed', error })
    }
  }

  return {
    current: () => current,
    subscribe(listener) {
      listeners.add(listener)
      if (visit === null) start()
      return () => {
        listeners.delete(listener)
        queueMicrotask(() => {
          if (listeners.size === 0) stop()
        })
      }
    },
  }
}

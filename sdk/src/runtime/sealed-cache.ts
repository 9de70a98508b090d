/** Events with their bytes: those that are nowhere else, and of the stored ones the last few megabytes. */
import type { EventId } from '../core/gossip/event.ts'
import type { SealedEvent } from '../wire/index.ts'

export interface SealedCache {
  get(id: EventId): SealedEvent | undefined
  has(id: EventId): boolean
  /** Keeps an event until it is released or forgotten. */
  hold(sealed: SealedEvent): void
  /** It is stored: from now on it is kept as long as there is room. */
  release(id: EventId): void
  forget(id: EventId): void
  /** Of those released. */
  readonly bytes: number
}

/** What an event takes in memory beside its bytes, and each of its transactions, which are views. */
const EVENT_BYTES = 1_000
const TRANSACTION_BYTES = 150

export function createSealedCache(bytesMax: number): SealedCache {
  const held = new Map<EventId, SealedEvent>()
  // The oldest first.
  const released = new Map<EventId, SealedEvent>()
  let bytes = 0

  function drop(id: EventId): void {
    const sealed = released.get(id)
    if (sealed && released.delete(id)) bytes -= sizeOf(sealed)
  }

  return {
    get: (id) => held.get(id) ?? released.get(id),
    has: (id) => held.has(id) || released.has(id),
    hold(sealed) {
      drop(sealed.event.id)
      held.set(sealed.event.id, sealed)
    },
    release(id) {
      const sealed = held.get(id)
      if (!sealed) return
      held.delete(id)
      released.set(id, sealed)
      bytes += sizeOf(sealed)
      for (const oldest of released.keys()) {
        if (bytes <= bytesMax) break
        drop(oldest)
      }
    },
    forget(id) {
      held.delete(id)
      drop(id)
    },
    get bytes() {
      return bytes
    },
  }
}

function sizeOf({ header, body, event }: SealedEvent): number {
  return EVENT_BYTES + header.length + body.length + TRANSACTION_BYTES * event.body.transactions.length
}

/**
 * In the worker: the page is told what we stored last, and while we are the sole voter and others are here all that is in
 * the store, before it is told to send any of it. Therefore it knows how far it got, and what it says in our place never
 * contradicts what it has sent.
 */
import type { Hash } from '../../core/gossip/event.ts'
import type { IdentityKey } from '../../crypto/index.ts'
import { ownTipName, type Store, type StoredEvent } from '../../store/index.ts'
import type { SectionStatus } from '../types.ts'
import type { ToPage } from './protocol.ts'

/** The page takes in so many events at once, which must not take it long. */
const EVENTS_PER_NOTICE = 32

export interface Prompter {
  watchStore(key: IdentityKey, store: Store): Store
  /** `id` names the section. */
  onStatus(id: Hash, status: SectionStatus): void
  /** The page stood down: whom it had standing by has spoken, or stands by no more. */
  startAnew(): void
}

interface Prompting {
  /** Stored while the store is read: events follow their parents, so it is told after what is read. Null from then on. */
  stored: StoredEvent[] | null
}

export interface PrompterOptions {
  readonly tell: (notice: ToPage) => void
  /** Told at the latest before anything that is told later. */
  readonly tellBeforeNext: (notice: ToPage) => void
}

export function createPrompter({ tell, tellBeforeNext }: PrompterOptions): Prompter {
  let watched: { readonly key: IdentityKey; readonly store: Store } | null = null
  // Another one each time, so that what was begun before does not go on.
  let prompting: Prompting | null = null
  let sectionId: Hash = ''

  function follow(events: readonly StoredEvent[]): void {
    for (let at = 0; at < events.length; at += EVENTS_PER_NOTICE) {
      tell({ kind: 'follow', events: events.slice(at, at + EVENTS_PER_NOTICE).map(({ bytes }) => bytes) })
    }
  }

  async function begin(own: Prompting, key: IdentityKey, store: Store): Promise<void> {
    const genesis = await store.readValue('genesis')
    if (genesis === null || prompting !== own) return
    tell({ kind: 'standBy', key, genesis })
    const { events, damaged } = await store.load()
    if (prompting !== own) return
    if (damaged.length > 0) return end()
    // What was read and stored meanwhile comes twice, which does no harm.
    follow([...events, ...(own.stored ?? [])])
    own.stored = null
    tell({ kind: 'followed' })
  }

  function reach(ownTip: Uint8Array | null | undefined): void {
    if (ownTip) tellBeforeNext({ kind: 'reach', ownTip })
  }

  function end(): void {
    if (prompting) tell({ kind: 'dismiss' })
    prompting = null
  }

  return {
    watchStore(key, store) {
      end()
      watched = { key, store }
      return {
        ...store,
        get persistent() {
          return store.persistent
        },
        async append(events, values) {
          await store.append(events, values)
          if (prompting?.stored) prompting.stored.push(...events)
          else if (prompting) follow(events)
          reach(values?.[ownTipName])
        },
        async readValue(name) {
          const value = await store.readValue(name)
          // At the start, when nothing was said yet.
          if (name === ownTipName) reach(value)
          return value
        },
      }
    },
    onStatus(id, { role, voters, members }) {
      const isNeeded = role === 'voter' && voters === 1 && members.length > 1
      if (id !== sectionId) end()
      sectionId = id
      if (isNeeded === (prompting !== null) || !watched) return
      if (!isNeeded) return end()
      const own: Prompting = { stored: [] }
      prompting = own
      begin(own, watched.key, watched.store).catch(() => {
        if (prompting === own) end()
      })
    },
    startAnew: end,
  }
}

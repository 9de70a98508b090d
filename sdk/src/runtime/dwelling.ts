/**
 * The section that a tab lives in: coming home to the one that is stored, founding one, moving to another, starting
 * anew. One move at a time. It knows nobody: who is linked to us there is told when we go and when we have come.
 */
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Output } from '../core/io.ts'
import type { Genesis } from '../core/section/block.ts'
import { type Store, StoreError } from '../store/index.ts'
import type { PeerMessage } from '../wire/index.ts'
import { type Engine, startEngine } from './engine.ts'
import { leaveFor, readSection, writeSection } from './homecoming.ts'
import {
  type Home,
  OtherSectionError,
  type ResidenceEvents,
  type ResidenceOptions,
  type Submission,
} from './residing.ts'
import { notSaidYet } from './resubmission.ts'
import { endOf } from './succession.ts'

export interface DwellingHost {
  readonly mayVote: (peer: PeerId) => boolean
  readonly isClosing: () => boolean
  send(to: PeerId, message: PeerMessage): void
  reported(output: Output): void
  /** Nobody is linked to us any more. */
  gone(): void
  /** Ours ended for its successor: what else goes on from it is no matter of ours. */
  superseded(): void
  /** Home is another one now, or began anew, or is none: everybody has to be told. */
  come(): void
  wake(): void
  /** We cannot speak any more. */
  failed(error: unknown): void
}

export interface Dwelling {
  readonly home: Home | null
  readonly store: Store
  /** The section to live in, or null: in whichever is found. */
  readonly wanted: Hash | null
  readonly isMoving: boolean
  /** Into the section that the store holds, if it holds one. Rejects with `StoreError`, and with `OtherSectionError`. */
  comeHome(): Promise<void>
  /** Does nothing while we move already. */
  move(id: Hash, genesis: Genesis): void
  found(): void
  /** A section of our own that goes on where ours ends. */
  successor(): { readonly id: Hash; readonly genesis: Genesis }
  succeed(id: Hash, genesis: Genesis): Promise<void>
  resume(): Promise<void>
  /** Once no move is under way. */
  settled(): Promise<void>
}

export async function openDwelling(
  options: ResidenceOptions,
  events: ResidenceEvents,
  host: DwellingHost,
): Promise<Dwelling> {
  const { identity, hashing, nowMs } = options
  const me = identity.peer
  let store = await options.openStore()
  let home: Home | null = null
  let moving: Promise<void> | null = null
  let wanted = options.wanted

  async function settle(id: Hash, genesis: Genesis): Promise<Engine> {
    const engine = await startEngine({
      identity,
      genesis,
      hashing,
      store,
      nowMs,
      mayVote: host.mayVote,
      ...(options.forgetAfterMs === undefined ? {} : { forgetAfterMs: options.forgetAfterMs }),
      send: host.send,
      report: (output) => {
        events.report(output, engine)
        host.reported(output)
      },
      ...(options.lastWords ? { lastWords: options.lastWords } : {}),
      stalled: host.wake,
      failed: host.failed,
    })
    home = { id, genesis, engine }
    engine.start()
    return engine
  }

  function submitAll(submissions: readonly Submission[]): void {
    for (const submission of submissions) home?.engine.put({ kind: 'submit', ...submission })
  }

  /** One move at a time. The store is emptied first: what it held belonged to the section that yields. */
  function move(id: Hash, genesis: Genesis): void {
    moving ??= (async () => {
      const before = home
      let carried: readonly Submission[] = []
      if (before) {
        home = null
        host.gone()
        await before.engine.stop()
        await forgetSection()
        carried = events.yielded()
      }
      await writeSection(store, genesis)
      await settle(id, genesis)
      submitAll(carried)
    })()
      .catch(host.failed)
      .finally(() => {
        moving = null
        host.come()
      })
  }

  /** Into the section that the store holds, if it holds one. */
  async function comeHome(): Promise<void> {
    const stored = await readSection(store, hashing)
    if (stored === null) {
      if (options.hasPast) throw new StoreError('damaged', 'what this identity said is gone')
      return
    }
    // We moved there from the one that is wanted.
    if (stored.genesis?.previousSection?.sectionId === wanted) wanted = stored.id
    // The same key in another section must not cost this one's history: coming back would be a fork.
    if (wanted !== null && wanted !== stored.id) throw new OtherSectionError(stored.id)
    if (stored.genesis === null) wanted = stored.id
    else await settle(stored.id, stored.genesis)
  }

  async function forgetSection(): Promise<void> {
    await store.delete()
    store = await options.openStore()
  }

  function ownGenesis(previousSection: Genesis['previousSection'], maxVoters: number): Genesis {
    const salt = bytesToHex(options.random(32))
    return { founders: [me], createdAtMs: Math.floor(nowMs()), salt, previousSection, maxVoters }
  }

  /** One write decides: before it our key speaks in the one section only, after it in the other only. */
  async function succeed(id: Hash, genesis: Genesis): Promise<void> {
    await moving
    const before = home
    if (!before) return
    const task = (async () => {
      home = null
      host.gone()
      await before.engine.stop()
      await leaveFor(store, genesis)
      if (wanted !== null) wanted = id
      host.superseded()
      events.moved({ from: before.id, to: id, height: genesis.previousSection?.height ?? 0 })
      await settle(id, genesis)
      submitAll(events.submitted())
    })()
    moving = task.catch(host.failed).finally(() => {
      moving = null
      host.come()
    })
    await task
  }

  /** In the same section, with all that was submitted and is neither final nor in a stored event. */
  async function resume(): Promise<void> {
    while (moving) await moving
    const before = home
    if (host.isClosing()) return
    moving = (async () => {
      await before?.engine.stop()
      events.resumed()
      if (!before || host.isClosing()) return
      host.gone()
      const engine = await settle(before.id, before.genesis)
      submitAll(notSaidYet(engine.core.ordering, me, events.submitted()))
    })()
      .catch(host.failed)
      .finally(() => {
        moving = null
        host.come()
        host.wake()
      })
  }

  return {
    get home() {
      return home
    },
    get store() {
      return store
    },
    get wanted() {
      return wanted
    },
    get isMoving() {
      return moving !== null
    },
    comeHome,
    move,
    found() {
      const genesis = ownGenesis(null, options.maxVoters)
      move(hashing.genesis(genesis), genesis)
    },
    successor() {
      if (!home) throw new Error('there is no section to go on from')
      const genesis = ownGenesis(endOf({ ...home, core: home.engine.core }), home.genesis.maxVoters)
      return { id: hashing.genesis(genesis), genesis }
    },
    succeed,
    resume,
    async settled() {
      await moving
    },
  }
}

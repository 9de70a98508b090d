/** The work of a store that is measured, wherever the store is: append, restart, catch-up. Imports no Node. */
import { spelledOut } from '../sim/spelled-out.ts'
import type { GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { GossipMessage, OutgoingMessage } from '../src/core/io.ts'
import type { Store, StoredEvent } from '../src/store/index.ts'
import { decodeSealedEvent } from '../src/wire/index.ts'
import { createRecordedCore, recordedPeers, watcher } from './recorded-core.ts'

/** What one member of a section of so many voters has stored. */
export interface History {
  readonly voters: number
  readonly stored: readonly StoredEvent[]
  readonly blocks: number
}

/** How long each work took, and on how many events. */
export type Costs<Cost> = readonly (readonly [work: Work, events: number, cost: Cost])[]

const singles = 200
const batchSize = 100

export const works = ['append, one by one', `append, ${batchSize} at a time`, 'restart', 'catch-up'] as const
export type Work = (typeof works)[number]

/** `open` opens the one store there is, which every work leaves empty. */
export async function measureStore<Cost>(
  open: () => Promise<Store>,
  history: History,
  measure: (work: () => Promise<void>) => Promise<Cost>,
): Promise<Costs<Cost>> {
  const { stored } = history
  const first = await open()
  const few = stored.slice(0, singles)
  const single = await measure(async () => {
    for (const event of few) await first.append([event])
  })
  await first.delete()
  let store = await open()
  const batches = await measure(async () => {
    for (let i = 0; i < stored.length; i += batchSize) await store.append(stored.slice(i, i + batchSize))
  })
  const restarted = await measure(async () => {
    if (store.persistent) {
      await store.close()
      store = await open()
    }
    await restart(store, history)
  })
  await store.delete()
  const joiner = await open()
  const caughtUp = await catchUp(joiner, history, measure)
  await joiner.delete()
  const [one, many, again, late] = works
  return [
    [one, few.length, single],
    [many, stored.length, batches],
    [again, stored.length, restarted],
    [late, stored.length, caughtUp],
  ]
}

/** Reads, checks and decodes every event, then evaluates it: all that stands between opening and taking part. */
async function restart(store: Store, { voters, blocks }: History): Promise<void> {
  const { events } = await store.load()
  const core = createRecordedCore(voters, recordedPeers(voters)[0] as PeerId)
  core.step({ kind: 'restore', nowMs: 0, events: events.map(({ bytes }) => decoded(bytes)) })
  if (core.status().height !== blocks) throw new Error('a restart did not reach the recorded blocks')
}

/** A newcomer asks a member for everything; each answer is decoded, evaluated and stored before the next is asked for. */
async function catchUp<Cost>(
  store: Store,
  { voters, stored, blocks }: History,
  measure: (work: () => Promise<void>) => Promise<Cost>,
): Promise<Cost> {
  const member = recordedPeers(voters)[0] as PeerId
  const source = createRecordedCore(voters, member)
  source.step({ kind: 'restore', nowMs: 0, events: stored.map(({ bytes }) => decoded(bytes)) })
  const bytesOf = new Map(stored.map(({ id, bytes }) => [id, bytes]))
  const target = createRecordedCore(voters, watcher)
  const cost = await measure(async () => {
    const asked = [
      ...target.step({ kind: 'peerUp', nowMs: 0, peer: member }).send,
      ...source.step({ kind: 'peerUp', nowMs: 0, peer: watcher }).send,
    ]
    for (let next = asked.shift(); next; next = asked.shift()) {
      if (next.to === member) {
        asked.push(
          ...source.step({ kind: 'message', nowMs: 0, from: watcher, message: received(next.message, bytesOf) }).send,
        )
        continue
      }
      const message = received(next.message, bytesOf)
      const { persist, send } = target.step({ kind: 'message', nowMs: 0, from: member, message })
      await store.append(persist.map(({ id }) => ({ id, bytes: bytesOf.get(id) as Uint8Array })))
      asked.push(...send)
    }
  })
  if (target.status().height !== blocks) throw new Error('the newcomer did not reach the recorded blocks')
  return cost
}

function received(message: OutgoingMessage, bytesOf: ReadonlyMap<string, Uint8Array>): GossipMessage {
  return spelledOut(message, (id) => decoded(bytesOf.get(id) as Uint8Array))
}

function decoded(bytes: Uint8Array): GossipEvent {
  const result = decodeSealedEvent(bytes)
  if ('error' in result) throw new Error(result.error.detail)
  return result.ok.event
}

/**
 * A steady load recorded once, to be evaluated again and again: n cores under virtual time and seeded jitter, each
 * submitting one transaction per 20 δ. Imports the core, its hashing and the simulator's clock and randomness.
 */

import { createEngine } from '../sim/engine.ts'
import { createRandom } from '../sim/random.ts'
import { spelledOut } from '../sim/spelled-out.ts'
import type { EventId, GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Input } from '../src/core/io.ts'
import type { Parsec } from '../src/core/options.ts'
import { createRecordedCore, recordedPeers } from './recorded-core.ts'

export interface Recording {
  readonly voters: number
  /** In an order in which one member accepted them, its own included. */
  readonly events: readonly GossipEvent[]
  /** Everything that was fed to that member. */
  readonly inputs: readonly Input[]
  readonly blocks: number
  readonly transactions: number
}

export interface RecordingOptions {
  readonly voters: number
  /** Submissions end when there are so many; a few more finish what is open. */
  readonly events: number
  readonly seed: number
}

const delayMs = 100
const transactionBytes = 200

export function record({ voters, events: eventsMin, seed }: RecordingOptions): Recording {
  const engine = createEngine()
  const random = createRandom(seed).stream(`bench ${voters}`)
  const peers = recordedPeers(voters)
  const member = peers[0] as PeerId
  const cores = new Map(peers.map((peer) => [peer, createRecordedCore(voters, peer)]))
  const timers = new Map<PeerId, () => void>()
  const linkFreeMs = new Map<string, number>()
  const inputs: Input[] = []
  const events: GossipEvent[] = []
  const known = new Map<EventId, GossipEvent>()

  function feed(peer: PeerId, input: Input): void {
    if (peer === member) inputs.push(input)
    const output = (cores.get(peer) as Parsec).step(input)
    if (output.alarm) throw new Error(output.alarm)
    if (peer === member) events.push(...output.persist)
    for (const event of output.persist) known.set(event.id, event)
    for (const { to, message } of output.send) {
      const link = `${peer} ${to}`
      // Links keep their order, as data channels do.
      const atMs = Math.max(engine.now() + delayMs * (0.5 + random.float()), linkFreeMs.get(link) ?? 0)
      linkFreeMs.set(link, atMs)
      const spelled = spelledOut(message, (id) => known.get(id))
      engine.at(atMs, () => feed(to, { kind: 'message', nowMs: engine.now(), from: peer, message: spelled }))
    }
    timers.get(peer)?.()
    const { nextTimerMs } = output
    if (nextTimerMs === null) timers.delete(peer)
    else
      timers.set(
        peer,
        engine.at(nextTimerMs, () => feed(peer, { kind: 'timer', nowMs: engine.now() })),
      )
  }

  function load(turn: number): void {
    if (events.length >= eventsMin) return
    const transactions = [new Uint8Array(transactionBytes).fill(turn)]
    feed(peers[turn % voters] as PeerId, { kind: 'submit', nowMs: engine.now(), transactions })
    engine.after((20 * delayMs) / voters, () => load(turn + 1))
  }

  for (const peer of peers) {
    for (const other of peers) {
      if (other === peer) continue
      engine.at(0, () => {
        feed(peer, { kind: 'peerUp', nowMs: 0, peer: other })
        feed(peer, { kind: 'delay', nowMs: 0, peer: other, oneWayMs: delayMs })
      })
    }
  }
  engine.at(10 * delayMs, () => load(0))
  engine.run(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, () => false)
  const blocks = (cores.get(member) as Parsec).status().height
  return {
    voters,
    events,
    inputs,
    blocks,
    transactions: events.reduce((sum, event) => sum + event.body.transactions.length, 0),
  }
}

/** `step` against arbitrary sequences of inputs that decoding would let through: nothing escapes, nothing grows. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventContent, GossipEvent } from '../src/core/gossip/event.ts'
import type { GossipMessage } from '../src/core/io.ts'
import type { Parsec } from '../src/core/options.ts'
import { createParsec } from '../src/core/parsec.ts'
import type { Observation } from '../src/core/section/observation.ts'
import { createFastHashing } from './hashing.ts'
import { createRandom, type Random } from './random.ts'
import { epochMs } from './scenario.ts'
import { unchecked } from './spelled-out.ts'

const hashing = createFastHashing()
const peers = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(64))
const [self, ...others] = peers as [string, ...string[]]
const founders = peers.slice(0, 4)
const genesis = { founders, createdAtMs: epochMs, salt: '0'.repeat(64), previousSection: null, maxVoters: 4 }
const sectionId = hashing.genesis(genesis)

const junkId = (random: Random) => random.int(0, 0x7fffffff).toString(16).padStart(64, '0')

function observation(random: Random, known: readonly GossipEvent[]): Observation {
  const peer = random.pick(peers)
  const evidence = [random.pick([junkId(random), ...known.map((event) => event.id)]), junkId(random)]
  return random.pick<Observation>([
    { kind: 'add', peer, since: random.int(0, 3) },
    { kind: 'remove', peer, since: random.int(0, 3) },
    { kind: 'voters', promote: [peer], demote: [random.pick(peers)], since: random.int(0, 2) },
    { kind: 'accusation', accused: peer, malice: random.pick(['fork', 'accomplice', 'duplicateVote']), evidence },
    { kind: 'vote', value: new Uint8Array([random.int(0, 2)]) },
  ])
}

/** Any event that the wire's decoder and a valid signature let through, by anybody but ourselves. */
function event(random: Random, known: readonly GossipEvent[]): GossipEvent {
  const creator = random.pick(others)
  const own = known.filter((one) => one.creator === creator)
  const parent = random.chance(0.8) ? own.at(-1) : own[random.int(0, Math.max(0, own.length - 1))]
  const ids = known.map((one) => one.id)
  const parents = Array.from({ length: random.int(0, 4) }, () =>
    ids.length > 0 && random.chance(0.9) ? random.pick(ids) : junkId(random),
  )
  const content: EventContent = {
    sectionId: random.chance(0.97) ? sectionId : junkId(random),
    creator,
    seq: (parent?.seq ?? -1) + (random.chance(0.95) ? 1 : random.int(0, 5)),
    selfParent: parent?.id ?? null,
    otherParents: [...new Set(parents)],
    createdAtMs: random.pick([0, epochMs, epochMs + random.int(0, 10_000), Number.MAX_SAFE_INTEGER]),
    attest: random.chance(0.8)
      ? { height: 0, blockHash: sectionId }
      : { height: random.int(0, 5), blockHash: junkId(random) },
    body: {
      transactions: random.chance(0.4) ? [new Uint8Array([random.int(0, 255)])] : [],
      observations: Array.from({ length: random.int(0, 2) }, () => observation(random, known)),
    },
  }
  return { ...content, id: hashing.event(content) }
}

function message(random: Random, known: GossipEvent[]): GossipMessage {
  const ids = () =>
    Array.from({ length: random.int(0, 20) }, () =>
      known.length > 0 && random.chance(0.5) ? random.pick(known).id : junkId(random),
    )
  switch (random.int(0, 6)) {
    case 0:
      return { kind: 'tips', tips: ids() }
    case 1:
      return { kind: 'want', ids: ids(), tips: ids() }
    case 2:
      return {
        kind: 'links',
        statement: unchecked({
          of: random.pick([...peers, junkId(random)]),
          sinceMs: random.int(0, 2 ** 40),
          peers: random.shuffled([...peers, junkId(random)]).slice(0, 3),
        }),
      }
    default: {
      const events = Array.from({ length: random.int(0, 5) }, () => {
        const made = event(random, known)
        known.push(made)
        return made
      })
      return { kind: 'events', events: random.shuffled(events), more: random.chance(0.2) }
    }
  }
}

function drive(core: Parsec, random: Random, steps: number): void {
  const known: GossipEvent[] = []
  let nowMs = epochMs
  for (let step = 0; step < steps; step++) {
    nowMs += random.int(-5, 200)
    const peer = random.pick(others)
    const output = (() => {
      switch (random.int(0, 12)) {
        case 0:
          return core.step({ kind: 'peerUp', nowMs, peer })
        case 1:
          return core.step({ kind: 'peerDown', nowMs, peer })
        case 2:
          return core.step({ kind: 'submit', nowMs, transactions: [new Uint8Array([step & 255])] })
        case 3:
          return core.step({ kind: 'timer', nowMs })
        case 4:
          return core.step({ kind: 'admit', nowMs, peer })
        case 5:
          return core.step({ kind: 'delay', nowMs, peer, oneWayMs: random.pick([0, 1, 1e6, 0.001]) })
        default:
          return core.step({ kind: 'message', nowMs, from: peer, message: message(random, known) })
      }
    })()
    known.push(...output.drafts)
    const copies = output.send.reduce(
      (sum, { message: sent }) => sum + (sent.kind === 'events' ? sent.events.length : 1),
      0,
    )
    expect(output.alarm).toBeNull()
    expect(copies).toBeLessThan(5000)
    expect(output.drafts.length).toBeLessThanOrEqual(3)
  }
}

test('no sequence of decodable messages makes step throw, alarm or answer with an avalanche', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.boolean(), (seed, grows) => {
      const core = createParsec({ self, genesis, hashing, voterPolicy: grows ? 'grow' : 'fixed' })
      drive(core, createRandom(seed), 120)
    }),
    { numRuns: 40, seed: 20261122 },
  )
})

test('orphans without end are held back only up to a bound', { timeout: 60_000 }, () => {
  const core = createParsec({ self, genesis, hashing, voterPolicy: 'fixed' })
  const random = createRandom(1)
  for (const peer of others) core.step({ kind: 'peerUp', nowMs: epochMs, peer })
  for (let round = 0; round < 200; round++) {
    const from = random.pick(others)
    const events = Array.from({ length: 100 }, () => {
      const { id: _, ...content } = event(random, [])
      const orphan = { ...content, sectionId, seq: 7, selfParent: junkId(random) }
      return { ...orphan, id: hashing.event(orphan) }
    })
    core.step({ kind: 'message', nowMs: epochMs + round, from, message: { kind: 'events', events, more: false } })
  }
  expect(core.status().waiting).toBeLessThanOrEqual(8192)
})

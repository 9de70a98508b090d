/**
 * What follows an election that decides nothing. No graph is known whose votes come out so (docs/verification.md says how
 * far it is excluded); here the first election of every section is made to: each of its agreements ends with "no".
 */
import { describe, expect, test, vi } from 'vitest'
import { createCoreNetwork } from '../../../test/cores.ts'
import { coinOf, testCoin, testHashing } from '../../../test/hashing.ts'
import { parseGraph, peerName } from '../../../test/notation.ts'
import { shuffled } from '../../../test/worlds.ts'
import type { GossipEvent } from '../gossip/event.ts'
import type { GossipGraph } from '../gossip/graph.ts'
import { createOrdering, type Ordering } from './ordering.ts'

vi.mock('../meta-voting/election.ts', async (load) => {
  const original = await load<typeof import('../meta-voting/election.ts')>()
  const { FALSE } = await import('../meta-voting/stage.ts')
  const begun = new WeakSet<GossipGraph>()
  const vote = () => ({ stages: [FALSE], auxAt: [-1], decision: FALSE }) as const
  const createElection: typeof original.createElection = (graph, voters, rules) => {
    const isFirst = !begun.has(graph)
    begun.add(graph)
    return original.createElection(graph, voters, isFirst ? { ...rules, vote } : rules)
  }
  return { ...original, createElection }
})

/** Everybody takes in what all others said in the round before; only A_0 says something. */
function rounds(names: string, count: number): string {
  const line = (name: string) =>
    Array.from({ length: count }, (_, seq) => {
      const others = [...names].filter((other) => other !== name).map((other) => `${other}_${seq - 1}`)
      return `${name}_${seq}${seq > 0 ? `(${others.join(' ')})` : name === 'A' ? '[tx]' : ''}`
    }).join('  ')
  return [...names].map((name) => `${name}: ${line(name)}`).join('\n')
}

const drawn = parseGraph(rounds('ABCD', 14), { hashing: testHashing })

function ordered(events: readonly GossipEvent[]): Ordering {
  const ordering = createOrdering({ genesis: drawn.genesis, hashing: testHashing, coin: coinOf(testCoin) })
  for (const event of events) ordering.insert(event, event.id)
  return ordering
}

const statesOf = (ordering: Ordering) =>
  Array.from({ length: ordering.elections }, (_, election) => ordering.stateOf(election))

const nameOf = (ordering: Ordering, index: number) =>
  drawn.nameOf.get(ordering.idOf(ordering.graph.vertices[index] as (typeof ordering.graph.vertices)[number]))

describe('an election that decides nothing', () => {
  test('makes no block, and the next one decides what was left', () => {
    const ordering = ordered(drawn.events)
    expect(statesOf(ordering).map((state) => [state.election, state.height, state.afterEmptyBatch])).toEqual([
      [0, 0, false],
      [1, 0, true],
      [2, 1, false],
    ])
    expect(ordering.blocks.map(({ events }) => events.map(({ index }) => nameOf(ordering, index)))).toEqual([['A_0']])
  })

  test('is known to every candidate of the next', () => {
    const ordering = ordered(drawn.events)
    const [empty, next] = [ordering.round(0), ordering.round(1)]
    const candidates = [0, 1, 2, 3].flatMap((voter) => next.election.candidatesOf(voter) ?? [])
    expect(candidates).toHaveLength(4)
    for (const { vertex } of candidates) expect(ordering.decidedElections(vertex)).toBe(1)
    const former = [0, 1, 2, 3].flatMap((voter) => empty.election.candidatesOf(voter) ?? [])
    expect(former.map(({ vertex }) => nameOf(ordering, vertex.index))).toEqual(['A_0', 'B_1', 'C_1', 'D_1'])
  })

  test('comes out the same in any order of the events', () => {
    const [block] = ordered(drawn.events).blocks
    for (const pick of [1, 2, 3, 5, 7]) {
      const events = shuffled(drawn.events, (below) => pick % below)
      expect(ordered(events).blocks.map(({ hash }) => hash)).toEqual([block?.hash])
    }
  })

  test('is passed by a section at work, which comes to rest after it', () => {
    const network = createCoreNetwork('ABCD')
    for (const name of 'ABCD') network.start(name)
    network.connect('ABCD')
    network.put('A', { kind: 'submit', transactions: [new Uint8Array([1])] })
    network.run(5_000)
    for (const name of 'ABCD') {
      const states = statesOf(network.core(name).ordering)
      expect(states.map(({ afterEmptyBatch }) => afterEmptyBatch)).toEqual([false, true, false])
      expect(network.blocks(name).map(({ items }) => items.map(({ creator }) => peerName(creator)))).toEqual([['A']])
    }
    const before = network.sent.length
    network.run(60_000)
    expect(network.sent.length).toBe(before)
    expect(network.faults).toEqual([])
  })
})

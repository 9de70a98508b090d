/**
 * What RFC 0050 calls malice and no graph can hold here: every correct peer refuses the event by its ancestry alone, and
 * nobody is accused (docs/decisions/0033-refused-not-accused.md).
 */
import { describe, expect, test } from 'vitest'
import { type CoreNetwork, createCoreNetwork, reshape } from '../../../test/cores.ts'
import { testHashing } from '../../../test/hashing.ts'
import { peerId, peerName, testGenesis } from '../../../test/notation.ts'
import type { GossipEvent } from '../gossip/event.ts'

const names = 'ABCD'

/** Four voters, each of whom has said something. */
function section(): CoreNetwork {
  const network = createCoreNetwork(names)
  for (const name of names) network.start(name)
  network.connect(names)
  for (const name of names) network.put(name, { kind: 'submit', transactions: [new Uint8Array([name.charCodeAt(0)])] })
  network.run(5_000)
  return network
}

const lastOf = (network: CoreNetwork, name: string) => network.created(name).at(-1) as GossipEvent

/** D's next event, if it went on as it should. */
function next(network: CoreNetwork): GossipEvent {
  const last = lastOf(network, 'D')
  return reshape(last, {
    seq: last.seq + 1,
    selfParent: last.id,
    otherParents: [],
    body: { transactions: [], observations: [] },
  })
}

function show(network: CoreNetwork, ...events: readonly GossipEvent[]): void {
  for (const name of 'ABC')
    network.put(name, { kind: 'message', from: peerId('D'), message: { kind: 'events', events, more: false } })
}

/** What the others say from then on, and that they still agree. */
function goOn(network: CoreNetwork): void {
  const [before] = [...'A'].map((name) => network.core(name).status().height)
  network.put('A', { kind: 'submit', transactions: [new Uint8Array([1, 2])] })
  network.run(5_000)
  const heights = [...'ABC'].map((name) => network.core(name).status().height)
  expect(new Set(heights).size).toBe(1)
  expect(heights[0]).toBeGreaterThan(before ?? 0)
  const said = [...'ABC'].flatMap((name) => network.created(name).flatMap(({ body }) => body.observations))
  expect(said.filter(({ kind }) => kind === 'accusation')).toEqual([])
  expect(network.faults.filter((fault) => fault.includes('proves'))).toEqual([])
  expect(
    network
      .core('A')
      .status()
      .members.map(({ peer }) => peerName(peer)),
  ).toEqual([...names])
}

describe('unexpected, missing or incorrect genesis: the genesis is in every header, as the section’s id', () => {
  test.each([
    ['another group of founders', testHashing.genesis(testGenesis(['A', 'B', 'C']))],
    ['none', ''],
  ])('an event with %s is refused by all, and the section goes on', (_which, sectionId) => {
    const network = section()
    show(network, reshape(next(network), { sectionId }))
    expect(network.faults).toEqual([...'ABC'].map((name) => `${name} refuses D: wrongSection`))
    goOn(network)
  })
})

describe('self-parent by another creator', () => {
  test('is refused by all with what descends from it, and the section goes on', () => {
    const network = section()
    const stolen = reshape(next(network), { selfParent: lastOf(network, 'A').id, seq: lastOf(network, 'A').seq + 1 })
    const child = reshape(stolen, { selfParent: stolen.id, seq: stolen.seq + 1 })
    show(network, stolen, child)
    expect(network.faults).toEqual(
      [...'ABC'].flatMap((name) => [`${name} refuses D: wrongSelfParent`, `${name} refuses D: refusedParent`]),
    )
    goOn(network)
  })

  test('does not keep the others from what its creator says as it should', () => {
    const network = section()
    show(network, reshape(next(network), { selfParent: lastOf(network, 'A').id, seq: lastOf(network, 'A').seq + 1 }))
    const before = network.core('B').status().height
    network.put('D', { kind: 'submit', transactions: [new Uint8Array([3])] })
    network.run(5_000)
    expect(network.core('B').status().height).toBeGreaterThan(before)
  })
})

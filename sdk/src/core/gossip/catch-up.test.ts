import { describe, expect, test } from 'vitest'
import { type CoreNetwork, createCoreNetwork } from '../../../test/cores.ts'
import { peerId } from '../../../test/notation.ts'
import { CATCH_UP_MS } from './catch-up.ts'
import type { GossipEvent } from './event.ts'

const submit = (value: number) => ({ kind: 'submit', transactions: [new Uint8Array([value])] }) as const

/** Four voters that have talked; D is taken off all its links, and the others go on. */
function sleeper(): CoreNetwork {
  const network = createCoreNetwork('ABCD')
  for (const name of 'ABCD') network.start(name)
  network.connect('ABCD')
  network.put('A', submit(1))
  network.run(1_000)
  network.isolate('D')
  for (const value of [2, 3, 4]) {
    network.put('B', submit(value))
    network.run(500)
  }
  return network
}

const spoken = (network: CoreNetwork) => network.created('D').length

describe('after our own process stood still', () => {
  test('nothing is said before all that the neighbours hold is here, and then it is', () => {
    const network = sleeper()
    const before = spoken(network)
    network.put('D', { kind: 'wake' })
    network.put('D', submit(5))
    network.connect('AD')
    // Greetings are under way; the answers are not here yet.
    network.run(25)
    expect(spoken(network)).toBe(before)
    network.run(500)
    const [first] = network.created('D').slice(before)
    const known = new Set(network.created('B').map(({ id }) => id))
    expect(first?.otherParents.some((id) => known.has(id))).toBe(true)
    expect(network.blocks('A').flatMap(({ items }) => items)).toHaveLength(5)
  })

  test('a neighbour that was there all along is waited for as well', () => {
    const network = createCoreNetwork('ABCD')
    for (const name of 'ABCD') network.start(name)
    network.connect('ABCD')
    network.run(100)
    network.put('D', { kind: 'wake' })
    network.put('D', submit(1))
    network.run(CATCH_UP_MS / 2)
    expect(spoken(network)).toBe(0)
    for (const name of 'ABC')
      network.put('D', { kind: 'message', from: peerId(name), message: { kind: 'tips', tips: [] } })
    expect(spoken(network)).toBe(1)
  })

  test('one that goes away meanwhile is not', () => {
    const network = sleeper()
    network.connect('AD')
    network.connect('BD')
    network.run(1_000)
    const before = spoken(network)
    network.put('D', { kind: 'wake' })
    network.put('D', submit(1))
    network.put('D', { kind: 'message', from: peerId('A'), message: { kind: 'tips', tips: [] } })
    expect(spoken(network)).toBe(before)
    network.disconnect('B', 'D')
    expect(spoken(network)).toBe(before + 1)
  })

  test(`whoever names what nobody has holds us up for ${CATCH_UP_MS} ms and no longer`, () => {
    const network = sleeper()
    const before = spoken(network)
    network.put('D', { kind: 'wake' })
    network.put('D', submit(1))
    network.put('D', { kind: 'message', from: peerId('A'), message: { kind: 'tips', tips: ['f'.repeat(64)] } })
    network.run(CATCH_UP_MS - 10)
    expect(spoken(network)).toBe(before)
    network.run(20)
    expect(spoken(network)).toBe(before + 1)
  })

  test('the only member of a section has nobody to ask', () => {
    const network = createCoreNetwork('A')
    network.start('A')
    network.put('A', { kind: 'wake' })
    network.put('A', submit(1))
    network.run(20)
    expect(network.blocks('A')).toHaveLength(1)
  })
})

describe('after an own event was lost', () => {
  /** D has spoken, and starts again without its last event; the others hold all of it. */
  function loser(): { network: CoreNetwork; said: readonly GossipEvent[] } {
    const network = createCoreNetwork('ABCD')
    for (const name of 'ABC') network.start(name)
    const before = network.start('D')
    network.connect('ABCD')
    network.put('D', submit(1))
    network.run(1_000)
    const said = [...network.created('D')]
    network.isolate('D')
    const events = before.ordering.graph.vertices.map((vertex) => network.event(before.ordering.idOf(vertex)))
    const lost = said.at(-1)?.id
    const firstLost = events.findIndex(({ id }) => id === lost)
    network.start('D')
    network.put('D', { kind: 'restore', events: events.slice(0, firstLost), ownTip: lost ?? null })
    return { network, said }
  }

  test('nothing is said until it is back, however long that takes, and then the chain goes on behind it', () => {
    const { network, said } = loser()
    network.put('D', submit(2))
    network.run(10 * CATCH_UP_MS)
    expect(network.created('D')).toEqual([])
    network.connect('AD')
    network.run(1_000)
    const [next] = network.created('D')
    expect(next).toMatchObject({ seq: said.length, selfParent: said.at(-1)?.id })
    expect(network.blocks('A').flatMap(({ items }) => items)).toHaveLength(2)
    expect(network.faults).toEqual([])
  })
})

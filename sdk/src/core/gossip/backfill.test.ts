import { describe, expect, test } from 'vitest'
import { type CoreNetwork, createCoreNetwork } from '../../../test/cores.ts'
import type { Parsec } from '../options.ts'
import { MAX_EVENTS_PER_MESSAGE } from './dissemination.ts'

const submissions = 50
const founders = 'ABCD'

/** Hears what it is asked for, and does not answer. */
const silent = (core: Parsec): Parsec => ({
  ...core,
  step: (input, more) => {
    const output = core.step(input, more)
    return input.kind === 'message' && input.message.kind === 'want' ? { ...output, send: [] } : output
  },
})

/** Says with every answer that there is more, and brings nothing. */
const endless = (core: Parsec): Parsec => ({
  ...core,
  step: (input, more) => {
    const output = core.step(input, more)
    if (input.kind !== 'message' || input.message.kind !== 'want') return output
    return { ...output, send: [{ to: input.from, message: { kind: 'events', events: [], more: true } }] }
  },
})

/** Four founders with a history of several messages, which all of them hold. */
function grown(hosts: Readonly<Record<string, (core: Parsec) => Parsec>> = {}): CoreNetwork {
  const network = createCoreNetwork(founders)
  for (const name of founders) network.start(name, {}, hosts[name])
  network.connect(founders)
  for (let i = 0; i < submissions; i++) {
    network.put('A', { kind: 'submit', transactions: [new Uint8Array([i, i >> 8])] })
    network.run(30)
  }
  network.run(5_000)
  expect(held(network, 'A')).toBeGreaterThan(2 * MAX_EVENTS_PER_MESSAGE)
  return network
}

const held = (network: CoreNetwork, name: string) => network.core(name).ordering.graph.vertices.length

/** Events sent to Z, each copy. */
const copiesTo = (network: CoreNetwork, receiver: string) =>
  network.sent.flatMap(({ to, message }) => (to === receiver && message.kind === 'events' ? message.events : []))

const askedBy = (network: CoreNetwork, asker: string) =>
  network.sent.flatMap(({ from, to, message }) => (from === asker && message.kind === 'want' ? to : []))

describe('whoever comes to a section with a history', () => {
  test('is sent it once, however many neighbours hold it', () => {
    const network = grown()
    network.start('Z')
    for (const name of founders) network.connect(`${name}Z`)
    network.run(3_000)
    expect(held(network, 'Z')).toBe(held(network, 'A'))
    expect(copiesTo(network, 'Z')).toHaveLength(held(network, 'A'))
    expect(new Set(askedBy(network, 'Z'))).toEqual(new Set(['A']))
  })

  test('also while events of now come in that need it', () => {
    const network = grown()
    const before = held(network, 'A')
    network.start('Z')
    for (const name of founders) network.connect(`${name}Z`)
    for (const name of founders) network.put(name, { kind: 'submit', transactions: [new Uint8Array([1, 2, 3])] })
    network.run(5_000)
    expect(held(network, 'Z')).toBe(held(network, 'A'))
    const old = new Map<string, number>()
    for (const { id } of copiesTo(network, 'Z')) old.set(id, (old.get(id) ?? 0) + 1)
    const { ordering } = network.core('A')
    const counts = ordering.graph.vertices.slice(0, before).map((vertex) => old.get(ordering.idOf(vertex)))
    expect(new Set(counts)).toEqual(new Set([1]))
  })

  test('passes over a neighbour that does not answer', () => {
    const network = grown({ A: silent, B: silent })
    network.start('Z')
    for (const name of founders) network.connect(`${name}Z`)
    network.run(3_000)
    expect(held(network, 'Z')).toBe(held(network, 'C'))
    expect(askedBy(network, 'Z').slice(0, 3)).toEqual(['A', 'B', 'C'])
  })

  test('passes over one that promises more and brings nothing', () => {
    const network = grown({ A: endless })
    network.start('Z')
    for (const name of founders) network.connect(`${name}Z`)
    network.run(3_000)
    expect(held(network, 'Z')).toBe(held(network, 'B'))
    expect(askedBy(network, 'Z').filter((name) => name === 'A').length).toBeLessThan(5)
  })

  test('asks the next one when the link to the first breaks', () => {
    const network = grown()
    network.start('Z')
    for (const name of founders) network.connect(`${name}Z`)
    network.run(35)
    network.disconnect('A', 'Z')
    network.run(3_000)
    expect(held(network, 'Z')).toBe(held(network, 'B'))
    expect(copiesTo(network, 'Z').length).toBeLessThan(2 * held(network, 'A'))
  })
})

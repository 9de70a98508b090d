import { describe, expect, test } from 'vitest'
import { type CoreNetwork, createCoreNetwork } from '../../../test/cores.ts'
import { peerId, peerName } from '../../../test/notation.ts'
import { MAX_EVENTS_PER_MESSAGE } from './dissemination.ts'

const transaction = (value: number) => new Uint8Array([value, value >> 8])

function section(founders: string, links: readonly string[] = [founders]): CoreNetwork {
  const network = createCoreNetwork(founders)
  for (const name of founders) network.start(name)
  for (const names of links) network.connect(names)
  network.run(1_000)
  return network
}

function submit(network: CoreNetwork, name: string, value = 1): void {
  network.put(name, { kind: 'submit', transactions: [transaction(value)] })
}

/** Every copy of an event that was sent: `A>B A_3`, from the sender to the receiver. */
function copies(network: CoreNetwork, from = 0): string[] {
  return network.sent
    .slice(from)
    .flatMap(({ from, to, message }) =>
      message.kind === 'events'
        ? message.events.map(({ creator, seq }) => `${from}>${to} ${peerName(creator)}_${seq}`)
        : [],
    )
}

const heights = (network: CoreNetwork, names: string) => [...names].map((name) => network.core(name).status().height)
const kinds = (network: CoreNetwork, from: number) =>
  new Set(network.sent.slice(from).map(({ message }) => message.kind))

describe('where all are connected', () => {
  test('each event goes from its creator to each peer, once; nobody relays, nobody asks', () => {
    const network = section('ABCD')
    const before = network.sent.length
    for (const name of 'ABCD') submit(network, name)
    network.run(2_000)
    const created = [...'ABCD'].flatMap((name) => network.created(name).map(({ seq }) => [name, seq]))
    const expected = created.flatMap(([name, seq]) =>
      [...'ABCD'].filter((to) => to !== name).map((to) => `${name}>${to} ${name}_${seq}`),
    )
    expect(copies(network, before).sort()).toEqual(expected.sort())
    expect([...kinds(network, before)]).toEqual(['events'])
    expect(new Set(heights(network, 'ABCD')).size).toBe(1)
  })

  test('an idle section says nothing', () => {
    const network = section('ABCD')
    submit(network, 'A')
    network.run(2_000)
    const before = network.sent.length
    network.run(60_000)
    expect(network.sent.length).toBe(before)
  })

  test('a link that comes back carries no event again that both had', () => {
    const network = section('ABCD')
    submit(network, 'A')
    network.run(2_000)
    const before = network.sent.length
    network.disconnect('A', 'B')
    network.run(100)
    network.connect('AB')
    network.run(1_000)
    expect(copies(network, before).filter((copy) => /A>B|B>A/.test(copy))).toEqual([])
  })

  test('what was lost under way, or said in absence, comes when the link is back', () => {
    const network = section('ABCD')
    network.isolate('D')
    submit(network, 'A')
    network.run(2_000)
    expect(heights(network, 'ABCD')).toEqual([1, 1, 1, 0])
    network.connect('CD')
    network.run(2_000)
    expect(heights(network, 'D')).toEqual([1])
  })
})

describe('where a pair has no connection', () => {
  test('their one common neighbour relays, each event once', () => {
    const network = section('ABC', ['AB', 'BC'])
    submit(network, 'A')
    network.run(2_000)
    expect(heights(network, 'ABC')).toEqual([1, 1, 1])
    expect(copies(network)).toContain('B>C A_0')
    expect(new Set(copies(network)).size).toBe(copies(network).length)
  })

  test('of several common neighbours the one with the smallest key relays', () => {
    const network = section('ABCD', ['ABC', 'BCD'])
    submit(network, 'A')
    network.run(2_000)
    expect(heights(network, 'ABCD')).toEqual([1, 1, 1, 1])
    const relayed = copies(network).filter((copy) => /[BC]>D A_|[BC]>A D_/.test(copy))
    expect(relayed.length).toBeGreaterThan(0)
    expect(relayed.every((copy) => copy.startsWith('B>'))).toBe(true)
  })

  test('along a chain of peers everything arrives in the end', () => {
    const network = section('ABCDE', ['AB', 'BC', 'CD', 'DE'])
    submit(network, 'A')
    submit(network, 'E', 2)
    network.run(5_000)
    const [height] = heights(network, 'A')
    expect(height).toBeGreaterThan(0)
    expect(heights(network, 'ABCDE')).toEqual([height, height, height, height, height])
    expect(
      network
        .blocks('C')
        .flatMap(({ items }) => items.map(({ creator }) => peerName(creator)))
        .sort(),
    ).toEqual(['A', 'E'])
  })

  test('who was asleep is relayed to again when it wakes, though its neighbours forgot whom it is connected to', () => {
    const network = section('ABC', ['AB', 'BC'])
    network.put('B', { kind: 'peerDown', peer: peerId('C') })
    network.put('B', { kind: 'peerUp', peer: peerId('C') })
    network.put('C', { kind: 'wake' })
    network.run(1_000)
    const before = network.sent.length
    submit(network, 'A')
    network.run(2_000)
    expect(copies(network, before)).toContain('B>C A_0')
    expect([...kinds(network, before)]).toEqual(['events'])
  })

  test('a peer is reachable through a neighbour that says so, as long as it does', () => {
    const network = section('ABC', ['AB', 'BC'])
    expect(network.core('A').status().reachable).toBe(3)
    network.disconnect('B', 'C')
    network.run(100)
    expect(network.core('A').status().reachable).toBe(2)
  })
})

describe('a long graph', () => {
  const submissions = MAX_EVENTS_PER_MESSAGE + 10

  function grown(): CoreNetwork {
    const network = createCoreNetwork('A')
    network.start('A')
    for (let i = 0; i < submissions; i++) {
      submit(network, 'A', i)
      network.run(30)
    }
    return network
  }

  test('comes in pieces, each asked for, and nothing twice', () => {
    const network = grown()
    network.start('Z')
    network.connect('AZ')
    network.run(2_000)
    const pages = network.sent.flatMap(({ message, to }) => (to === 'Z' && message.kind === 'events' ? message : []))
    expect(pages.length).toBeGreaterThan(2)
    expect(pages.every(({ events }) => events.length <= MAX_EVENTS_PER_MESSAGE)).toBe(true)
    expect(pages.map(({ more }) => more)).toEqual([...pages.slice(1).map(() => true), false])
    const wants = network.sent.filter(({ from, message }) => from === 'Z' && message.kind === 'want')
    expect(wants).toHaveLength(pages.length)
    expect(copies(network)).toHaveLength(network.created('A').length)
    expect(network.core('Z').status().height).toBe(submissions)
  })

  test('breaks off in the middle and goes on where it was', () => {
    const network = grown()
    network.start('Z')
    network.connect('AZ')
    network.run(35)
    network.disconnect('A', 'Z')
    const half = network.core('Z').ordering.graph.vertices.length
    expect(half).toBe(MAX_EVENTS_PER_MESSAGE)
    const before = network.sent.length
    network.connect('AZ')
    network.run(2_000)
    expect(network.core('Z').status().height).toBe(submissions)
    expect(copies(network, before)).toHaveLength(network.created('A').length - half)
  })

  test('whoever asks for certain events gets them and their ancestors, and nothing above', () => {
    const network = grown()
    const [, , third] = network.created('A')
    network.start('Z')
    network.put('A', { kind: 'peerUp', peer: network.created('A')[0]?.creator ?? '' })
    const answer = network.core('A').step({
      ...{ kind: 'message', nowMs: network.nowMs, from: network.created('A')[0]?.creator ?? '' },
      message: { kind: 'want', ids: [third?.id ?? ''], tips: [] },
    })
    const events = answer.send.flatMap(({ message }) => (message.kind === 'events' ? message.events : []))
    expect(events.map((id) => network.event(id).seq)).toEqual([0, 1, 2])
  })
})

test('a link that fails in a full mesh at rest costs no copies', () => {
  const network = createCoreNetwork('ABCD')
  for (const name of 'ABCD') network.start(name)
  network.connect('ABCD')
  network.run(500)
  network.put('A', { kind: 'submit', transactions: [new Uint8Array([1])] })
  network.run(2_000)
  const before = network.sent.length
  network.disconnect('A', 'B')
  network.run(500)
  expect(network.sent.slice(before).filter(({ message }) => message.kind === 'events')).toEqual([])
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unchecked } from '../../../sim/spelled-out.ts'
import { createCoreNetwork } from '../../../test/cores.ts'
import { createTopology, MAX_STATED_LINKS, type SignedLinks, type Topology } from './topology.ts'

const states = (of: string, sinceMs: number, peers: readonly string[]) => unchecked({ of, sinceMs, peers })

/** Peers that say nothing to each other but whom they are connected to. Links keep the order of what they carry. */
function createMap(names: string) {
  const topologies = new Map<string, Topology>()
  const links = new Map<string, SignedLinks[]>()
  let nowMs = 1_000
  let passedOn = 0
  const at = (name: string) => topologies.get(name) as Topology
  const way = (from: string, to: string) => `${from}>${to}`
  const neighboursOf = (name: string) => [...names].filter((other) => links.has(way(name, other)))
  for (const name of names)
    topologies.set(
      name,
      createTopology(name, () => true),
    )

  function speak(name: string): void {
    const own = unchecked(at(name).own(nowMs))
    for (const to of neighboursOf(name)) links.get(way(name, to))?.push(own)
    passOn(name)
  }

  function passOn(name: string): void {
    for (const to of neighboursOf(name)) {
      const owed = at(name).owedTo(to)
      links.get(way(name, to))?.push(...owed)
      passedOn += owed.length
    }
  }

  /** False: nothing is under way on this link. */
  function deliver(from: string, to: string): boolean {
    const statement = links.get(way(from, to))?.shift()
    if (!statement) return false
    at(to).learn(from, statement)
    passOn(to)
    return true
  }

  return {
    connect(a: string, b: string): void {
      if (links.has(way(a, b))) return
      nowMs += 1
      for (const [from, to] of [[a, b] as const, [b, a] as const]) links.set(way(from, to), [])
      for (const [from, to] of [[a, b] as const, [b, a] as const]) {
        at(from).up(to)
        speak(from)
      }
    },
    disconnect(a: string, b: string): void {
      if (!links.delete(way(a, b))) return
      nowMs += 1
      links.delete(way(b, a))
      for (const [from, to] of [[a, b] as const, [b, a] as const]) {
        at(from).down(to)
        speak(from)
      }
    },
    deliver,
    settle(): void {
      const ways = () => [...links.keys()].map((name) => name.split('>') as [string, string])
      for (let round = 0; ways().some(([from, to]) => deliver(from, to)); round++) {
        if (round > 100_000) throw new Error('they never come to rest')
      }
    },
    seen: (name: string) => [...names].filter((other) => other !== name && at(name).isReachable(other)).join(''),
    inReach(name: string): string {
      const reached = new Set([name])
      for (const peer of reached) for (const next of neighboursOf(peer)) reached.add(next)
      return [...names].filter((other) => other !== name && reached.has(other)).join('')
    },
    at,
    /** How often somebody was told of the links of another. */
    get passedOn() {
      return passedOn
    },
  }
}

describe('whoever is in reach', () => {
  test.each(['ABCD', 'ABCDE', 'ABCDEF', 'FBDACE'])('is known along the line %s from end to end', (line) => {
    const map = createMap('ABCDEF')
    for (const [i, name] of [...line].entries()) if (i > 0) map.connect(line[i - 1] as string, name)
    map.settle()
    for (const name of line) expect(map.seen(name)).toBe(map.inReach(name))
    expect(map.seen(line[0] as string)).toHaveLength(line.length - 1)
  })

  test('is not any more when a link in the middle breaks, and is again when it is back', () => {
    const map = createMap('ABCDEF')
    for (const pair of ['AB', 'BC', 'CD', 'DE', 'EF']) map.connect(pair[0] as string, pair[1] as string)
    map.settle()
    map.disconnect('C', 'D')
    map.settle()
    expect(map.seen('A')).toBe('BC')
    expect(map.seen('F')).toBe('DE')
    map.connect('D', 'C')
    map.settle()
    expect(map.seen('A')).toBe('BCDEF')
    expect(map.seen('F')).toBe('ABCDE')
  })

  test('is what the links make it, whatever comes and goes in whatever order', () => {
    const names = 'ABCDEFG'
    const pair = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).filter(([a, b]) => a !== b)
    const how = fc.constantFrom('connect', 'connect', 'disconnect', 'deliver', 'deliver', 'deliver', 'deliver')
    const commands = fc.array(fc.record({ how, pair }), { maxLength: 80, size: 'max' })
    const run = fc.property(commands, (commands) => {
      const map = createMap(names)
      for (const { how, pair } of commands) map[how as 'connect'](...pair)
      map.settle()
      for (const name of names) expect(`${name}: ${map.seen(name)}`).toBe(`${name}: ${map.inReach(name)}`)
    })
    fc.assert(run, { numRuns: 1_000 })
  })

  test('is judged by what neighbours say of themselves, whatever others say of them', () => {
    const map = createMap('AB')
    map.connect('A', 'B')
    map.settle()
    map.at('A').learn('B', states('B', 2_000, ['A', 'C']))
    map.at('A').learn('B', states('C', 2_000, ['B']))
    map.at('A').learn('B', states('A', 9_000, []))
    map.at('A').up('D')
    map.at('A').learn('D', states('B', 9_000, []))
    map.at('A').up('E')
    map.at('A').learn('E', states('E', 1_000, []))
    expect(map.at('A').isReachable('C')).toBe(true)
    expect(
      map
        .at('A')
        .owedTo('E')
        .filter(({ of }) => of === 'B'),
    ).toEqual([states('B', 2_000, ['A', 'C'])])
  })

  test('is not who is gone, though one that it was connected to does not say so', () => {
    const topology = createTopology('A', () => true)
    for (const peer of ['B', 'C']) topology.up(peer)
    topology.learn('B', states('B', 1, ['A', 'C']))
    topology.learn('C', states('C', 1, ['A', 'B']))
    topology.down('C')
    expect(topology.isReachable('C')).toBe(false)
    topology.learn('B', states('C', 2, ['B']))
    expect(topology.isReachable('C')).toBe(true)
  })
})

describe('of statements', () => {
  test('one alone is passed on between two that lost their link, and none where all are connected', () => {
    const map = createMap('ABCDE')
    for (const a of 'ABCDE') for (const b of 'ABCDE') if (a < b) map.connect(a, b)
    map.settle()
    const passedOn = map.passedOn
    for (const name of 'ABCD') map.disconnect(name, 'E')
    map.settle()
    expect(map.passedOn - passedOn, 'about one that went away, while some still heard it').toBeLessThan(6)
    for (const a of 'ABCD') for (const b of 'ABCD') expect(map.at(a).owedTo(b)).toEqual([])
    map.disconnect('A', 'B')
    map.settle()
    for (const name of 'CD') map.at(name).up('A')
    expect(map.at('D').owedTo('A')).toEqual([])
    expect(map.at('C').owedTo('A')).toEqual([unchecked(map.at('B').own(0))])
  })

  test('those of a newcomer are passed on by the one that it is connected to, and by nobody else', () => {
    const map = createMap('ABCDE')
    for (const a of 'ABCD') for (const b of 'ABCD') if (a < b) map.connect(a, b)
    map.settle()
    const before = map.passedOn
    map.connect('D', 'E')
    map.settle()
    // E's to three, and those of three to E.
    expect(map.passedOn - before).toBe(6)
  })

  test('one is told again to whoever heard its author itself, and does not any more', () => {
    const topology = createTopology('B', () => true)
    for (const peer of ['A', 'O']) topology.up(peer)
    topology.learn('O', states('O', 1, ['B']))
    topology.learn('A', states('A', 1, ['B']))
    expect(topology.owedTo('A').map(({ of }) => of)).toEqual(['O'])
    topology.learn('A', states('A', 2, ['B', 'O']))
    expect(topology.owedTo('A')).toEqual([])
    topology.learn('A', states('A', 3, ['B']))
    expect(topology.owedTo('A').map(({ of }) => of)).toEqual(['O'])
  })

  test('no more are kept than a section may know peers', () => {
    const topology = createTopology('A', (peer) => peer === 'member')
    topology.up('B')
    topology.learn('B', states('B', 1, ['member', 'stranger0']))
    const nameOf = (i: number) => (i < 0 ? 'B' : `stranger${i}`)
    for (let i = 0; i < 1_000; i++) {
      topology.learn('B', states(nameOf(i), 1, [nameOf(i - 1), nameOf(i + 1)]))
    }
    expect(topology.isReachable('stranger100')).toBe(true)
    expect(topology.isReachable('stranger300')).toBe(false)
    expect(topology.isReachable('member')).toBe(false)
    topology.learn('B', states('member', 1, ['B']))
    expect(topology.isReachable('member')).toBe(true)
    topology.up('C')
    topology.learn('C', states('C', 1, ['A']))
    expect(topology.owedTo('C').length).toBeLessThanOrEqual(257)
  })

  test('only so many links are believed, and stated', () => {
    const topology = createTopology('A', () => true)
    const peers = Array.from({ length: 2 * MAX_STATED_LINKS }, (_, i) => `P${i}`)
    topology.up('B')
    topology.learn('B', states('B', 1, peers))
    for (const peer of peers.slice(MAX_STATED_LINKS - 1, MAX_STATED_LINKS + 1)) {
      topology.learn('B', states(peer, 1, ['B']))
    }
    expect(peers.filter((peer) => topology.isReachable(peer))).toEqual([`P${MAX_STATED_LINKS - 1}`])
    for (const peer of peers) topology.up(peer)
    expect(topology.own(1).peers).toHaveLength(MAX_STATED_LINKS)
  })

  test('a later one counts, though the clock of its author went back', () => {
    const map = createMap('ABC')
    map.connect('A', 'B')
    map.connect('B', 'C')
    expect(map.at('C').own(1).sinceMs).toBe(map.at('C').own(5_000).sinceMs)
    const { sinceMs } = map.at('B').own(1_000)
    map.at('B').down('C')
    expect(map.at('B').own(5).sinceMs).toBeGreaterThan(sinceMs)
  })
})

describe('the status of a section', () => {
  const line = (names: string) => {
    const network = createCoreNetwork(names)
    for (const name of names) network.start(name)
    for (let i = 1; i < names.length; i++) network.connect(names.slice(i - 1, i + 1))
    network.run(2_000)
    return network
  }
  const reachable = (network: ReturnType<typeof line>, names: string) =>
    [...names].map((name) => network.core(name).status().reachable)

  test.each([
    ['ABCD', [4, 4, 4, 4], [2, 2, 2, 2]],
    ['ABCDE', [5, 5, 5, 5, 5], [2, 2, 3, 3, 3]],
    ['ABCDEF', [6, 6, 6, 6, 6, 6], [3, 3, 3, 3, 3, 3]],
  ])('of the line %s counts those behind several relays, and not those behind a gap', (names, whole, parted) => {
    const network = line(names)
    expect(reachable(network, names)).toEqual(whole)
    const middle = Math.floor(names.length / 2)
    network.disconnect(names[middle - 1] as string, names[middle] as string)
    network.run(500)
    expect(reachable(network, names)).toEqual(parted)
    network.connect(names.slice(middle - 1, middle + 1))
    network.run(500)
    expect(reachable(network, names)).toEqual(whole)
  })

  test('of a line counts out whoever at its end goes away', () => {
    const network = line('ABCDEF')
    network.isolate('F')
    network.run(500)
    expect(reachable(network, 'ABCDEF')).toEqual([5, 5, 5, 5, 5, 1])
  })

  test('is found out once: then all are silent', () => {
    const network = line('ABCDEF')
    const before = network.sent.length
    network.run(600_000)
    expect(network.sent.length).toBe(before)
  })
})

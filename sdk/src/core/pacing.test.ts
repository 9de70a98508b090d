import { describe, expect, test } from 'vitest'
import { createCoreNetwork, createTestCore, drawHonest } from '../../test/cores.ts'
import { coinOf, testCoin, testHashing } from '../../test/hashing.ts'
import { peerId } from '../../test/notation.ts'
import type { Vertex } from './gossip/graph.ts'
import { dueMs, news, pacingDelays, prospectOf } from './pacing.ts'
import { createOrdering } from './section/ordering.ts'

function ordered(text: string, founders = 'ABCD') {
  const graph = drawHonest(text, founders)
  const ordering = createOrdering({ genesis: graph.genesis, hashing: testHashing, coin: coinOf(testCoin) })
  for (const event of graph.events) ordering.insert(event, event.id)
  const at = (name: string) => ordering.graph.find(graph.event(name).id) as Vertex
  const names = (vertices: readonly Vertex[]) => vertices.map((vertex) => graph.nameOf.get(ordering.idOf(vertex)))
  return { ordering, graph, at, names }
}

describe('when the next event is created, in milliseconds', () => {
  const delays = pacingDelays(100)
  const state = { lastOwnMs: 1_000, undecidedSinceMs: 1_050, quorumSinceMs: 1_100, fruitless: 0 }

  test('the times are parts of the one-way delay, with floors for fast links', () => {
    expect(delays).toEqual({ betweenEventsMs: 10, betweenSubmissionsMs: 25, graceMs: 25, silenceMs: 225 })
    expect(pacingDelays(0)).toEqual({ betweenEventsMs: 1, betweenSubmissionsMs: 2, graceMs: 2, silenceMs: 20 })
  })

  test.each([
    ['urgent', 1_120, 1_120],
    ['complete', 1_120, 1_120],
    ['quorum', 1_120, 1_125],
    ['news', 1_120, 1_275],
    ['nothing', 1_120, null],
  ] as const)('%s at %i: at %s', (prospect, nowMs, due) => {
    expect(dueMs(prospect, nowMs, delays, state)).toBe(due)
  })

  test('a quorum waits for the rest a quarter of the delay, and no longer than silence may last', () => {
    expect(dueMs('quorum', 1_200, delays, { ...state, quorumSinceMs: 1_000 })).toBe(1_025)
    expect(dueMs('quorum', 1_270, delays, { ...state, quorumSinceMs: 1_270 })).toBe(1_275)
  })

  test('silence counts from the last own event or since something became undecided, whichever is later', () => {
    expect(dueMs('news', 1_000, delays, { ...state, undecidedSinceMs: 0 })).toBe(1_225)
    expect(dueMs('news', 1_000, delays, { ...state, lastOwnMs: 0 })).toBe(1_275)
  })

  test('each own event that passed no milestone doubles the silence, up to a minute', () => {
    expect(dueMs('news', 1_000, delays, { ...state, fruitless: 2 })).toBe(1_050 + 4 * 225)
    expect(dueMs('news', 1_000, delays, { ...state, fruitless: 60 })).toBe(61_050)
  })

  test('never sooner after the last one than a tenth of the delay', () => {
    expect(dueMs('urgent', 1_001, delays, state)).toBe(1_010)
  })

  test('the first event of all need not wait', () => {
    const first = { lastOwnMs: Number.NEGATIVE_INFINITY, undecidedSinceMs: 50, quorumSinceMs: 50, fruitless: 0 }
    expect(dueMs('urgent', 50, delays, first)).toBe(50)
  })
})

describe('what the next event is worth', () => {
  /** To A, when its next event has these other-parents. */
  function prospect(text: string, parents: readonly string[], absent = ''): string {
    const { ordering, graph, at } = ordered(text)
    const own = ordering.graph.branches[ordering.graph.branchesOf(ordering.graph.creatorOf(peerId('A')))[0] ?? -1]
    const last = own?.vertices.at(-1) ?? null
    const next = ordering.graph.preview({
      creator: peerId('A'),
      seq: last ? last.seq + 1 : 0,
      selfParent: last ? ordering.idOf(last) : null,
      otherParents: parents.map((name) => graph.event(name).id),
    })
    expect(parents.map(at).every(Boolean)).toBe(true)
    const isAbsent = (creator: number) => [...absent].map(peerId).includes(ordering.graph.creators[creator] ?? '')
    return prospectOf(ordering.graph, ordering.current, last, next, isAbsent)
  }
  const begun = 'A: A_0(B_0)\nB: B_0[tx]  B_1(C_0)\nC: C_0(B_0)  C_1(B_1)\nD: D_0  D_1(B_1)'

  test('urgent: the last event took no part in the election yet', () => {
    expect(prospect('A: A_0\nB: B_0[tx]', ['B_0'])).toBe('urgent')
    expect(prospect('B: B_0[tx]', ['B_0'])).toBe('urgent')
  })

  test('news: nothing to decide in it', () => {
    expect(prospect('A: A_0\nB: B_0', ['B_0'])).toBe('news')
  })

  test('news: no milestone is passed', () => {
    expect(prospect(begun, ['D_0'])).toBe('news')
  })

  test('quorum: candidates of more than two thirds are seen, and somebody is not that far', () => {
    expect(prospect(begun, ['B_1', 'C_1'])).toBe('quorum')
  })

  test('complete: everybody is as far', () => {
    expect(prospect(begun, ['B_1', 'C_1', 'D_1'])).toBe('complete')
  })

  test('complete: whoever was absent lately is not waited for', () => {
    expect(prospect(begun, ['B_1', 'C_1'], 'D')).toBe('complete')
  })

  test('complete: a known forker is not waited for', () => {
    const forked = 'A: A_0(B_0)\nB: B_0[tx]  B_1(C_0 D_0,0)\nC: C_0(B_0 D_0,1)  C_1(B_1)\nD: D_0,0\nD: D_0,1'
    expect(prospect(forked, ['C_1'])).toBe('complete')
  })

  test('urgent: it would decide', () => {
    const others = (name: string, k: number) => [...'ABCD'].filter((q) => q !== name).map((q) => `${q}_${k}`)
    const lines = [...'ABCD'].map((name) => {
      const later = [1, 2, 3, 4].map((k) => `${name}_${k}(${others(name, k - 1).join(' ')})`)
      return `${name}: ${name}_0${name === 'A' ? '[tx]' : ''}  ${later.join('  ')}`
    })
    expect(prospect(lines.join('\n'), ['B_4', 'C_4', 'D_4'])).toBe('urgent')
  })
})

describe('news: what an event of ours would merge', () => {
  const text = 'A: A_0\nB: B_0  B_1(C_0)\nC: C_0\nD: D_0,0  D_1,0\nD: D_0,1'
  const { ordering, at, names } = ordered(text)
  const self = ordering.graph.creatorOf(peerId('A'))

  test('the heads of the others, latest first; none that another one descends from, one by each creator', () => {
    const merged = names(news(ordering.graph, at('A_0'), self, 9))
    expect(merged.filter((name) => name?.startsWith('D'))).toHaveLength(1)
    expect(merged.filter((name) => !name?.startsWith('D'))).toEqual(['B_1'])
  })

  test('not what our last event descends from already', () => {
    const known = ordered('A: A_0(B_0)\nB: B_0  B_1\nC: C_0')
    expect(
      known.names(news(known.ordering.graph, known.at('A_0'), known.ordering.graph.creatorOf(peerId('A')), 9)),
    ).toEqual(['C_0', 'B_1'])
  })

  test('no more than fit into one event', () => {
    expect(news(ordering.graph, at('A_0'), self, 1)).toHaveLength(1)
  })
})

describe('a section of correct peers', () => {
  const transactions = (value: number) => [new Uint8Array([value])]

  function section(founders: string, delayMs = 100) {
    const network = createCoreNetwork(founders, delayMs)
    for (const name of founders) network.start(name)
    network.connect(founders)
    network.run(1_000)
    return network
  }

  test('creates nothing while idle', () => {
    const network = section('ABCD')
    network.run(600_000)
    expect([...'ABCD'].flatMap(network.created)).toEqual([])
    for (const name of 'ABCD') expect(network.core(name).step({ kind: 'timer', nowMs: 1e9 }).nextTimerMs).toBe(null)
  })

  test('comes to rest after a decision: whoever has decided does not answer mere news', () => {
    const network = section('ABCD')
    network.put('A', { kind: 'submit', transactions: transactions(1) })
    network.run(2_000)
    const events = [...'ABCD'].flatMap(network.created).length
    network.run(600_000)
    expect([...'ABCD'].flatMap(network.created)).toHaveLength(events)
    for (const name of 'ABCD') expect(network.blocks(name)).toHaveLength(1)
  })

  test('an isolated transaction is final everywhere after little more than five delays and at most six events per voter', () => {
    const network = section('ABCD')
    network.put('A', { kind: 'submit', transactions: transactions(1) })
    network.run(499)
    expect(network.blocks('A')).toEqual([])
    network.run(21)
    for (const name of 'ABCD') expect(network.blocks(name)).toHaveLength(1)
    for (const name of 'ABCD') expect(network.created(name).length).toBeLessThanOrEqual(6)
  })

  test('submits at once, and again after a quarter of the delay at the earliest, what gathered in one event', () => {
    const network = section('ABCD')
    for (const value of [1, 2, 3]) network.put('A', { kind: 'submit', transactions: transactions(value) })
    expect(network.created('A').map(({ body }) => body.transactions.length)).toEqual([1])
    network.run(24)
    expect(network.created('A')).toHaveLength(1)
    network.run(1)
    expect(network.created('A').map(({ body }) => body.transactions.length)).toEqual([1, 2])
  })

  test('a lone voter decides at once, by a second event without news', () => {
    const network = section('A')
    network.put('A', { kind: 'submit', transactions: transactions(1) })
    network.run(10)
    expect(network.blocks('A')).toHaveLength(1)
    expect(
      network.created('A').map(({ body, otherParents }) => [body.transactions.length, otherParents.length]),
    ).toEqual([
      [1, 0],
      [0, 0],
    ])
  })

  test('never decides on an event that was not created: what is final is decided at an own event', () => {
    const network = section('ABCD')
    network.put('A', { kind: 'submit', transactions: transactions(1) })
    network.run(2_000)
    for (const name of 'ABCD') expect(network.created(name).at(-1)?.attest.height).toBe(1)
  })

  test('three of four go on; the silent one is waited for ever less', () => {
    const network = section('ABCD')
    network.isolate('D')
    const took = [1, 2, 3].map((value) => {
      const startMs = network.nowMs
      network.put('A', { kind: 'submit', transactions: transactions(value) })
      while (network.blocks('A').length < value && network.nowMs < startMs + 5_000) network.run(5)
      const ms = network.nowMs - startMs
      network.run(3_000)
      return ms
    })
    expect(network.blocks('C')).toHaveLength(3)
    expect(took[2]).toBeLessThan(took[0] ?? 0)
  })
})

test('without a quorum the voters that are left fall nearly silent', () => {
  const network = createCoreNetwork('ABCD')
  network.start('A')
  network.start('B')
  network.connect('AB')
  network.run(500)
  network.put('A', { kind: 'submit', transactions: [new Uint8Array([1])] })
  network.run(600_000)
  expect(network.core('A').status().height).toBe(0)
  expect(network.core('A').ordering.graph.vertices.length).toBeLessThan(100)
})

describe('while further inputs are at hand', () => {
  const submission = (text: string) =>
    ({ kind: 'submit', nowMs: 0, transactions: [new TextEncoder().encode(text)] }) as const

  test('nothing is created: one event holds all that came together', () => {
    const core = createTestCore('A', 'ABCD')
    expect(core.step(submission('one'), true).drafts).toEqual([])
    expect(core.status().pending).toBe(1)
    const [event, ...more] = core.step(submission('two')).drafts
    expect(event?.body.transactions).toHaveLength(2)
    expect(more).toEqual([])
    expect(core.status().pending).toBe(2)
  })

  test('and the timer is due at once, should they not come after all', () => {
    const core = createTestCore('A', 'ABCD')
    expect(core.step(submission('one'), true).nextTimerMs).toBe(0)
    expect(core.step({ kind: 'timer', nowMs: 0 }).drafts).toHaveLength(1)
  })
})

import { describe, expect, test } from 'vitest'
import { createCoreNetwork } from '../../../test/cores.ts'
import { RECOMPUTED_MAX } from './rounds.ts'

const transaction = (n: number) => new Uint8Array(100).fill(n)

/** A payment after another, each final before the next; `D` is away from one of them to another. */
function section(payments: number, away: readonly [number, number] = [0, 0], keptElections = 2) {
  const network = createCoreNetwork('ABCD', 10, { keptElections })
  for (const name of 'ABCD') network.start(name)
  network.connect('ABCD')
  for (let n = 0; n < payments; n++) {
    if (n === away[0] && n < away[1]) network.isolate('D')
    if (n === away[1] && n > away[0]) for (const other of 'ABC') network.connect(`${other}D`)
    network.put(n % 2 === 0 ? 'A' : 'B', { kind: 'submit', transactions: [transaction(n)] })
    network.run(2_000)
  }
  return network
}

describe('what a core keeps in memory', () => {
  test('is of final transactions nothing, and of decided elections the last few', () => {
    const network = section(20)
    const { ordering } = network.core('C')
    expect(ordering.elections).toBeGreaterThan(20)
    expect(ordering.kept()).toMatchObject({ elections: 3, transactions: 0 })
    expect(ordering.kept().contents).toBeLessThanOrEqual(ordering.kept().recentEvents)
    expect(ordering.kept().recentEvents).toBeLessThan(ordering.graph.vertices.length / 3)
  })

  test('does not change what is asked about the past', () => {
    const [few, many] = [section(12).core('A'), section(12, [0, 0], 100).core('A')]
    expect(many.ordering.kept().elections).toBe(many.ordering.elections)
    for (let height = 0; height <= 12; height++) {
      expect(few.ordering.stateAfter(height)).toEqual(many.ordering.stateAfter(height))
      expect(few.block(height)).toEqual(many.block(height))
      expect(few.certificate(height)).toEqual(many.certificate(height))
    }
    for (const vertex of few.ordering.graph.vertices) {
      const id = few.ordering.idOf(vertex)
      expect(few.ordering.graph.find(id)).toBe(vertex)
      expect(id).toBe(many.ordering.idOf(many.ordering.graph.vertices[vertex.index] as typeof vertex))
    }
  })

  test('an election computed anew comes to what it came to', () => {
    const [few, many] = [section(12).core('A').ordering, section(12, [0, 0], 100).core('A').ordering]
    for (let k = 0; k < few.elections; k++) {
      const [again, kept] = [few.round(k).election, many.round(k).election]
      expect([...again.metaEvents].map(([index, { votes }]) => [index, votes])).toEqual(
        [...kept.metaEvents].map(([index, { votes }]) => [index, votes]),
      )
      const decided = (one: typeof again) =>
        few.graph.vertices.filter((x) => one.isDecidedAt(x)).map(({ index }) => index)
      expect(decided(again)).toEqual(decided(kept))
    }
    expect(few.kept().elections).toBe(3 + RECOMPUTED_MAX)
  })

  test('who returns after many elections is evaluated where it left, and everybody agrees', () => {
    const network = section(24, [4, 20])
    const heights = [...'ABCD'].map((name) => network.core(name).status().height)
    expect(heights).toEqual([24, 24, 24, 24])
    for (const name of 'BCD') expect(network.blocks(name)).toEqual(network.blocks('A'))
    for (const name of 'ABCD') {
      expect(network.core(name).ordering.kept().elections).toBeLessThanOrEqual(3 + RECOMPUTED_MAX)
      expect(network.core(name).ordering.kept().transactions).toBe(0)
    }
    expect(network.faults).toEqual([])
  })
})

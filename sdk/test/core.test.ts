/**
 * The core against the reference model, and against itself in other orders. Seeds are fixed; `PARSEC_RUNS=20` runs twenty
 * times as many worlds from a random seed and one event more of the exhaustive graphs.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectAgreement, explained, inputOf, summary } from './compare.ts'
import { continuations } from './exhaustive.ts'
import { testCoin, testHashing } from './hashing.ts'
import type { Proven } from './model/malice.ts'
import { nameEvents, parseGraph, peerId, peerName } from './notation.ts'
import { coreOracle, modelOracle } from './oracle.ts'
import { drawWorld, shuffled, worlds } from './worlds.ts'

const factor = Number(process.env['PARSEC_RUNS'] ?? 0)
const runs = (count: number) => (factor > 0 ? { numRuns: count * factor } : { numRuns: count, seed: 49 })
const limit = { timeout: 60_000 * Math.max(1, factor) }

const draw = (world: Parameters<typeof drawWorld>[0]) => drawWorld(world, testHashing, testCoin)

describe('the core and the reference model agree', () => {
  test.each([
    ['one to three voters', { founders: [1, 3], steps: 60 }, 40],
    ['four voters, one of whom may fork or crash', { founders: [4, 4], steps: 140 }, 60],
    ['five to seven voters, some of whom fork or crash', { founders: [5, 7], steps: 180 }, 20],
    ['a section that grows, shrinks and replaces voters', { founders: [1, 4], joiners: 4, steps: 180 }, 40],
  ] as const)('%s', limit, (_name, bounds, count) => {
    fc.assert(
      fc.property(worlds(bounds), (world) => expectAgreement(draw(world))),
      runs(count),
    )
  })
})

describe('what malice a graph proves', () => {
  const lines = (told: readonly Proven[], names: ReadonlyMap<string, string>) =>
    told.map(({ kind, accused, at }) => `${kind} ${peerName(accused)} ${at && names.get(at)}`).sort()

  test.each([
    ['four voters', { founders: [4, 4], steps: 60 }, 30],
    ['a section that grows', { founders: [1, 4], joiners: 3, steps: 60 }, 20],
  ] as const)('the core, in any order, and the reference model agree: %s', limit, (_name, bounds, count) => {
    fc.assert(
      fc.property(worlds(bounds), fc.infiniteStream(fc.nat()), (world, stream) => {
        const drawn = draw(world)
        const names = nameEvents(drawn.events)
        const order = shuffled(drawn.events, (below) => (stream.next().value as number) % below)
        const told = lines(modelOracle(inputOf(drawn)).malice(), names)
        explained(drawn, () => {
          expect(lines(coreOracle(inputOf(drawn)).malice(), names)).toEqual(told)
          expect(lines(coreOracle({ ...inputOf(drawn), events: order, keptElections: 0 }).malice(), names)).toEqual(
            told,
          )
        })
      }),
      runs(count),
    )
  })
})

describe('order invariance', () => {
  test.each([
    ['four voters', { founders: [4, 4], steps: 140 }, 30],
    ['seven voters', { founders: [7, 7], steps: 180 }, 8],
    ['a section that grows', { founders: [1, 4], joiners: 4, steps: 180 }, 20],
  ] as const)(
    'every insertion order of one graph, forks included, gives the same blocks, however little is kept: %s',
    limit,
    (_n, bounds, count) => {
      fc.assert(
        fc.property(
          worlds(bounds),
          fc.array(fc.infiniteStream(fc.nat()), { minLength: 3, maxLength: 3 }),
          (world, orders) => {
            const drawn = draw(world)
            const names = nameEvents(drawn.events)
            const told = summary(coreOracle(inputOf(drawn)), drawn.events, names)
            for (const [keptElections, stream] of orders.entries()) {
              const events = shuffled(drawn.events, (below) => (stream.next().value as number) % below)
              explained(drawn, () =>
                expect(summary(coreOracle({ ...inputOf(drawn), events, keptElections }), drawn.events, names)).toEqual(
                  told,
                ),
              )
            }
          },
        ),
        runs(count),
      )
    },
  )
})

describe('every small graph', () => {
  const more = factor > 0 ? 1 : 0
  const observers = `
A: A_0[tx]  A_1(B_0 C_0 D_0)  A_2(B_1 C_1 D_1)  A_3(B_2 C_2 D_2)
B: B_0  B_1(A_0 C_0 D_0)  B_2(A_1 C_1 D_1)  B_3(A_2 C_2 D_2)
C: C_0  C_1(A_0 B_0 D_0)  C_2(A_1 B_1 D_1)  C_3(A_2 B_2 D_2)
D: D_0  D_1(A_0 B_0 C_0)  D_2(A_1 B_1 C_1)`
  const last = observers
    .replace('A_3(B_2 C_2 D_2)', 'A_3(B_2 C_2 D_2)  A_4(B_3 C_3 D_2)')
    .replace('B_3(A_2 C_2 D_2)', 'B_3(A_2 C_2 D_2)  B_4(A_3 C_3 D_2)')
    .replace('C_3(A_2 B_2 D_2)', 'C_3(A_2 B_2 D_2)  C_4(A_3 B_3 D_2)')
  test.each([
    ['of two voters', 'A: A_0[tx]\nB: B_0', 'AB', '', 6 + more, 'any'],
    ['of two voters, one of whom forks', 'A: A_0[tx]\nB: B_0', 'AB', 'B', 4 + more, 'any'],
    ['of three voters', 'A: A_0[tx]\nB: B_0\nC: C_0', 'ABC', '', 3 + more, 'any'],
    ['of four voters that are observers, one of whom forks', observers, 'ABCD', 'D', 2 + more, 'heads'],
    ['of four voters about to decide, one of whom forks', last, 'ABCD', 'D', 2 + more, 'heads'],
  ] as const)('%s', limit, (_name, text, names, forkers, events, merges) => {
    const { genesis, events: prefix } = parseGraph(text, { hashing: testHashing, founders: [...names] })
    const growth = {
      hashing: testHashing,
      creators: [...names].map(peerId),
      forkers: [...forkers].map(peerId),
      events,
      merges,
    }
    for (const graph of continuations(prefix, growth)) expectAgreement({ genesis, events: graph })
  })
})

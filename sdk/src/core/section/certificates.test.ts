import { describe, expect, test } from 'vitest'
import { createCoreNetwork, createTestCore, drawHonest } from '../../../test/cores.ts'
import type { Vertex } from '../gossip/graph.ts'
import { createCertificates } from './certificates.ts'
import type { Ordering } from './ordering.ts'

const hashOf = (height: number) => `block ${height}`
const attest = (height: number, blockHash = hashOf(height)) => ({ height, blockHash })

/** A chain whose blocks were decided by these voters; `ABCD A` are two blocks. */
function chain(voters: string) {
  const blocks = voters.split(' ').map((names, i) => ({ height: i + 1, hash: hashOf(i + 1), voters: [...names] }))
  // The events that attest, each with a name for an id.
  const vertices: Vertex[] = []
  const names: string[] = []
  const graph = { vertices }
  const idOf = ({ index }: Vertex) => names[index]
  const certificates = createCertificates({ blocks, graph, idOf } as unknown as Ordering)
  function confirm(creator: string, name: string, height: number): void {
    const vertex = { index: names.push(name) - 1 } as Vertex
    vertices.push(vertex)
    certificates.confirm(creator, vertex, attest(height))
  }
  return {
    certificates,
    confirmBy: confirm,
    confirm: (creators: string, height: number) => {
      for (const creator of creators) confirm(creator, `${creator} at ${height}`, height)
      return certificates.certifiedHeight
    },
    contradict: (names: string, height: number, hash = 'another') =>
      [...names].map((name) => certificates.contradict(name, attest(height, hash))).at(-1),
  }
}

describe('a block is certified', () => {
  test.each([
    ['A', 'A'],
    ['AB', 'AB'],
    ['ABC', 'ABC'],
    ['ABCD', 'ABC'],
    ['ABCDEFG', 'ABCDE'],
  ])('by more than two thirds of its voters %s: %s, and by no fewer', (voters, enough) => {
    expect(chain(voters).confirm(enough.slice(1), 1)).toBe(0)
    expect(chain(voters).confirm(enough, 1)).toBe(1)
  })

  test('by attestations of a block above it', () => {
    const { confirm, certificates } = chain('ABCD ABCD')
    confirm('AB', 1)
    expect(confirm('C', 2)).toBe(1)
    expect(certificates.certificate(1)?.attestations).toEqual(['A at 1', 'B at 1', 'C at 2'])
    expect(confirm('AB', 2)).toBe(2)
  })

  test('by the voters before its changes: whom it promotes does not count, whom it demotes does', () => {
    const { confirm, certificates } = chain('ABCD DEFG')
    expect(confirm('CDEFG', 1)).toBe(0)
    expect(confirm('B', 1)).toBe(1)
    expect(certificates.certificate(1)?.attestations).toEqual(['B at 1', 'C at 1', 'D at 1'])
    expect(confirm('ABC', 2)).toBe(1)
    expect(confirm('EFG', 2)).toBe(2)
  })

  test('and lacks, where it is not, whichever of its voters has not attested it', () => {
    const { confirm, certificates } = chain('ABCD ABCD')
    confirm('A', 2)
    confirm('B', 1)
    expect([...'ABCDE'].filter(certificates.lacks)).toEqual(['C', 'D'])
    confirm('CD', 1)
    expect([...'ABCDE'].filter(certificates.lacks)).toEqual(['B', 'C', 'D'])
    confirm('BC', 2)
    expect([...'ABCDE'].filter(certificates.lacks)).toEqual([])
  })

  test('once per voter, however often that says so, and by its first event', () => {
    const { confirm, confirmBy, certificates } = chain('ABCD')
    for (let i = 0; i < 3; i++) expect(confirm('AB', 1)).toBe(0)
    confirmBy('C', 'first', 1)
    confirmBy('C', 'second', 1)
    expect(certificates.certificate(1)?.attestations).toContain('first')
  })

  test('only above certified ones: a certificate of what stands on an uncertified block is not told', () => {
    const { confirm, certificates } = chain('ABCD A')
    expect(confirm('A', 2)).toBe(0)
    expect(certificates.certificate(2)).toBeUndefined()
    expect(confirm('BC', 1)).toBe(2)
  })

  test('and there is none at height 0, nor above the last block', () => {
    const { confirm, certificates } = chain('A')
    confirm('A', 1)
    expect([certificates.certificate(0), certificates.certificate(2)]).toEqual([undefined, undefined])
  })

  test('at the events that decide it, which costs no event more', () => {
    const network = createCoreNetwork('ABCD')
    for (const name of 'ABCD') network.start(name)
    network.connect('ABCD')
    network.put('A', { kind: 'submit', transactions: [new Uint8Array([1])] })
    network.run(2_000)
    for (const name of 'ABCD') {
      expect(network.core(name).status()).toMatchObject({ height: 1, certifiedHeight: 1 })
      expect(network.created(name).filter(({ attest }) => attest.height > 0)).toHaveLength(1)
    }
  })
})

describe('the section stops when two histories are vouched for', () => {
  test('a supermajority of the voters attests another block at a height that we hold', () => {
    const { contradict } = chain('ABCD')
    expect(contradict('AB', 1)).toBe(null)
    expect(contradict('C', 1)).toContain('another')
  })

  test.each([
    ['the same voter again and again', (c: ReturnType<typeof chain>) => c.contradict('AAAAB', 1)],
    ['peers that are no voters', (c: ReturnType<typeof chain>) => c.contradict('ABXYZ', 1)],
    ['a height that we do not hold: they may just be ahead', (c: ReturnType<typeof chain>) => c.contradict('ABCD', 2)],
    ['the block that we hold', (c: ReturnType<typeof chain>) => c.contradict('ABCD', 1, hashOf(1))],
  ])('not for %s', (_whom, act) => {
    expect(act(chain('ABCD'))).toBe(null)
  })

  test('not for different lies that add up', () => {
    const { contradict } = chain('ABCD')
    expect([contradict('AB', 1, 'one'), contradict('CD', 1, 'other')]).toEqual([null, null])
  })

  test('then nothing more is created or becomes final here', () => {
    const lie = attest(1, 'f'.repeat(64))
    const text = 'A: A_0[add:B add:C add:D]  A_1  A_2[voters:+B,C,D]  A_3\nB: B_0(A_3)\nC: C_0(A_3)\nD: D_0(A_3)'
    const liars = drawHonest(text, 'A', { B_0: lie, C_0: lie, D_0: lie, A_3: lie })
    const core = createTestCore('A', 'A')
    core.step({ kind: 'restore', nowMs: 0, events: liars.events.filter(({ id }) => liars.nameOf.get(id)?.[0] === 'A') })
    expect(core.step({ kind: 'timer', nowMs: 1 }).alarm).toContain('height 1')
    const { alarm, drafts } = core.step({ kind: 'submit', nowMs: 2, transactions: [new Uint8Array([1])] })
    expect([alarm?.includes('height 1'), drafts]).toEqual([true, []])
  })
})

import { describe, expect, test } from 'vitest'
import { type CoreNetwork, createCoreNetwork } from '../../../test/cores.ts'
import { peerId, peerName } from '../../../test/notation.ts'

const invitation = (uses: number, id = '1'.repeat(64)) => ({ id, uses })
const members = (network: CoreNetwork, name: string) =>
  network
    .core(name)
    .status()
    .members.map(({ peer }) => peerName(peer))
    .join('')
const voters = (network: CoreNetwork, name: string) =>
  network
    .core(name)
    .status()
    .members.flatMap(({ peer, voter }) => (voter ? peerName(peer) : []))
    .sort()
    .join('')

/** Four voters, and candidates that are connected to all of them. */
function asking(candidates: string): CoreNetwork {
  const network = createCoreNetwork('ABCD')
  for (const name of `ABCD${candidates}`) network.start(name)
  network.connect(`ABCD${candidates}`)
  network.run(100)
  return network
}

function admit(network: CoreNetwork, by: string, candidate: string, uses: number, id?: string): void {
  for (const name of by) {
    network.put(name, { kind: 'admit', peer: peerId(candidate), invitation: invitation(uses, id) })
  }
}

describe('an invitation', () => {
  test('lets in as many as it has uses, even if more ask at once', () => {
    const network = asking('EFG')
    for (const name of 'EFG') admit(network, 'ABCD', name, 2)
    network.run(3_000)
    expect(members(network, 'A')).toHaveLength(6)
    for (const name of 'BCD') expect(members(network, name)).toBe(members(network, 'A'))
    expect(network.faults).toEqual([])
  })

  test('is used up for good: who is let in under it later stays outside', () => {
    const network = asking('EF')
    admit(network, 'ABCD', 'E', 1)
    network.run(3_000)
    admit(network, 'ABCD', 'F', 1)
    network.run(3_000)
    expect(members(network, 'A')).toBe('ABCDE')
  })

  test('counts for itself: another one is untouched', () => {
    const network = asking('EF')
    admit(network, 'ABCD', 'E', 1)
    admit(network, 'ABCD', 'F', 1, '2'.repeat(64))
    network.run(3_000)
    expect(members(network, 'A')).toHaveLength(6)
  })

  test('that fewer than a third of the voters accept lets nobody in', () => {
    const network = asking('E')
    admit(network, 'A', 'E', 1)
    network.run(3_000)
    expect(members(network, 'A')).toBe('ABCD')
  })

  test('that at least a third of the voters accept is seconded by all, with its uses', () => {
    const network = asking('EF')
    admit(network, 'AB', 'E', 1)
    network.run(3_000)
    admit(network, 'CD', 'F', 1)
    network.run(3_000)
    expect(members(network, 'A')).toBe('ABCDE')
  })
})

describe('who may vote', () => {
  function grown(mayVote: (name: string) => boolean): CoreNetwork {
    const network = createCoreNetwork('A', 10, { voterPolicy: 'grow', mayVote: (peer) => mayVote(peerName(peer)) })
    for (const [i, name] of [...'ABCDE'].entries()) {
      const before = 'ABCDE'.slice(0, i)
      network.start(name)
      for (const other of before) network.connect(other + name)
      network.run(100)
      for (const other of before) network.put(other, { kind: 'admit', peer: peerId(name) })
      network.run(2_000)
    }
    return network
  }

  test('only these are promoted, however many members there are', () => {
    const network = grown((name) => name !== 'B')
    for (const name of 'ABCDE') expect(voters(network, name)).toBe('ACDE')
  })

  test('and one voter is enough where they are too few for four', () => {
    const network = grown((name) => 'AC'.includes(name))
    for (const name of 'ABCDE') expect(voters(network, name)).toBe('A')
  })

  test('a founder that may not hands over to one that may', () => {
    const network = grown((name) => name === 'B')
    for (const name of 'ABCDE') expect(voters(network, name)).toBe('B')
  })
})

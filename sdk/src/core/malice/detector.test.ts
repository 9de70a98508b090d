import { describe, expect, test } from 'vitest'
import { createTestCore, deliver, drawHonest, printMalice } from '../../../test/cores.ts'
import type { Attestation } from '../gossip/event.ts'

/** What a bystander proves when it gets these events. */
function proven(text: string, founders = 'ABCD', lies: Readonly<Record<string, Attestation>> = {}): string[] {
  const graph = drawHonest(text, founders, lies)
  const { evidence, rejections } = deliver(createTestCore('Z', founders), graph.events)
  expect(rejections).toEqual([])
  return evidence.map((malice) => printMalice(malice, graph.nameOf))
}

const nowhere = 'f'.repeat(64)

describe('fork: two events by one creator, neither a self-ancestor of the other', () => {
  test.each([
    ['after a common event', 'D: D_0  D_1,0\nD: D_0  D_1,1', ['fork D: D_1,0 D_1,1']],
    ['at the first event', 'D: D_0,0\nD: D_0,1', ['fork D: D_0,0 D_0,1']],
    ['beside a longer branch', 'D: D_0  D_1,0  D_2,0  D_3,0\nD: D_0  D_1,1', ['fork D: D_1,0 D_1,1']],
    ['with three branches: once', 'D: D_0  D_1,0\nD: D_0  D_1,1\nD: D_0  D_1,2', ['fork D: D_1,0 D_1,1']],
    [
      'that opens twice along the chain: once',
      'D: D_0  D_1,0  D_2,0\nD: D_0  D_1,1\nD: D_1,0  D_2,2',
      ['fork D: D_1,0 D_1,1'],
    ],
    [
      'whose second side takes the first as news of another',
      'A: A_0(D_1,0)\nD: D_0  D_1,0\nD: D_0  D_1,1(A_0)',
      ['fork D: D_1,0 D_1,1'],
    ],
  ])('%s', (_where, text, malice) => {
    expect(proven(text)).toEqual(malice)
  })

  test('a self-chain is none', () => {
    expect(proven('D: D_0  D_1  D_2  D_3')).toEqual([])
  })
})

describe('duplicate vote: two events of one self-chain carry the same vote', () => {
  test.each([
    ['an application vote', 'D: D_0[vote:x]  D_1  D_2[vote:x]', ['duplicateVote D: D_2 D_0']],
    ['an addition', 'D: D_0[add:E]  D_1[add:E]', ['duplicateVote D: D_1 D_0']],
    ['twice in one event', 'D: D_0[vote:x vote:x]', ['duplicateVote D: D_0 D_0']],
    [
      'a third time: proven by that event as well',
      'D: D_0[vote:x]  D_1[vote:x]  D_2[vote:x]',
      ['duplicateVote D: D_1 D_0', 'duplicateVote D: D_2 D_0'],
    ],
  ])('%s', (_what, text, malice) => {
    expect(proven(text)).toEqual(malice)
  })

  test('accusations of one peer are one vote, whatever their evidence', () => {
    const graph = 'A: A_0(B_0 C_0)[accuse:D/fork/D_0,0/D_0,1]  A_1(E_0)[accuse:D/fork/D_0,0/D_0,2]'
    const others = 'B: B_0(D_0,0)\nC: C_0(D_0,1)\nE: E_0(D_0,2)\nD: D_0,0\nD: D_0,1\nD: D_0,2'
    expect(proven(`${graph}\n${others}`, 'ABCDE')).toEqual(['fork D: D_0,0 D_0,1', 'duplicateVote A: A_1 A_0'])
  })

  test.each([
    ['the same vote by two voters', 'A: A_0[vote:x]\nB: B_0[vote:x]'],
    ['different values', 'A: A_0[vote:x]  A_1[vote:y]'],
    ['an addition for another state of affairs', 'A: A_0[add:E]  A_1[add:E@4]'],
  ])('is not: %s', (_what, text) => {
    expect(proven(text)).toEqual([])
  })

  test('the sides of a fork are two self-chains', () => {
    expect(proven('D: D_0  D_1,0[vote:x]\nD: D_0  D_1,1[vote:x]')).toEqual(['fork D: D_1,0 D_1,1'])
  })
})

describe('other-parents that no correct peer names', () => {
  test.each([
    ['stale: merged before', 'A: A_0  A_1(B_0)  A_2(B_0)\nB: B_0', ['staleOtherParent A: A_2']],
    ['stale: known through a third', 'A: A_0  A_1(C_0)  A_2(B_0)\nB: B_0\nC: C_0(B_0)', ['staleOtherParent A: A_2']],
    ['stale: one of several', 'A: A_0  A_1(B_0)  A_2(B_0 C_0)\nB: B_0\nC: C_0', ['staleOtherParent A: A_2']],
    ['invalid: an event of its own', 'A: A_0  A_1(A_0)', ['invalidOtherParent A: A_1']],
    ['invalid: two by one creator', 'A: A_0(B_0 B_1)\nB: B_0  B_1', ['invalidOtherParent A: A_0']],
    [
      'invalid: both sides of a fork at once',
      'A: A_0(D_0,0 D_0,1)[accuse:D/fork/D_0,0/D_0,1]\nD: D_0,0\nD: D_0,1',
      ['fork D: D_0,0 D_0,1', 'invalidOtherParent A: A_0'],
    ],
  ])('%s', (_how, text, malice) => {
    expect(proven(text)).toEqual(malice)
  })

  test('one other-parent may be an ancestor of another: only the self-parent tells what its creator knew', () => {
    expect(proven('A: A_0  A_1(B_0 C_0)\nB: B_0\nC: C_0(B_0)')).toEqual([])
  })
})

describe('false attestation: of a block that the own ancestry does not decide', () => {
  const alone = 'A: A_0[tx]  A_1  A_2'
  const truth = drawHonest(alone, 'A')

  test('the truth is none, at every event', () => {
    expect(truth.events.map(({ attest }) => attest.height)).toEqual([0, 1, 1])
    expect(proven(alone, 'A')).toEqual([])
  })

  test.each([
    ['too early', 'A_0', truth.event('A_1').attest],
    ['a height that nobody decided', 'A_1', { height: 2, blockHash: nowhere }],
    ['the right block at another height', 'A_1', { ...truth.event('A_1').attest, height: 2 }],
    ['another block at the height', 'A_1', { height: 1, blockHash: nowhere }],
    ['too little', 'A_2', truth.event('A_0').attest],
    ['another genesis', 'A_0', { height: 0, blockHash: nowhere }],
  ])('%s', (_how, event, lie) => {
    expect(proven(alone, 'A', { [event]: lie })).toEqual([`falseAttestation A: ${event}`])
  })
})

describe('invalid accusation: its evidence does not support it', () => {
  const fork = 'D: D_0  D_1,0\nD: D_0  D_1,1'
  test.each([
    ['no evidence', 'A: A_0(D_0)[accuse:D/fork]\nD: D_0'],
    ['one event is no fork', 'A: A_0(D_0)[accuse:D/fork/D_0]\nD: D_0'],
    ['one event twice is no fork', 'A: A_0(D_0)[accuse:D/fork/D_0/D_0]\nD: D_0'],
    ['a self-chain is no fork', 'A: A_0(D_1)[accuse:D/fork/D_0/D_1]\nD: D_0  D_1'],
    ['events of two peers are no fork', 'A: A_0(C_0 D_0)[accuse:D/fork/D_0/C_0]\nC: C_0\nD: D_0'],
    ['events of somebody else', 'A: A_0(C_0 D_0)[accuse:D/duplicateVote/C_0]\nC: C_0[vote:x vote:x]\nD: D_0'],
    ['an honest vote', 'A: A_0(D_0)[accuse:D/duplicateVote/D_0]\nD: D_0[vote:x]'],
    ['other malice than the event proves', 'A: A_0(D_0)[accuse:D/staleOtherParent/D_0]\nD: D_0[vote:x vote:x]'],
    [
      'the evidence of a duplicate vote is the later event',
      'A: A_0(D_1)[accuse:D/duplicateVote/D_0]\nD: D_0[vote:x]  D_1[vote:x]',
    ],
  ])('%s', (_why, text) => {
    expect(proven(text)).toContain('invalidAccusation A: A_0')
  })

  test('evidence that the accusing event does not descend from', () => {
    expect(proven(`A: A_0(D_1,0)[accuse:D/fork/D_1,0/D_1,1]\n${fork}`)).toEqual([
      'fork D: D_1,0 D_1,1',
      'invalidAccusation A: A_0',
    ])
  })

  test.each([
    ['a fork by its first events', '[accuse:D/fork/D_1,0/D_1,1]'],
    ['a fork in the other order', '[accuse:D/fork/D_1,1/D_1,0]'],
    ['a fork by later events of both sides', '[accuse:D/fork/D_2,0/D_2,1]'],
  ])('is not: %s', (_what, accusation) => {
    const text = `A: A_0(B_0 C_0)${accusation}\nB: B_0(D_2,0)\nC: C_0(D_2,1)\nD: D_0  D_1,0  D_2,0\nD: D_0  D_1,1  D_2,1`
    expect(proven(text)).toEqual(['fork D: D_1,0 D_1,1'])
  })

  test.each([
    ['duplicateVote', 'D: D_0[vote:x]  D_1[vote:x]', 'D_1'],
    ['staleOtherParent', 'B: B_0\nD: D_0(B_0)  D_1(B_0)', 'D_1'],
    ['invalidOtherParent', 'D: D_0  D_1(D_0)', 'D_1'],
    ['invalidAccusation', 'D: D_0[accuse:B/fork]', 'D_0'],
  ])('is not: %s, by the event that proves it', (kind, text, event) => {
    const accused = `A: A_0(${event})[accuse:D/${kind}/${event}]\n${text}`
    expect(proven(accused).filter((malice) => !malice.includes(' D:'))).toEqual([])
  })
})

describe('accomplice: a voter that builds on provable malice without accusing', () => {
  const fork = 'B: B_0(D_0,0)\nC: C_0(D_0,1)\nD: D_0,0\nD: D_0,1'
  const theFork = 'fork D: D_0,0 D_0,1'

  test('the first event that descends from both sides of a fork', () => {
    expect(proven(`A: A_0(B_0)  A_1(C_0)\n${fork}`)).toEqual([theFork, 'accomplice A: A_1 D_0,1'])
  })

  test('one side alone proves nothing to its descendants', () => {
    expect(proven(`A: A_0(B_0)  A_1\n${fork}`)).toEqual([theFork])
  })

  test('whoever accuses in that very event is none, nor with any later one', () => {
    expect(proven(`A: A_0(B_0)  A_1(C_0)[accuse:D/fork/D_0,0/D_0,1]  A_2\n${fork}`)).toEqual([theFork])
  })

  test('accusing one event too late does not undo it', () => {
    const text = `A: A_0(B_0)  A_1(C_0)  A_2[accuse:D/fork/D_0,0/D_0,1]\n${fork}`
    expect(proven(text)).toEqual([theFork, 'accomplice A: A_1 D_0,1'])
  })

  test('malice that one event proves', () => {
    expect(proven('A: A_0(D_0)\nD: D_0[vote:x vote:x]')).toEqual(['duplicateVote D: D_0 D_0', 'accomplice A: A_0 D_0'])
  })

  test('nobody is the accomplice of an accomplice, or one silent peer would make accomplices of all', () => {
    const text =
      'A: A_0(D_0)\nB: B_0(A_0)[accuse:D/duplicateVote/D_0]\nC: C_0(B_0)[accuse:D/duplicateVote/D_0]\nD: D_0[vote:x vote:x]'
    expect(proven(text)).toEqual(['duplicateVote D: D_0 D_0', 'accomplice A: A_0 D_0'])
  })

  test('nobody is its own accomplice', () => {
    expect(proven('D: D_0[vote:x vote:x]  D_1')).toEqual(['duplicateVote D: D_0 D_0'])
  })

  test('a member without a vote has nothing to accuse with', () => {
    const text = 'A: A_0[add:E add:D]  A_1\nD: D_0(A_1)[vote:x vote:x]\nE: E_0(A_1)  E_1(D_0)'
    expect(proven(text, 'A')).toEqual(['duplicateVote D: D_0 D_0'])
  })

  test('whoever was removed already need not be accused any more', () => {
    const text = 'A: A_0[add:D]  A_1  A_2[remove:D@1]  A_3  A_4(D_0)\nD: D_0(A_1)[vote:x vote:x]'
    expect(proven(text, 'A')).toEqual(['duplicateVote D: D_0 D_0'])
  })
})

import { describe, expect, test } from 'vitest'
import { createTestCore, deliver, drawHonest, reshape } from '../../../test/cores.ts'
import { coinOf, testCoin, testHashing } from '../../../test/hashing.ts'
import { peerId, testGenesis } from '../../../test/notation.ts'
import type { Output } from '../io.ts'
import { createOrdering } from '../section/ordering.ts'
import { createWaitingRoom, illFormed, MAX_OTHER_PARENTS, MAX_WAITING, MAX_WAITING_PER_SENDER } from './admission.ts'
import type { GossipEvent } from './event.ts'

const graph = drawHonest('A: A_0  A_1  A_2\nB: B_0  B_1(A_0)\nC: C_0', 'ABC')
const { event } = graph
const reasons = ({ rejections }: Output) => rejections.map(({ reason }) => reason)

function bystander(founders = 'ABC') {
  return createTestCore('Z', founders)
}

describe('an event is refused', () => {
  test('of another section', () => {
    const foreign = drawHonest('A: A_0', 'AB').event('A_0')
    expect(reasons(deliver(bystander(), [foreign]))).toEqual(['wrongSection'])
  })

  test('whose self-parent is by another creator', () => {
    const stolen = reshape(event('A_1'), { creator: peerId('B') })
    expect(reasons(deliver(bystander(), [event('A_0'), stolen]))).toEqual(['wrongSelfParent'])
  })

  test.each([
    ['skips a number', { seq: 2 }],
    ['repeats a number', { seq: 0 }],
    ['has no self-parent and is not the first', { selfParent: null }],
  ])('that %s', (_how, changes) => {
    expect(reasons(deliver(bystander(), [event('A_0'), reshape(event('A_1'), changes)]))).toEqual(['wrongSequence'])
  })

  test(`with more than ${MAX_OTHER_PARENTS} other-parents`, () => {
    const names = Array.from({ length: MAX_OTHER_PARENTS + 1 }, (_, i) => `P${i}`)
    const firsts = names.map((name) => reshape(event('A_0'), { creator: peerId(name), sectionId: '' }))
    const genesis = testGenesis(['A', ...names])
    const ordering = createOrdering({ genesis, hashing: testHashing, coin: coinOf(testCoin) })
    for (const first of firsts) ordering.insert(first, first.id)
    const merging = (count: number) =>
      reshape(event('A_0'), { sectionId: '', otherParents: firsts.slice(0, count).map(({ id }) => id) })
    expect(illFormed(ordering, '', merging(MAX_OTHER_PARENTS))).toBe(null)
    expect(illFormed(ordering, '', merging(MAX_OTHER_PARENTS + 1))).toBe('tooManyOtherParents')
  })

  test('of somebody who is no member', () => {
    const stranger = reshape(event('A_0'), { creator: peerId('S') })
    expect(reasons(deliver(bystander(), [stranger]))).toEqual(['notAMember'])
  })

  test('of a former member that knows of its removal', () => {
    const { events } = drawHonest('A: A_0[add:E]  A_1[remove:E@1]  A_2\nE: E_0(A_1)  E_1(A_2)', 'A')
    const output = deliver(bystander('A'), events)
    expect(output.rejections).toMatchObject([{ reason: 'removed', event: events.at(-1)?.id }])
  })

  test('alone: the rest of its message is taken', () => {
    const stranger = reshape(event('A_0'), { creator: peerId('S') })
    const output = deliver(bystander(), [event('A_0'), stranger, event('B_0'), event('B_1')])
    expect(output.persist).toEqual([event('A_0'), event('B_0'), event('B_1')])
    expect(reasons(output)).toEqual(['notAMember'])
  })

  test('with all that descends from it, whether that waits already or comes later', () => {
    const stranger = reshape(event('A_0'), { creator: peerId('S') })
    const child = reshape(event('A_0'), { otherParents: [stranger.id] })
    const grandchild = reshape(event('B_0'), { otherParents: [child.id] })
    const later = reshape(event('C_0'), { otherParents: [stranger.id] })
    const core = bystander()
    expect(reasons(deliver(core, [grandchild, child]))).toEqual([])
    const refused = deliver(core, [stranger]).rejections
    expect(refused.map(({ reason }) => reason)).toEqual(['notAMember', 'refusedParent', 'refusedParent'])
    expect(refused.map((refusal) => refusal.event)).toEqual([stranger.id, child.id, grandchild.id])
    expect(reasons(deliver(core, [later]))).toEqual(['refusedParent'])
    expect(core.status().waiting).toBe(0)
  })

  test('when its sender leaves without having sent its parents', () => {
    const core = bystander()
    deliver(core, [event('A_1')], 'B')
    const output = core.step({ kind: 'peerDown', nowMs: 1, peer: peerId('B') })
    expect(output.rejections).toEqual([{ event: event('A_1').id, from: peerId('B'), reason: 'missingParents' }])
    expect(core.status().waiting).toBe(0)
  })

  test('but only for now, if it was its sender that was at fault', () => {
    const core = bystander()
    deliver(core, [event('A_1')], 'B')
    core.step({ kind: 'peerDown', nowMs: 1, peer: peerId('B') })
    expect(deliver(core, [event('A_0'), event('A_1')], 'C').persist).toEqual([event('A_0'), event('A_1')])
  })

  test('when nobody can complete it: its sender is asked a few times', () => {
    const core = bystander()
    core.step({ kind: 'peerUp', nowMs: 0, peer: peerId('B') })
    const outputs = [deliver(core, [event('A_1')], 'B')]
    for (let next = outputs[0]?.nextTimerMs ?? null; next !== null && outputs.length < 50; ) {
      const output = core.step({ kind: 'timer', nowMs: next })
      outputs.push(output)
      next = output.nextTimerMs
    }
    const wants = outputs.flatMap(({ send }) => send).filter(({ message }) => message.kind === 'want')
    expect(wants.length).toBeGreaterThan(1)
    expect(wants[0]?.message).toMatchObject({ ids: [event('A_0').id] })
    expect(outputs.flatMap(reasons)).toEqual(['missingParents'])
  })

  test('when too many of one sender wait', () => {
    const junk = orphans(MAX_WAITING_PER_SENDER + 1)
    const output = deliver(bystander(), junk, 'B')
    expect(output.rejections).toEqual([{ event: junk.at(-1)?.id, from: peerId('B'), reason: 'tooManyWaiting' }])
  })
})

describe('membership is what all parents of an event decide together', () => {
  test("a joiner's first event has to descend from the block that adds it", () => {
    const { events, event } = drawHonest('A: A_0[add:E]  A_1\nE: E_0(A_1)', 'A')
    expect(reasons(deliver(bystander('A'), events))).toEqual([])
    const early = reshape(event('E_0'), { otherParents: [event('A_0').id] })
    expect(reasons(deliver(bystander('A'), [...events.slice(0, 2), early]))).toEqual(['notAMember'])
    const uninformed = reshape(event('E_0'), { otherParents: [] })
    expect(reasons(deliver(bystander('A'), [...events.slice(0, 2), uninformed]))).toEqual(['notAMember'])
  })

  test('an event of the removed that does not know of it is taken', () => {
    const { events } = drawHonest('A: A_0[add:E]  A_1[remove:E@1]  A_2\nE: E_0(A_1)  E_1', 'A')
    expect(reasons(deliver(bystander('A'), events))).toEqual([])
  })

  test('one may decide an election, the other the next: the child knows of both', () => {
    // D_2 decides election 0, A_3 election 1 and not 0.
    const split = drawHonest(
      `A: A_0[tx]  A_1[tx]  A_2(B_2 C_2 D_1)  A_3(B_4)
B: B_0(A_0)  B_1(C_1 D_0)  B_2(D_1)  B_3(A_2)  B_4(C_3)
C: C_0(A_0 B_0)  C_1[tx]  C_2(A_1 B_1 D_0)  C_3(A_2 B_3 D_1)
D: D_0(A_1 B_0)  D_1(B_1)  D_2(C_3)`,
      'ABCD',
    )
    const ordering = createOrdering({ genesis: split.genesis, hashing: testHashing, coin: coinOf(testCoin) })
    for (const inserted of split.events) ordering.insert(inserted, inserted.id)
    const at = (...names: string[]) =>
      ordering.stateBefore(names.map((name) => ordering.graph.find(split.event(name).id) ?? fail(name))).height
    expect([at('A_3'), at('D_2'), at('A_3', 'D_2')]).toEqual([0, 1, 2])
  })
})

describe('the waiting room', () => {
  const nothing = () => false

  test('releases an event when its last missing parent is there, in order of arrival', () => {
    const known = new Set<string>()
    const room = createWaitingRoom((id) => known.has(id))
    const both = reshape(event('C_0'), { otherParents: [event('A_0').id, event('B_0').id] })
    room.add(event('B_1'), peerId('B'))
    room.add(event('A_1'), peerId('A'))
    room.add(both, peerId('C'))
    known.add(event('A_0').id)
    expect(room.release(event('A_0').id).map((released) => released.event)).toEqual([event('A_1')])
    known.add(event('B_0').id)
    expect(room.release(event('B_0').id).map((released) => released.event)).toEqual([event('B_1'), both])
    expect(room.size).toBe(0)
  })

  test('keeps an event once, and knows everybody who sent it', () => {
    const room = createWaitingRoom(nothing)
    for (const name of ['A', 'B']) room.add(event('A_1'), peerId(name))
    expect(room.size).toBe(1)
    expect(room.discardFrom(peerId('A'))).toEqual([])
    expect(room.discardFrom(peerId('B'))).toEqual([{ event: event('A_1'), from: peerId('B') }])
    expect([room.size, room.senders()]).toEqual([0, []])
  })

  test('asks each sender for what its own events lack, through those that wait as well', () => {
    const room = createWaitingRoom(nothing)
    room.add(event('A_2'), peerId('A'))
    room.add(event('A_1'), peerId('C'))
    room.add(event('B_1'), peerId('B'))
    expect(room.missingFrom(peerId('A'), 9)).toEqual([event('A_0').id])
    expect(room.missingFrom(peerId('B'), 9).sort()).toEqual([event('A_0').id, event('B_0').id].sort())
    expect(room.missingFrom(peerId('B'), 1)).toHaveLength(1)
    expect(room.missingFrom(peerId('S'), 9)).toEqual([])
  })

  test(`junk of one sender takes ${MAX_WAITING_PER_SENDER} places and no place of another`, () => {
    const room = createWaitingRoom(nothing)
    const taken = orphans(MAX_WAITING_PER_SENDER + 5).filter((junk) => room.add(junk, peerId('J')))
    expect(taken).toHaveLength(MAX_WAITING_PER_SENDER)
    expect(room.add(event('A_1'), peerId('A'))).toBe(true)
    expect(room.missingFrom(peerId('A'), 1)).toEqual([event('A_0').id])
    expect(room.discardFrom(peerId('J'))).toHaveLength(MAX_WAITING_PER_SENDER)
    expect(room.size).toBe(1)
  })

  test(`holds ${MAX_WAITING} events at most`, () => {
    const room = createWaitingRoom(nothing)
    const junk = orphans(MAX_WAITING + 1)
    const taken = junk.filter((orphan, i) => room.add(orphan, `${i % 8}`))
    expect([taken.length, room.size]).toEqual([MAX_WAITING, MAX_WAITING])
  })

  test('has room again for a sender whose events were released', () => {
    const known = new Set<string>()
    const room = createWaitingRoom((id) => known.has(id))
    room.add(event('A_1'), peerId('A'))
    for (const junk of orphans(MAX_WAITING_PER_SENDER - 1)) room.add(junk, peerId('A'))
    expect(room.add(event('B_1'), peerId('A'))).toBe(false)
    known.add(event('A_0').id)
    room.release(event('A_0').id)
    expect(room.add(event('B_1'), peerId('A'))).toBe(true)
  })

  test('drops what descends from a refused event, and nothing else', () => {
    const room = createWaitingRoom(nothing)
    for (const name of ['A_2', 'A_1', 'C_0']) {
      const parents = name === 'C_0' ? { otherParents: [event('B_0').id] } : {}
      room.add(reshape(event(name), parents), peerId('A'))
    }
    expect(room.discardDescendants(event('A_0').id).map((dropped) => dropped.event)).toEqual([
      event('A_1'),
      event('A_2'),
    ])
    expect(room.size).toBe(1)
  })
})

/** Events whose parents nobody has. */
function orphans(count: number): GossipEvent[] {
  const parent = (i: number) => i.toString(16).padStart(64, '0')
  return Array.from({ length: count }, (_, i) => reshape(event('A_1'), { selfParent: parent(i) }))
}

function fail(name: string): never {
  throw new Error(`no vertex ${name}`)
}

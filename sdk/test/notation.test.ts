import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toDot } from './dot.ts'
import { testCoin, testHashing } from './hashing.ts'
import { nameEvents, parseGraph, peerId, peerName, printGraph } from './notation.ts'
import { drawWorld, worlds } from './worlds.ts'

const options = { hashing: testHashing }
const drawing = `A: A_0  A_1(D_1,0)[tx:2]
B: B_0  B_1(A_1 D_1,1)[add:E voters:+E,F-D@2 vote:hi at:7]
D: D_0  D_1,0
D: D_0  D_1,1[accuse:A/duplicateVote/A_0]`

describe('the graph notation', () => {
  test('a mention follows its self-parent and names its other-parents in parentheses', () => {
    const { events, idOf } = parseGraph(drawing, options)
    const event = events.find(({ id }) => id === idOf.get('B_1'))
    expect(event).toMatchObject({ creator: peerId('B'), seq: 1, selfParent: idOf.get('B_0'), createdAtMs: 7 })
    expect(event?.otherParents).toEqual([idOf.get('A_1'), idOf.get('D_1,1')])
    expect(event?.body.observations).toEqual([
      { kind: 'add', peer: peerId('E'), since: 0 },
      { kind: 'voters', promote: [peerId('E'), peerId('F')], demote: [peerId('D')], since: 2 },
      { kind: 'vote', value: new TextEncoder().encode('hi') },
    ])
  })

  test('parents come before children, whatever the order of the lines', () => {
    const { events } = parseGraph(drawing.split('\n').reverse().join('\n'), options)
    const before = new Set<string | null>([null])
    for (const event of events) {
      for (const parent of [event.selfParent, ...event.otherParents]) expect(before).toContain(parent)
      before.add(event.id)
    }
    expect(events).toHaveLength(7)
  })

  test('is printed as it was written', () => {
    const { events, nameOf } = parseGraph(drawing, options)
    expect(printGraph(events, nameOf).split('\n').sort()).toEqual(drawing.split('\n').sort())
  })

  test('every graph that is drawn at random can be printed and read back, fork or not', () => {
    fc.assert(
      fc.property(worlds({ founders: [1, 7], joiners: 3, steps: 60 }), (world) => {
        const { genesis, events } = drawWorld(world, testHashing, testCoin)
        const founders = genesis.founders.map(peerName)
        const read = parseGraph(printGraph(events), { hashing: testHashing, founders })
        expect(read.events.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort())
      }),
      { seed: 1, numRuns: 50 },
    )
  })

  test('a branch number is shown from a fork on', () => {
    const { events } = parseGraph('D: D_0  D_1,0  D_2,0\nD: D_0  D_1,1\nA: A_0', options)
    expect([...nameEvents(events).values()]).toEqual(['D_0', 'D_1,0', 'D_2,0', 'D_1,1', 'A_0'])
  })

  test.each([
    ['A: A_1', 'A_1 is not described'],
    ['A: A_0 A_2', 'A_2 cannot follow A_0'],
    ['A: A_0(B_0)\nB: B_0(A_0)', 'A_0 descends from itself'],
    ['A: B_0', 'B_0 stands on the line of A'],
    ['A: A_0[tx]\nA: A_0[tx]', 'A_0 is described twice'],
    ['A: A_0[sing:x]', 'unknown item sing:x'],
    ['A: A_0 ???', 'cannot read "???" in line "A: A_0 ???"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseGraph(text, options)).toThrow(message)
  })

  test('becomes a picture with a column for each member', () => {
    const dot = toDot(parseGraph('A: A_0[tx] A_1(B_0)\nB: B_0', options).events)
    expect(dot).toContain('subgraph "cluster A"')
    expect(dot).toContain('"A_0" [label="A_0\\ntx:1"]')
    expect(dot).toContain('"B_0" -> "A_1"')
  })
})

import { describe, expect, test } from 'vitest'
import type { InspectedEvent, InspectedGraph } from '../index.ts'
import { graphDot, toDot } from './dot.ts'

const [ann, ben] = ['aa', 'bb'].map((digits) => digits.repeat(32)) as [string, string]

function event(id: string, creator: string, seq: number, selfParent: string | null, ...otherParents: string[]) {
  const rest = { branch: 0, createdAtMs: 0, transactions: 0, votes: [], coin: false, attestedHeight: 0 }
  return { id, creator, seq, selfParent, otherParents, ...rest } satisfies InspectedEvent
}

const graph: InspectedGraph = {
  sectionId: 'cc'.repeat(32),
  events: [
    event('a0', ann, 0, null),
    event('b0', ben, 0, null, 'a0'),
    { ...event('a1', ann, 1, 'a0', 'b0'), transactions: 2 },
    { ...event('a1x', ann, 1, 'a0'), branch: 1 },
  ],
  roles: [
    {
      ...{ event: 'b0', election: 4, interesting: true, observees: 2, stage: null, decides: true },
      agreements: { yes: 2, no: 0, open: 0 },
    },
  ],
  elections: [{ number: 4, voters: [ann, ben], outcome: 'block', height: 3 }],
  blocks: [{ height: 3, finalAtMs: null, events: ['a1'] }],
}

describe('a graph as DOT', () => {
  const dot = graphDot(graph, { nameOf: (peer) => (peer === ann ? 'Ann' : 'Ben') })

  test('has a column for each member and an edge to each event from its parents', () => {
    expect(dot).toContain('subgraph "cluster Ann"')
    expect(dot).toContain('"a0" -> "a1" [weight=10')
    expect(dot).toContain('"b0" -> "a1" [color=gray50]')
  })

  test('says which block orders an event, and which event decides one', () => {
    expect(dot).toMatch(/"a1" \[label="#1\\n2 tx → 3/)
    expect(dot).toMatch(
      /"b0" \[label="#0\\ndecides\\nblock 3".*observer: strongly sees the interesting events of 2 of 2/,
    )
  })

  test('marks both sides of a fork', () => {
    expect(dot.split('\n').filter((line) => line.includes('#b00020'))).toHaveLength(2)
  })

  test('can be of a range, without the edges that lead out of it', () => {
    expect(graphDot(graph, { events: [1, 3] })).not.toContain('a0')
    const decided = graphDot(graph, { blocks: [3, 3] })
    expect(decided).toContain('"b0"')
    expect(decided).not.toContain('"a1"')
  })
})

test('names may hold what DOT takes for its own', () => {
  const dot = toDot([{ id: 'a"\\', column: 'x"]; evil [', selfParent: null, otherParents: [], lines: ['"\n\\'] }])
  expect(dot).toContain('"a\\"\\\\" [label="\\"\\n\\\\"]')
})

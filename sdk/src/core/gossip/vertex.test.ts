import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testCoin, testHashing } from '../../../test/hashing.ts'
import { drawWorld, worlds } from '../../../test/worlds.ts'
import { createGossipGraph, isDescendantOf, stronglySees, type Vertex } from './graph.ts'

const graphs = fc
  .sample(worlds({ founders: [3, 5], joiners: 2, steps: 120 }), { seed: 7, numRuns: 8 })
  .map((world) => drawWorld(world, testHashing, testCoin))

/** The whole graph, of which so many events at a time are packed, as far as there are as many after them. */
function build(events: (typeof graphs)[number]['events'], every: number) {
  const graph = createGossipGraph()
  for (const event of events) {
    graph.name(graph.insert(event), event.id)
    if (graph.vertices.length % every === 0) graph.retire(graph.vertices.length - every)
  }
  return graph
}

const told = ({ index, seq, branch, creator, forkers, highest, otherParents, selfParent }: Vertex) => ({
  ...{ index, seq, branch, creator, forkers: [...forkers], highest: [...highest] },
  ...{ otherParents: otherParents.map((parent) => parent.index), selfParent: selfParent?.index },
})

test.each([1, 5])('packed after every %i, events have the parents, heights and forkers that they had', (every) => {
  const hasFork = ({ branches, creators }: ReturnType<typeof build>) => branches.length > creators.length
  expect(graphs.some(({ events }) => hasFork(build(events, events.length + 1)))).toBe(true)
  for (const { events } of graphs) {
    const [packed, whole] = [build(events, every), build(events, events.length + 1)]
    expect(packed.vertices.map(told)).toEqual(whole.vertices.map(told))
    expect(packed.tips().map(packed.idOf)).toEqual(whole.tips().map(whole.idOf))
    const voters = whole.creators.map((_, creator) => creator)
    for (const x of whole.vertices.slice(-20)) {
      for (const y of whole.vertices) {
        const [p, q] = [packed.vertices[x.index] as Vertex, packed.vertices[y.index] as Vertex]
        expect(isDescendantOf(p, q)).toBe(isDescendantOf(x, y))
        expect(stronglySees(packed, p, q, voters, voters.length)).toBe(stronglySees(whole, x, y, voters, voters.length))
      }
    }
  }
})

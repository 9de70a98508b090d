import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testCoin, testHashing } from '../../../test/hashing.ts'
import { type Drawn, drawWorld, worlds } from '../../../test/worlds.ts'
import { createSectionCoin } from '../../core/coin/section-coin.ts'
import { createOrdering } from '../../core/section/ordering.ts'
import type { InspectedRole } from './feed.ts'
import { createGraphReader } from './reader.ts'

/** Random graphs, forks and late elections included; the same ones every time. */
const graphs = fc
  .sample(worlds({ founders: [4, 5], joiners: 1, steps: 60 }), { seed: 20_261_122, numRuns: 12 })
  .map((world) => drawWorld(world, testHashing, testCoin))

/** Reads after every so many events. */
function read({ genesis, events }: Drawn, every: number, most = Number.POSITIVE_INFINITY) {
  const coin = createSectionCoin(null, testCoin, testHashing)
  const ordering = createOrdering({ genesis, hashing: testHashing, coin })
  const reader = createGraphReader(ordering)
  const news = events.flatMap((event, index) => {
    ordering.insert(event, event.id)
    return (index + 1) % every === 0 || index === events.length - 1 ? [reader.read(most)] : []
  })
  return {
    news,
    events: news.flatMap((each) => each.events),
    roles: news.flatMap((each) => each.roles),
    blocks: news.flatMap((each) => each.blocks),
    elections: new Map(news.flatMap((each) => each.elections.map((election) => [election.number, election]))),
  }
}

const sorted = (roles: readonly InspectedRole[]) =>
  roles.map((role) => `${role.election} ${role.event} ${JSON.stringify(role)}`).sort()

describe('what is read off a graph', () => {
  test.each([1, 7])('is the same, all in all, when it is read after every %i events', (every) => {
    for (const graph of graphs) {
      const [parted, whole] = [read(graph, every), read(graph, graph.events.length)]
      expect(parted.events).toEqual(whole.events)
      expect(parted.blocks).toEqual(whole.blocks)
      expect([...parted.elections.values()]).toEqual([...whole.elections.values()])
      expect(sorted(parted.roles)).toEqual(sorted(whole.roles))
    }
  })

  test('looks back: an election may begin with events that were told before', () => {
    const late = graphs.flatMap((graph) =>
      read(graph, 1).news.flatMap(({ events, roles }) =>
        roles.filter(({ event }) => events.every(({ id }) => id !== event)),
      ),
    )
    expect(late.length).toBeGreaterThan(0)
  })

  test('tells branches of one creator apart', () => {
    const branches = graphs.flatMap((graph) => read(graph, 1).events.map(({ branch }) => branch))
    expect(new Set(branches).size).toBeGreaterThan(1)
  })

  test('is bounded: of more than it may tell it tells the last, and how many it left out', () => {
    const graph = graphs.find(({ events }) => events.length >= 50) as Drawn
    const { news, events } = read(graph, 25, 10)
    expect(news.slice(0, 2).map(({ skipped }) => skipped)).toEqual([15, 15])
    expect(events.slice(0, 10).map(({ id }) => id)).toEqual(graph.events.slice(15, 25).map(({ id }) => id))
    const shown = new Set(events.map(({ id }) => id))
    expect(news.flatMap(({ roles }) => roles).every(({ event }) => shown.has(event))).toBe(true)
  })
})

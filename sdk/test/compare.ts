/** Compares the core with the reference model over one graph. Imports the test helpers of this folder. */
import { expect } from 'vitest'
import type { EventId, GossipEvent } from '../src/core/gossip/event.ts'
import { toDot } from './dot.ts'
import { testCoin, testHashing } from './hashing.ts'
import { nameEvents, peerName, printGraph } from './notation.ts'
import { coreOracle, modelOracle, type Oracle, type OracleInput } from './oracle.ts'
import { writePicture } from './scenario.ts'
import type { Drawn } from './worlds.ts'

export const inputOf = ({ genesis, events }: Drawn): OracleInput => ({
  ...{ genesis, events, hashing: testHashing, coin: testCoin },
})

/** Everything that can be told about a graph without its ancestry, in words and in an order that nothing depends on. */
export function summary(oracle: Oracle, events: readonly GossipEvent[], names = nameEvents(events)) {
  const name = (id: EventId) => names.get(id) ?? id
  return {
    blocks: oracle.blocks().map(({ hash, height, timeMs, items, observations }) => ({
      ...{ height, hash, timeMs, items: items.map(({ event }) => name(event)), observations },
    })),
    heights: Object.fromEntries(events.map(({ id }) => [name(id), oracle.heightAt(id)])),
    elections: oracle.elections().map(({ interesting, observers, decidedAt }, k) => ({
      decisions: events.map(({ id }) => `${name(id)} ${decisionsAt(oracle, k, id)}`).sort(),
      interesting: interesting.map(name).sort(),
      observers: observers
        .map(({ event, observees }) => `${name(event)}: ${[...observees].sort().map(peerName)}`)
        .sort(),
      decidedAt: decidedAt.map(name).sort(),
    })),
  }
}

const decisionsAt = (oracle: Oracle, k: number, x: EventId): string =>
  [...(oracle.decisions(k, x) ?? [])]
    .map(([subject, decision]) => `${peerName(subject)}=${decision}`)
    .sort()
    .join(' ')

/** Who descends from, sees and strongly sees whom. */
export function sight(oracle: Oracle, events: readonly GossipEvent[], names = nameEvents(events)): string[] {
  const lines: string[] = []
  for (const { id: x } of events)
    for (const { id: y } of events) {
      const told = [oracle.descends(x, y), oracle.sees(x, y), oracle.stronglySees(x, y)].map((is) => (is ? 1 : 0))
      if (told.includes(1)) lines.push(`${names.get(x)} ${names.get(y)} ${told.join('')}`)
    }
  return lines.sort()
}

/** Fails with the graph in the message, and its picture beside the test results. */
export function explained(drawn: Drawn, check: () => void): void {
  try {
    check()
  } catch (failure) {
    const founders = drawn.genesis.founders.map(peerName).join(',')
    const path = writePicture('disagreement', toDot(drawn.events))
    throw new Error(`in this graph (picture: ${path}):\ngraph founders=${founders}\n${printGraph(drawn.events)}`, {
      cause: failure,
    })
  }
}

/** The core, fed in this order, says what the model says. */
export function expectAgreement(drawn: Drawn, order: readonly GossipEvent[] = drawn.events): void {
  const names = nameEvents(drawn.events)
  const input = inputOf(drawn)
  const [model, core] = [modelOracle(input), coreOracle({ ...input, events: order })]
  explained(drawn, () => {
    expect(sight(core, drawn.events, names)).toEqual(sight(model, drawn.events, names))
    expect(summary(core, drawn.events, names)).toEqual(summary(model, drawn.events, names))
  })
}

/**
 * What the reference model and the core can both be asked about one graph, so that scenarios and property tests run on
 * either. Imports core types, the notation and the model.
 */
import type { EventId, GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Hashing } from '../src/core/io.ts'
import type { Coin } from '../src/core/options.ts'
import type { Block, Genesis } from '../src/core/section/block.ts'
import { createModel } from './model/model.ts'

export interface OracleInput {
  readonly genesis: Genesis
  readonly events: readonly GossipEvent[]
  readonly hashing: Hashing
  readonly coin: Coin
}

export interface ElectionFacts {
  readonly interesting: readonly EventId[]
  readonly observers: readonly { readonly event: EventId; readonly observees: readonly PeerId[] }[]
  readonly decidedAt: readonly EventId[]
}

export interface Oracle {
  descends(x: EventId, y: EventId): boolean
  sees(x: EventId, y: EventId): boolean
  /** By the founding voters. */
  stronglySees(x: EventId, y: EventId): boolean
  blocks(): readonly Block[]
  /** What the creator of x has decided about each subject of election k; null before it observes. */
  decisions(k: number, x: EventId): ReadonlyMap<PeerId, boolean | null> | null
  /** The elections over the whole graph, the one that is still open included. */
  elections(): readonly ElectionFacts[]
}

export function modelOracle(input: OracleInput): Oracle {
  const model = createModel(input)
  model.add(input.events)
  const { ancestry } = model
  return {
    descends: (x, y) => ancestry.descends(ancestry.get(x), ancestry.get(y)),
    sees: (x, y) => ancestry.sees(ancestry.get(x), ancestry.get(y)),
    stronglySees: (x, y) => ancestry.stronglySees(ancestry.get(x), ancestry.get(y), input.genesis.founders),
    blocks: () => model.blocks,
    decisions: (k, x) => {
      const election = model.elections[k]
      const votes = election?.agreed.voters.map((s) => [s, election.voteOn(ancestry.get(x), s)] as const) ?? []
      return votes.some(([, vote]) => vote) ? new Map(votes.map(([s, vote]) => [s, vote?.decision ?? null])) : null
    },
    elections: () =>
      model.elections.map(model.report).map(({ interesting, observers, decided }) => ({
        interesting: interesting.map(({ id }) => id),
        observers: observers.map(({ event, observees }) => ({ event: event.id, observees })),
        decidedAt: decided.map(({ id }) => id),
      })),
  }
}

/**
 * What the reference model and the core can both be asked about one graph, so that scenarios and property tests run on
 * either. Imports core types, the notation and the model.
 */
import type { EventId, GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import { isDescendantOf, sees, stronglySees, type Vertex } from '../src/core/gossip/graph.ts'
import type { Hashing } from '../src/core/io.ts'
import { createMaliceDetector } from '../src/core/malice/detector.ts'
import { TRUE } from '../src/core/meta-voting/stage.ts'
import type { Coin } from '../src/core/options.ts'
import type { Block, Genesis } from '../src/core/section/block.ts'
import { createOrdering } from '../src/core/section/ordering.ts'
import { coinOf } from './hashing.ts'
import { type Proven, provenMalice } from './model/malice.ts'
import { createModel } from './model/model.ts'

export interface OracleInput {
  readonly genesis: Genesis
  readonly events: readonly GossipEvent[]
  readonly hashing: Hashing
  readonly coin: Coin
  /** How many decided elections the core keeps. With none, whatever is asked about late events is computed anew. */
  readonly keptElections?: number
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
  /** What x decides about each subject of election k; null before its creator observes and after the election. */
  decisions(k: number, x: EventId): ReadonlyMap<PeerId, boolean | null> | null
  /** The greatest height such that every election up to it is decided at x: what x attests. */
  heightAt(x: EventId): number
  /** The elections over the whole graph, the one that is still open included. */
  elections(): readonly ElectionFacts[]
  /** Provable malice, in no particular order. */
  malice(): readonly Proven[]
}

export function modelOracle(input: OracleInput): Oracle {
  const model = createModel(input)
  model.add(input.events)
  const { ancestry } = model
  return {
    malice: () => provenMalice(model, input.hashing),
    descends: (x, y) => ancestry.descends(ancestry.get(x), ancestry.get(y)),
    sees: (x, y) => ancestry.sees(ancestry.get(x), ancestry.get(y)),
    stronglySees: (x, y) => ancestry.stronglySees(ancestry.get(x), ancestry.get(y), input.genesis.founders),
    blocks: () => model.blocks,
    decisions: (k, x) => {
      const election = model.elections[k]
      if (ancestry.parents(ancestry.get(x)).some((parent) => election?.decidedAt(parent))) return null
      const votes = election?.agreed.voters.map((s) => [s, election.voteOn(ancestry.get(x), s)] as const) ?? []
      return votes.some(([, vote]) => vote) ? new Map(votes.map(([s, vote]) => [s, vote?.decision ?? null])) : null
    },
    heightAt: (x) => model.agreedAt([ancestry.get(x)]).height,
    elections: () =>
      model.elections.map(model.report).map(({ interesting, observers, decided }) => ({
        interesting: interesting.map(({ id }) => id),
        observers: observers.map(({ event, observees }) => ({ event: event.id, observees })),
        decidedAt: decided.map(({ id }) => id),
      })),
  }
}

export function coreOracle(input: OracleInput): Oracle {
  const coin = coinOf(input.coin)
  const ordering = createOrdering({ ...input, coin })
  const { graph } = ordering
  const detector = createMaliceDetector(ordering, input.hashing, coin)
  const malice: Proven[] = []
  const final: Block[] = []
  for (const event of input.events) {
    ordering.tidy()
    const { vertex, duplicateVotes, blocks } = ordering.insert(event, event.id)
    final.push(...blocks)
    for (const { kind, accused } of detector.inspect(vertex, duplicateVotes))
      malice.push({ kind, accused, at: kind === 'fork' ? null : event.id })
  }
  const find = (id: EventId) => graph.find(id) as Vertex
  const founders = input.genesis.founders.map((peer) => graph.creatorOf(peer))
  return {
    malice: () => malice,
    descends: (x, y) => isDescendantOf(find(x), find(y)),
    sees: (x, y) => sees(find(x), find(y)),
    stronglySees: (x, y) => stronglySees(graph, find(x), find(y), founders, founders.length),
    blocks: () => final,
    decisions: (k, x) => {
      const round = k < ordering.elections ? ordering.round(k) : null
      const votes = round?.election.metaEvent(find(x))?.votes
      if (!round || !votes) return null
      const decision = (s: number) => votes[s]?.decision || null
      return new Map(round.state.voters.map((peer, s) => [peer, decision(s) && decision(s) === TRUE]))
    },
    heightAt: (x) => ordering.stateOf(ordering.decidedElections(find(x))).height,
    elections: () =>
      Array.from({ length: ordering.elections }, (_, k) => {
        const { election, state } = ordering.round(k)
        const metaEvents = [...election.metaEvents].map(([index, meta]) => ({
          vertex: graph.vertices[index] as Vertex,
          meta,
        }))
        const id = ({ vertex }: { vertex: Vertex }) => ordering.idOf(vertex)
        return {
          interesting: metaEvents.filter(({ meta }) => meta.content).map(id),
          observers: metaEvents
            .filter(({ meta }) => meta.observees)
            .map((found) => ({
              event: id(found),
              observees: state.voters.filter((_, s) => found.meta.observees?.[s]),
            })),
          decidedAt: graph.vertices
            .filter((x) => election.isDecidedAt(x) || k < ordering.decidedElections(x))
            .map((vertex) => ordering.idOf(vertex)),
        }
      }),
  }
}

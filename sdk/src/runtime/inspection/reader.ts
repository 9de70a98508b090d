/** Reads what is new off a graph and its elections, without changing anything. Imports core types and rules only. */
import type { EventContent, EventId, PeerId } from '../../core/gossip/event.ts'
import { parentsOf, type Vertex } from '../../core/gossip/graph.ts'
import type { MetaEvent, MetaVote } from '../../core/meta-voting/election.ts'
import { STEPS, stepAt } from '../../core/meta-voting/section-vote.ts'
import { FALSE, TRUE } from '../../core/meta-voting/stage.ts'
import { absentVoters, type SectionContent } from '../../core/section/batch.ts'
import type { Ordering } from '../../core/section/ordering.ts'
import type { InspectedElection, InspectedEvent, InspectedGraph, InspectedRole } from './feed.ts'

/** What an event's content says of it: of what is not kept in memory it has to be found out before. */
export type Details = Pick<InspectedEvent, 'transactions' | 'votes' | 'coin' | 'attestedHeight'>

export interface GraphReader {
  /** Events that `read` would tell now and that only the store has the content of. */
  lacking(most: number): readonly EventId[]
  /**
   * What came since the last call, of it at most the last `most` events, and blocks and elections. Between two steps.
   * `details`: of those lacking.
   */
  read(
    most: number,
    details?: ReadonlyMap<EventId, Details>,
  ): Omit<InspectedGraph, 'sectionId'> & { readonly skipped: number }
}

export function detailsOf(
  { body, attest }: Pick<EventContent, 'body' | 'attest'>,
  transactions = body.transactions.length,
): Details {
  return {
    transactions,
    votes: [...new Set(body.observations.map(({ kind }) => kind))],
    coin: body.coin !== undefined,
    attestedHeight: attest.height,
  }
}

const nothingKnown: ReadonlyMap<EventId, Details> = new Map()

/** A late event may take part in elections that are decided elsewhere; those before these are of no interest any more. */
const ELECTIONS_BACK = 8
/** Whoever begins to look is told of so many elections before: those further back have to be computed anew. */
const FIRST_ELECTIONS = 64

export function createGraphReader(ordering: Ordering, electionsMax = FIRST_ELECTIONS): GraphReader {
  const { graph, blocks } = ordering
  let nextEvent = 0
  let nextRound = 0
  let nextBlock = 0

  const firstShown = (most: number) => Math.max(nextEvent, graph.vertices.length - most)

  function read(most: number, details = nothingKnown) {
    const shownFrom = Math.max(0, graph.vertices.length - most)
    const firstEvent = firstShown(most)
    const firstRound = Math.max(nextRound, ordering.elections - Math.min(most, electionsMax))
    const fresh = graph.vertices.slice(firstEvent)
    const blockFrom = Math.max(nextBlock, blocks.length - most)
    const news = {
      skipped: firstEvent - nextEvent,
      events: fresh.map((vertex) => toInspected(vertex, details)),
      roles: [...lateRoles(fresh, firstRound), ...rolesFrom(firstRound, shownFrom)],
      elections: electionsFrom(Math.max(0, firstRound - 1)),
      blocks: blocks
        .slice(blockFrom)
        .map(({ height, events }) => ({ height, finalAtMs: null, events: events.map(ordering.idOf) })),
    }
    nextEvent = graph.vertices.length
    nextRound = ordering.elections
    nextBlock = blocks.length
    return news
  }

  function lacking(most: number): EventId[] {
    const fresh = graph.vertices.slice(firstShown(most))
    return fresh.flatMap((vertex) => (knownDetails(vertex) ? [] : ordering.idOf(vertex)))
  }

  /** Null where the content is not in memory. */
  function knownDetails(vertex: Vertex): Details | null {
    const content = ordering.contentOf(vertex)
    return content ? detailsOf(content, ordering.transactionsOf(vertex)) : null
  }

  function toInspected(vertex: Vertex, details: ReadonlyMap<EventId, Details>): InspectedEvent {
    const id = ordering.idOf(vertex)
    const known = knownDetails(vertex) ?? details.get(id)
    if (!known) throw new Error(`what ${id} says was not read`)
    return {
      ...{ id, creator: graph.creators[vertex.creator] as PeerId, seq: vertex.seq },
      branch: graph.branchesOf(vertex.creator).indexOf(vertex.branch),
      selfParent: vertex.selfParent && ordering.idOf(vertex.selfParent),
      otherParents: vertex.otherParents.map(ordering.idOf),
      createdAtMs: ordering.createdAtMs(vertex),
      ...known,
    }
  }

  /** Of new events, in the elections that were there before. */
  function lateRoles(fresh: readonly Vertex[], known: number): InspectedRole[] {
    const roles: InspectedRole[] = []
    for (const vertex of fresh) {
      let from = Math.max(0, known - ELECTIONS_BACK)
      for (const parent of parentsOf(vertex)) from = Math.max(from, ordering.decidedElections(parent))
      for (let k = from; k < known; k++) {
        const meta = ordering.round(k).election.metaEvent(vertex)
        if (meta) roles.push(toRole(k, vertex, meta))
      }
    }
    return roles
  }

  /** Of all events shown, in new elections: these look back. */
  function rolesFrom(first: number, shownFrom: number): InspectedRole[] {
    const roles: InspectedRole[] = []
    for (let k = first; k < ordering.elections; k++) {
      for (const [index, meta] of ordering.round(k).election.metaEvents) {
        // Those that were skipped are older.
        const vertex = index >= shownFrom ? graph.vertices[index] : undefined
        if (vertex) roles.push(toRole(k, vertex, meta))
      }
    }
    return roles
  }

  function toRole(k: number, vertex: Vertex, meta: MetaEvent<SectionContent>): InspectedRole {
    const { state, election } = ordering.round(k)
    const absent = meta.votes ? absentVoters(graph, state) : null
    const isAbsent = (subject: number) => absent?.has(state.voters[subject] as string) ?? false
    return {
      ...{ event: ordering.idOf(vertex), election: k },
      interesting: meta.candidate?.vertex === vertex,
      observees: meta.observees ? meta.observees.filter((seen) => seen !== null).length : null,
      agreements: meta.votes && countDecisions(meta.votes),
      stage: meta.votes && furthestStage(meta.votes, isAbsent),
      decides: election.isDecidedAt(vertex),
    }
  }

  function electionsFrom(first: number): InspectedElection[] {
    return Array.from({ length: ordering.elections - first }, (_, index) => {
      const number = first + index
      const state = ordering.stateOf(number)
      const after = number + 1 < ordering.elections ? ordering.stateOf(number + 1) : undefined
      const outcome = after === undefined ? 'open' : after.height > state.height ? 'block' : 'empty'
      return { number, voters: state.voters, outcome, height: (after ?? state).height }
    })
  }

  return { lacking, read }
}

function countDecisions(votes: readonly MetaVote[]): NonNullable<InspectedRole['agreements']> {
  const yes = votes.filter(({ decision }) => decision === TRUE).length
  const no = votes.filter(({ decision }) => decision === FALSE).length
  return { yes, no, open: votes.length - yes - no }
}

function furthestStage(votes: readonly MetaVote[], isAbsent: (subject: number) => boolean): InspectedRole['stage'] {
  let furthest = -1
  let at = -1
  votes.forEach(({ decision, stages }, subject) => {
    if (decision !== 0 || stages.length - 1 <= furthest) return
    furthest = stages.length - 1
    at = subject
  })
  if (at < 0) return null
  return { round: Math.floor(furthest / STEPS), step: stepAt(furthest, isAbsent(at)) }
}

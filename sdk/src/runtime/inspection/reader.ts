/** Reads what is new off a graph and its elections, without changing anything. Imports core types and rules only. */
import { parentsOf, type Vertex } from '../../core/gossip/graph.ts'
import type { MetaEvent, MetaVote } from '../../core/meta-voting/election.ts'
import { STEPS, stepAt } from '../../core/meta-voting/section-vote.ts'
import { FALSE, TRUE } from '../../core/meta-voting/stage.ts'
import { absentVoters, type SectionContent } from '../../core/section/batch.ts'
import type { Ordering, Round } from '../../core/section/ordering.ts'
import type { InspectedElection, InspectedEvent, InspectedGraph, InspectedRole } from './feed.ts'

export interface GraphReader {
  /** What came since the last call, of it at most the last `most` events, and blocks and elections. Between two steps. */
  read(most: number): Omit<InspectedGraph, 'sectionId'> & { readonly skipped: number }
}

/** A late event may take part in elections that are decided elsewhere; those before these are of no interest any more. */
const ELECTIONS_BACK = 8

export function createGraphReader(ordering: Ordering): GraphReader {
  const { graph, rounds, blocks } = ordering
  let nextEvent = 0
  let nextRound = 0
  let nextBlock = 0

  function read(most: number) {
    const shownFrom = Math.max(0, graph.vertices.length - most)
    const firstEvent = Math.max(nextEvent, shownFrom)
    const firstRound = Math.max(nextRound, rounds.length - most)
    const fresh = graph.vertices.slice(firstEvent)
    const blockFrom = Math.max(nextBlock, blocks.length - most)
    const news = {
      skipped: firstEvent - nextEvent,
      events: fresh.map(toInspected),
      roles: [...lateRoles(fresh, firstRound), ...rolesFrom(firstRound, shownFrom)],
      elections: electionsFrom(Math.max(0, firstRound - 1)),
      blocks: blocks
        .slice(blockFrom)
        .map(({ height, items }) => ({ height, finalAtMs: null, events: items.map(({ event }) => event) })),
    }
    nextEvent = graph.vertices.length
    nextRound = rounds.length
    nextBlock = blocks.length
    return news
  }

  function toInspected(vertex: Vertex): InspectedEvent {
    const { selfParent, otherParents, createdAtMs, attest, body, creator } = ordering.contentOf(vertex)
    return {
      ...{ id: ordering.idOf(vertex), creator, seq: vertex.seq },
      branch: graph.branchesOf(vertex.creator).indexOf(vertex.branch),
      ...{ selfParent, otherParents, createdAtMs },
      transactions: body.transactions.length,
      votes: [...new Set(body.observations.map(({ kind }) => kind))],
      coin: body.coin !== undefined,
      attestedHeight: attest.height,
    }
  }

  /** Of new events, in the elections that were there before. */
  function lateRoles(fresh: readonly Vertex[], known: number): InspectedRole[] {
    const roles: InspectedRole[] = []
    for (const vertex of fresh) {
      let from = Math.max(0, known - ELECTIONS_BACK)
      for (const parent of parentsOf(vertex)) from = Math.max(from, ordering.decidedElections(parent))
      for (let k = from; k < known; k++) {
        const meta = (rounds[k] as Round).election.metaEvent(vertex)
        if (meta) roles.push(toRole(k, vertex, meta))
      }
    }
    return roles
  }

  /** Of all events shown, in new elections: these look back. */
  function rolesFrom(first: number, shownFrom: number): InspectedRole[] {
    const roles: InspectedRole[] = []
    for (let k = first; k < rounds.length; k++) {
      for (const [index, meta] of (rounds[k] as Round).election.metaEvents) {
        // Those that were skipped are older.
        const vertex = index >= shownFrom ? graph.vertices[index] : undefined
        if (vertex) roles.push(toRole(k, vertex, meta))
      }
    }
    return roles
  }

  function toRole(k: number, vertex: Vertex, meta: MetaEvent<SectionContent>): InspectedRole {
    const { state, election } = rounds[k] as Round
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
    return rounds.slice(first).map(({ state }, index) => {
      const after = rounds[first + index + 1]?.state
      const outcome = after === undefined ? 'open' : after.height > state.height ? 'block' : 'empty'
      return { number: first + index, voters: state.voters, outcome, height: (after ?? state).height }
    })
  }

  return { read }
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

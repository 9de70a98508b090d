/** The votes for observations that events carry, counted per election. Imports the core only. */
import type { Hash } from '../gossip/event.ts'
import { isDescendantOf, type Vertex } from '../gossip/graph.ts'
import type { Hashing } from '../io.ts'
import { isSupermajority } from '../thresholds.ts'
import type { Observation } from './observation.ts'
import { type AgreedState, isApplicable } from './state.ts'

export interface Ballot {
  readonly key: Hash
  readonly observation: Observation
  /** Events that carry a vote, by creator. */
  readonly votes: ReadonlyMap<number, readonly Vertex[]>
}

export interface Ballots {
  /** Counts an event's votes; answers with those its self-chain had cast before, which is malice. */
  register(vertex: Vertex, observations: readonly Observation[]): readonly { key: Hash; earlier: Vertex }[]
  /** Ballots with a supermajority of these voters anywhere in the graph, that would change this state. */
  votable(state: AgreedState, voters: readonly number[]): readonly Ballot[]
  ballot(key: Hash): Ballot | undefined
  all(): Iterable<Ballot>
  /** Grows with every vote. */
  readonly version: number
}

/** What a vote counts for: accusations of one peer meet, whatever their evidence. */
export function subjectOf(observation: Observation): Observation {
  return observation.kind === 'accusation' ? { kind: 'expel', peer: observation.accused } : observation
}

export function createBallots(hashing: Hashing): Ballots {
  const ballots = new Map<Hash, { key: Hash; observation: Observation; votes: Map<number, Vertex[]> }>()
  let version = 0
  return {
    register(vertex, observations) {
      const duplicates: { key: Hash; earlier: Vertex }[] = []
      for (const carried of observations) {
        const observation = subjectOf(carried)
        const key = hashing.observation(observation)
        let ballot = ballots.get(key)
        if (!ballot) {
          ballot = { key, observation, votes: new Map() }
          ballots.set(key, ballot)
        }
        const own = ballot.votes.get(vertex.creator)
        const earlier = own?.find((vote) => isSelfAncestor(vertex, vote))
        if (earlier) duplicates.push({ key, earlier })
        else if (own) own.push(vertex)
        else ballot.votes.set(vertex.creator, [vertex])
        version++
      }
      return duplicates
    },
    votable(state, voters) {
      const found: Ballot[] = []
      for (const ballot of ballots.values()) {
        let count = 0
        for (const voter of voters) if (ballot.votes.has(voter)) count++
        if (!isSupermajority(count, voters.length)) continue
        if (isApplicable(state, ballot.observation, ballot.key)) found.push(ballot)
      }
      return found
    },
    ballot: (key) => ballots.get(key),
    all: () => ballots.values(),
    get version() {
      return version
    },
  }
}

function isSelfAncestor(x: Vertex, y: Vertex): boolean {
  let self: Vertex | null = x
  while (self && self.seq > y.seq) self = self.selfParent
  return self === y
}

/** Whether a supermajority of the voters voted for it among x and its ancestors. */
export function isReadyAt(ballot: Ballot, x: Vertex, voters: readonly number[]): boolean {
  let count = 0
  for (const voter of voters) {
    if (ballot.votes.get(voter)?.some((vote) => isDescendantOf(x, vote))) count++
  }
  return isSupermajority(count, voters.length)
}

/** Whether this peer's votes among x and its ancestors include one for the ballot. */
export function hasVotedAt(ballot: Ballot | undefined, voter: number, x: Vertex | null): boolean {
  return x !== null && (ballot?.votes.get(voter)?.some((vote) => isDescendantOf(x, vote)) ?? false)
}

/**
 * The votes that this peer wants to cast, and has not yet: admissions, departures, the voters, the application's.
 * Imports the core only.
 */
import type { Hash, PeerId } from '../gossip/event.ts'
import type { Vertex } from '../gossip/graph.ts'
import type { Hashing } from '../io.ts'
import { isAtLeastOneThird } from '../thresholds.ts'
import { type Ballot, hasVotedAt, subjectOf } from './ballots.ts'
import type { InvitationUse, Observation } from './observation.ts'
import type { Ordering } from './ordering.ts'
import { bestProposal, desiredVoters, GROW_AFTER_MS, isAcceptable, proposeVoters, SHRINK_AFTER_MS } from './policy.ts'
import { type AgreedState, isApplicable, membershipHeight } from './state.ts'

export interface IntentsOptions {
  readonly self: PeerId
  readonly hashing: Hashing
  readonly ordering: Ordering
  readonly voterPolicy: 'grow' | 'fixed'
  readonly forgetAfterMs: number
  readonly isReachable: (peer: PeerId) => boolean
  readonly isProven: (peer: PeerId) => boolean
  readonly mayVote: (peer: PeerId) => boolean
}

export interface Intents {
  admit(peer: PeerId, invitation?: InvitationUse): void
  /** Forget an admission: the joiner went away. */
  dismiss(peer: PeerId): void
  leave(): void
  /** From now on we count as absent, and nobody waits for us; ends with `wake`. */
  standDown(): void
  /** Our own clock may have stood still: whoever is absent is absent from now on. */
  wake(): void
  vote(value: Uint8Array): void
  /** Takes note of who is away, however briefly it was here. */
  watch(nowMs: number): void
  /** Votes to cast in an own event that follows `last`, now. */
  due(last: Vertex | null, nowMs: number): readonly Observation[]
  /** When the passage of time alone will make more votes due; null: never. */
  nextMs(nowMs: number): number | null
}

export function createIntents(options: IntentsOptions): Intents {
  const { self, hashing, ordering, isReachable, isProven } = options
  const admitted = new Map<PeerId, InvitationUse | undefined>()
  const values: Uint8Array[] = []
  const awaySinceMs = new Map<PeerId, number>()
  let isLeaving = false
  let isStandingDown = false
  // The voters we would have, and since when we would have them.
  let view: { readonly key: string; readonly sinceMs: number } | null = null

  const isVoter = () => ordering.state.voters.includes(self)

  /** Asked for at every step, though only a vote or a block changes it. */
  function fromBallots<Value>(compute: () => Value): () => Value {
    let kept: { readonly version: number; readonly state: AgreedState; readonly value: Value } | null = null
    return () => {
      const { ballots, state } = ordering
      if (kept?.version !== ballots.version || kept.state !== state) {
        kept = { version: ballots.version, state, value: compute() }
      }
      return kept.value
    }
  }

  const leaversByVotes = fromBallots((): ReadonlySet<PeerId> => {
    const leaving = new Set<PeerId>()
    for (const { observation, votes } of ordering.ballots.all()) {
      if (observation.kind !== 'remove' || observation.since !== membershipHeight(ordering.state, observation.peer))
        continue
      if (ordering.state.members.has(observation.peer) && votes.has(ordering.graph.creatorOf(observation.peer))) {
        leaving.add(observation.peer)
      }
    }
    return leaving
  })

  function leavers(): ReadonlySet<PeerId> {
    return isLeaving ? new Set([self, ...leaversByVotes()]) : leaversByVotes()
  }

  function desired(leaving: ReadonlySet<PeerId>): { voters: readonly PeerId[]; isOnline: (peer: PeerId) => boolean } {
    const isHere = (peer: PeerId) => (peer === self ? !isStandingDown : isReachable(peer))
    const isOnline = (peer: PeerId) => isHere(peer) && !leaving.has(peer) && !isProven(peer) && options.mayVote(peer)
    return { voters: desiredVoters(ordering.state, isOnline), isOnline }
  }

  function votersVote(leaving: ReadonlySet<PeerId>, nowMs: number): Observation | null {
    if (options.voterPolicy === 'fixed') return null
    const { state } = ordering
    const { voters, isOnline } = desired(leaving)
    const key = `${state.votersSince} ${voters.join(' ')}`
    if (view?.key !== key) view = { key, sinceMs: nowMs }
    const proposal = proposeVoters(state, voters)
    if (!proposal) return null
    const best = bestProposal(
      ordering.ballots.all(),
      (ballot) =>
        isApplicable(state, ballot.observation, ballot.key) &&
        isAcceptable(state, ballot.observation, voters, isOnline),
    )
    if (best) return best.observation
    return nowMs - view.sinceMs >= holdMs(isOnline) ? proposal : null
  }

  /** Who left on purpose or proved a traitor is not waited for. */
  function holdMs(isOnline: (peer: PeerId) => boolean): number {
    const missing = ordering.state.voters.filter((peer) => !isOnline(peer))
    if (missing.length === 0) return GROW_AFTER_MS
    return missing.every((peer) => peer === self || isReachable(peer)) ? 0 : SHRINK_AFTER_MS
  }

  /** Whoever stands down is told times that are still to come. */
  const forgets = () => !isStandingDown && isVoter()

  function watch(nowMs: number): void {
    if (options.forgetAfterMs === Number.POSITIVE_INFINITY) return
    const { members } = ordering.state
    for (const peer of members.keys()) {
      if (peer === self || isReachable(peer)) awaySinceMs.delete(peer)
      else if (!awaySinceMs.has(peer)) awaySinceMs.set(peer, nowMs)
    }
    for (const peer of awaySinceMs.keys()) if (!members.has(peer)) awaySinceMs.delete(peer)
  }

  function forgotten(nowMs: number): readonly PeerId[] {
    if (!forgets()) return []
    return [...awaySinceMs].flatMap(([peer, sinceMs]) => (nowMs - sinceMs >= options.forgetAfterMs ? peer : []))
  }

  /** Joiners that a correct voter let in, perhaps one that is connected to them where we are not. */
  const seconded = fromBallots((): readonly Observation[] => {
    const voters = ordering.current.voters
    return [...ordering.ballots.all()].flatMap(({ observation, votes }) => {
      if (observation.kind !== 'add' || observation.since !== membershipHeight(ordering.state, observation.peer))
        return []
      const count = voters.filter((voter) => votes.has(voter)).length
      return isAtLeastOneThird(count, voters.length) ? observation : []
    })
  })

  function addition(peer: PeerId, invitation: InvitationUse | undefined): Observation {
    const since = membershipHeight(ordering.state, peer)
    return { kind: 'add', peer, since, ...(invitation === undefined ? {} : { invitation }) }
  }

  function remove(peer: PeerId): Observation {
    return { kind: 'remove', peer, since: membershipHeight(ordering.state, peer) }
  }

  function wanted(nowMs: number): Observation[] {
    const { state } = ordering
    const wishes: Observation[] = values.map((value) => ({ kind: 'vote', value }))
    if (isLeaving) wishes.push(remove(self))
    if (!isVoter()) return wishes
    // Fulfilled: whoever leaves again asks again.
    for (const peer of admitted.keys()) if (state.members.has(peer)) admitted.delete(peer)
    for (const [peer, invitation] of admitted) wishes.push(addition(peer, invitation))
    wishes.push(...seconded())
    const leaving = leavers()
    for (const peer of leaving) {
      // A voter hands over first, so that the section goes straight to another 3f+1.
      if (options.voterPolicy === 'fixed' || !state.voters.includes(peer)) wishes.push(remove(peer))
    }
    for (const peer of forgotten(nowMs)) if (!state.voters.includes(peer)) wishes.push(remove(peer))
    const change = votersVote(leaving, nowMs)
    if (change) wishes.push(change)
    return wishes
  }

  return {
    admit: (peer, invitation) => void admitted.set(peer, invitation),
    dismiss: (peer) => void admitted.delete(peer),
    leave: () => {
      isLeaving = true
    },
    standDown: () => {
      isStandingDown = true
    },
    wake: () => {
      isStandingDown = false
      view = null
      awaySinceMs.clear()
    },
    vote: (value) => void values.push(value),
    watch,
    due(last, nowMs) {
      const { state, ballots, graph } = ordering
      const voter = graph.creatorOf(self)
      const seen = new Set<Hash>()
      return wanted(nowMs).filter((observation) => {
        const key = hashing.observation(subjectOf(observation))
        if (seen.has(key)) return false
        seen.add(key)
        const ballot: Ballot | undefined = ballots.ballot(key)
        // A leaver says so even while it is the last voter: whoever takes over will see it.
        const says = observation.kind === 'remove' && observation.peer === self
        return (says || isApplicable(state, observation, key)) && !hasVotedAt(ballot, voter, last)
      })
    },
    nextMs(nowMs) {
      // Who was let in by what we just said may be gone already.
      watch(nowMs)
      if (!isVoter()) return null
      const times: number[] = []
      if (view && options.voterPolicy === 'grow') {
        const { voters, isOnline } = desired(leavers())
        const at = view.sinceMs + holdMs(isOnline)
        if (proposeVoters(ordering.state, voters) && at > nowMs) times.push(at)
      }
      for (const [peer, sinceMs] of forgets() ? awaySinceMs : []) {
        const at = sinceMs + options.forgetAfterMs
        if (at > nowMs && Number.isFinite(at) && ordering.state.members.has(peer)) times.push(at)
      }
      return times.length > 0 ? Math.min(...times) : null
    },
  }
}

/**
 * Which votes a voter casts on its own account: for joiners, leavers and the set of voters. Imports the core only.
 *
 * n = 2 and 3 tolerate no absence, 5 and 6 no more absences than 4: so a section keeps 3f+1 voters, the largest number
 * that its members online allow, the longest-standing first. Proposals follow from who is online, so that votes meet,
 * and each voter seconds only what it observes itself.
 */
import type { PeerId } from '../gossip/event.ts'
import { faultsTolerated } from '../thresholds.ts'
import type { Ballot } from './ballots.ts'
import type { Observation } from './observation.ts'
import type { AgreedState } from './state.ts'

type VotersObservation = Extract<Observation, { kind: 'voters' }>

/** How long a new view of who is online must hold before we propose voters for it, in milliseconds. */
export const GROW_AFTER_MS = 250
export const SHRINK_AFTER_MS = 1000

/** The largest 3f+1 up to `most`; at least 1. */
export function voterCountFor(online: number, most: number): number {
  return 3 * faultsTolerated(Math.min(online, most)) + 1
}

/** The voters that a section with these members online should have, ascending. */
export function desiredVoters(state: AgreedState, isOnline: (peer: PeerId) => boolean): readonly PeerId[] {
  const online = [...state.members.keys()].filter(isOnline)
  const size = voterCountFor(online.length, state.maxVoters)
  const standing = online.filter((peer) => state.voters.includes(peer))
  const waiting = online.filter((peer) => !state.voters.includes(peer))
  return [...standing, ...waiting].slice(0, size).sort()
}

/** The change of voters that leads to `desired`; null if there is nothing to change. */
export function proposeVoters(state: AgreedState, desired: readonly PeerId[]): VotersObservation | null {
  const promote = desired.filter((peer) => !state.voters.includes(peer))
  const demote = state.voters.filter((peer) => !desired.includes(peer))
  if (promote.length + demote.length === 0 || desired.length === 0) return null
  return { kind: 'voters', promote, demote, since: state.votersSince }
}

/**
 * Whether a proposal by others is as good as ours would be: everybody it leaves as a voter is online as we see it, it
 * comes to the same number, and it demotes nobody who is here unless the number falls.
 */
export function isAcceptable(
  state: AgreedState,
  proposal: Observation,
  desired: readonly PeerId[],
  isOnline: (peer: PeerId) => boolean,
): boolean {
  if (proposal.kind !== 'voters' || proposal.since !== state.votersSince) return false
  const after = [...state.voters.filter((peer) => !proposal.demote.includes(peer)), ...proposal.promote]
  if (after.length !== desired.length || !after.every(isOnline)) return false
  const shrinks = after.length < state.voters.length
  return shrinks || proposal.demote.every((peer) => !isOnline(peer))
}

/** Of the acceptable proposals, the one with the most votes; ties by key, so that voters meet. */
export function bestProposal(ballots: Iterable<Ballot>, isGood: (ballot: Ballot) => boolean): Ballot | undefined {
  let best: Ballot | undefined
  for (const ballot of ballots) {
    if (!isGood(ballot)) continue
    const more = ballot.votes.size - (best?.votes.size ?? -1)
    if (!best || more > 0 || (more === 0 && ballot.key < best.key)) best = ballot
  }
  return best
}

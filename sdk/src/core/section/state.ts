/**
 * The state on which all correct peers agree between two elections: members, voters and what has been decided. Imports
 * the core only.
 *
 * Invariant: a function of the genesis and of the batches so far, so that two peers that hold the same blocks hold the
 * same state. Heights of branches are local names for agreed sets of events.
 */
import { type CoinState, noCoin } from '../coin/epochs.ts'
import type { Hash, PeerId } from '../gossip/event.ts'
import type { Genesis } from './block.ts'
import type { InvitationUse, Observation } from './observation.ts'

export interface AgreedState {
  /** The number of elections decided, those without a block included. */
  readonly election: number
  readonly height: number
  readonly lastBlock: Hash
  readonly lastTimeMs: number
  /** Members, each with the height at which it became one. Insertion order is seniority. */
  readonly members: ReadonlyMap<PeerId, number>
  /** Height of the last change of each peer's membership, former members included. */
  readonly memberSince: ReadonlyMap<PeerId, number>
  /** Ascending. */
  readonly voters: readonly PeerId[]
  readonly votersSince: number
  readonly expelled: ReadonlySet<PeerId>
  /** Keys of the application votes decided so far. */
  readonly decidedVotes: ReadonlySet<Hash>
  /** How many members were added under each invitation. */
  readonly invitationUses: ReadonlyMap<Hash, number>
  readonly maxVoters: number
  /** Per branch: transactions of events up to this `seq` are decided. */
  readonly decidedUpTo: readonly number[]
  /** Per branch: ancestry of all batches, and the same as of one and two batches ago. */
  readonly batchAncestry: readonly [readonly number[], readonly number[], readonly number[]]
  /** How many of the last batches, without interruption, held events. Two are needed to tell who is absent. */
  readonly batchesWithEvents: number
  readonly coin: CoinState
  /** The last election decided nothing: candidates of this one must know that, or they would repeat it. */
  readonly afterEmptyBatch: boolean
}

export function genesisState(genesis: Genesis, sectionId: Hash): AgreedState {
  const founders = [...genesis.founders].sort()
  return {
    election: 0,
    height: 0,
    lastBlock: sectionId,
    lastTimeMs: genesis.createdAtMs,
    members: new Map(founders.map((peer) => [peer, 0])),
    memberSince: new Map(),
    voters: founders,
    votersSince: 0,
    expelled: new Set(),
    decidedVotes: new Set(),
    invitationUses: new Map(),
    maxVoters: genesis.maxVoters,
    decidedUpTo: [],
    batchAncestry: [[], [], []],
    batchesWithEvents: 0,
    coin: noCoin,
    afterEmptyBatch: false,
  }
}

/** The height that a vote about this peer's membership has to name. */
export function membershipHeight(state: AgreedState, peer: PeerId): number {
  return state.memberSince.get(peer) ?? 0
}

/** Whether an observation, decided now, would change anything; only such ones are candidate content. */
export function isApplicable(state: AgreedState, observation: Observation, key: Hash): boolean {
  switch (observation.kind) {
    case 'add':
      return (
        !state.members.has(observation.peer) &&
        !state.expelled.has(observation.peer) &&
        observation.since === membershipHeight(state, observation.peer) &&
        !isUsedUp(state, observation.invitation)
      )
    case 'remove':
      return canRemove(state, observation.peer) && observation.since === membershipHeight(state, observation.peer)
    case 'expel':
      return canRemove(state, observation.peer)
    case 'voters':
      return observation.since === state.votersSince && votersAfter(state, observation) !== null
    case 'vote':
      return !state.decidedVotes.has(key)
    case 'accusation':
      return false
  }
}

/** Counted by the blocks, so that all agree who was the last to come in under it. */
export function isUsedUp(state: AgreedState, invitation: InvitationUse | undefined): boolean {
  return invitation !== undefined && (state.invitationUses.get(invitation.id) ?? 0) >= invitation.uses
}

function canRemove(state: AgreedState, peer: PeerId): boolean {
  // A section without voters could never decide anything again, so the last voter hands over before it goes.
  const isLastVoter = state.voters.length === 1 && state.voters[0] === peer
  return state.members.has(peer) && !isLastVoter
}

/** The voters after promotions and demotions; null where these do not fit the state. */
function votersAfter(
  state: AgreedState,
  { promote, demote }: Extract<Observation, { kind: 'voters' }>,
): readonly PeerId[] | null {
  const current = new Set(state.voters)
  if (promote.some((peer) => current.has(peer) || !state.members.has(peer))) return null
  if (demote.some((peer) => !current.has(peer))) return null
  const after = [...state.voters.filter((peer) => !demote.includes(peer)), ...promote].sort()
  const isChange = promote.length + demote.length > 0
  return isChange && after.length >= 1 && after.length <= state.maxVoters ? after : null
}

/** What adds takes effect before what takes away (RFC 0049, Dynamic membership). */
const ORDER_OF_EFFECT: readonly Observation['kind'][] = ['add', 'voters', 'remove', 'expel', 'vote']

/** The state after a block's observations, in the block's order within each kind. Those that no longer fit are void. */
export function applyObservations(
  before: AgreedState,
  observations: readonly { readonly key: Hash; readonly observation: Observation }[],
  height: number,
): AgreedState {
  if (observations.length === 0) return before
  const members = new Map(before.members)
  const memberSince = new Map(before.memberSince)
  const expelled = new Set(before.expelled)
  const decidedVotes = new Set(before.decidedVotes)
  const invitationUses = new Map(before.invitationUses)
  let state: AgreedState = { ...before, members, memberSince, expelled, decidedVotes, invitationUses }
  const drop = (peer: PeerId) => {
    members.delete(peer)
    memberSince.set(peer, height)
    if (state.voters.includes(peer)) {
      state = { ...state, voters: state.voters.filter((voter) => voter !== peer), votersSince: height }
    }
  }
  for (const kind of ORDER_OF_EFFECT) {
    for (const { key, observation } of observations) {
      if (observation.kind !== kind || !isApplicable(state, observation, key)) continue
      if (observation.kind === 'add') {
        members.set(observation.peer, height)
        memberSince.set(observation.peer, height)
        const id = observation.invitation?.id
        if (id !== undefined) invitationUses.set(id, (invitationUses.get(id) ?? 0) + 1)
      } else if (observation.kind === 'voters') {
        state = { ...state, voters: votersAfter(state, observation) as readonly PeerId[], votersSince: height }
      } else if (observation.kind === 'remove') drop(observation.peer)
      else if (observation.kind === 'expel') {
        drop(observation.peer)
        expelled.add(observation.peer)
      } else if (observation.kind === 'vote') decidedVotes.add(key)
    }
  }
  return state
}

/** Canonical bytes of an observation: equal observations have equal bytes, hence equal keys. */
import * as P from 'micro-packed'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Malice } from '../core/malice/malice.ts'
import type { InvitationUse, Observation } from '../core/section/observation.ts'
import {
  ascending,
  atLeastOne,
  boundedBytes,
  boundedList,
  type Coder,
  encodeWith,
  hash32,
  record,
  union,
} from './codec.ts'
import { createDigest } from './digest.ts'
import { limits } from './limits.ts'

const maliceTags = {
  fork: 1,
  duplicateVote: 2,
  falseAttestation: 3,
  invalidAccusation: 4,
  accomplice: 5,
  staleOtherParent: 6,
  invalidOtherParent: 7,
  badDeal: 8,
  falseComplaint: 9,
  badCoinShare: 10,
} as const satisfies Record<Malice['kind'], number>

const maliceKind = P.map(P.U8, maliceTags) as Coder<Malice['kind']>
const voterSet = ascending(boundedList(limits.voters, hash32))

type Addition = Extract<Observation, { readonly kind: 'add' }>

type RawObservation =
  | Exclude<Observation, Addition>
  | Omit<Addition, 'invitation'>
  | { readonly kind: 'invited'; readonly peer: PeerId; readonly since: number; readonly invitation: InvitationUse }

const rawObservationCoder: Coder<RawObservation> = union<RawObservation>({
  add: [1, record({ peer: hash32, since: P.U32BE })],
  remove: [2, record({ peer: hash32, since: P.U32BE })],
  voters: [3, record({ promote: voterSet, demote: voterSet, since: P.U32BE })],
  accusation: [4, record({ accused: hash32, malice: maliceKind, evidence: boundedList(limits.evidence, hash32) })],
  vote: [5, record({ value: boundedBytes(limits.voteBytes) })],
  expel: [6, record({ peer: hash32 })],
  invited: [7, record({ peer: hash32, since: P.U32BE, invitation: record({ id: hash32, uses: atLeastOne(P.U16BE) }) })],
})

export const observationCoder: Coder<Observation> = P.apply(rawObservationCoder, {
  encode: (raw): Observation => (raw.kind === 'invited' ? { ...raw, kind: 'add' } : raw),
  decode: (observation: Observation): RawObservation =>
    observation.kind === 'add' && observation.invitation !== undefined
      ? { ...observation, kind: 'invited', invitation: observation.invitation }
      : observation,
})

/** What an event may carry: all but the subject that accusations are counted under. */
export const carriedObservationCoder: Coder<Observation> = P.validate(observationCoder, (observation) => {
  if (observation.kind === 'expel') throw new Error('only blocks expel')
  return observation
})

const digest = createDigest('observation')

export function observationKey(observation: Observation): Hash {
  return digest(encodeWith(observationCoder, observation))
}

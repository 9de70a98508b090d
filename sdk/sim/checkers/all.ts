/** The checkers that watch every run. */
import { maliceRemoved, noFalseAccusation } from './accountability.ts'
import { agreement, chain } from './agreement.ts'
import { boundedBuffers, boundedMemory, noException, noFalseRejection } from './bounds.ts'
import { certificates } from './certificates.ts'
import type { CreateChecker } from './checker.ts'
import { durability, noForkByACorrectPeer } from './durability.ts'
import { causalOrder, integrity } from './integrity.ts'
import { inclusion, quiescence } from './liveness.ts'
import { forgetting, invitations, voterPolicy } from './membership.ts'
import { randomness } from './randomness.ts'
import { votes } from './votes.ts'

export const allCheckers: readonly CreateChecker[] = [
  noException,
  agreement,
  chain,
  certificates,
  integrity,
  causalOrder,
  durability,
  noForkByACorrectPeer,
  noFalseAccusation,
  noFalseRejection,
  maliceRemoved,
  boundedBuffers,
  boundedMemory,
  inclusion,
  quiescence,
  votes,
  forgetting,
  voterPolicy,
  invitations,
  randomness,
]

/** All adversaries by name, and how several of them share one host. */
import type { GossipMessage, Output } from '../../src/core/io.ts'
import type { Sends, Tamper } from '../process/host-port.ts'
import { accusations } from './accusations.ts'
import type { Adversary, AdversaryContext } from './adversary.ts'
import { badCoin } from './bad-coin.ts'
import { duplicateVote } from './duplicate-vote.ts'
import { falseAttestation } from './false-attestation.ts'
import { flood } from './flood.ts'
import { forkFirst, forkHidden, forkMany, forkOnce, forkPerPeer } from './fork.ts'
import { forkMembership } from './fork-membership.ts'
import { malformed } from './malformed.ts'
import { silence } from './silence.ts'
import { twins } from './twins.ts'
import { withholding } from './withholding.ts'

const makers = {
  silence,
  forkOnce,
  forkMany,
  forkFirst,
  forkHidden,
  forkPerPeer,
  forkMembership,
  twins,
  duplicateVote,
  accusations,
  withholding,
  malformed,
  falseAttestation,
  flood,
  badCoin,
} satisfies Record<string, (context: AdversaryContext) => Adversary>

export type AdversaryKind = keyof typeof makers
export const adversaryKinds = Object.keys(makers) as readonly AdversaryKind[]

/** Several adversaries on one host act one after the other. */
export function createTamper(kinds: readonly AdversaryKind[], context: AdversaryContext): Tamper {
  const parts: readonly Adversary[] = kinds.map((kind) =>
    makers[kind]({ ...context, random: context.random.stream(kind) }),
  )
  return {
    outgoing: (sends) => parts.reduce<Sends>((rest, part) => part.outgoing?.(rest) ?? rest, sends),
    incoming(from, message) {
      let current: GossipMessage | null = message
      for (const part of parts) if (current !== null && part.incoming) current = part.incoming(from, current)
      return current
    },
    after(output: Output) {
      for (const part of parts) part.after?.(output)
    },
  }
}

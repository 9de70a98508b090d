/** The rules of the binary agreement that the exploration runs: the core's own, and the core's with one taken out. */
import type { Ballot, MetaVote } from '../../src/core/meta-voting/election.ts'
import { type AgreementRules, sectionVote } from '../../src/core/meta-voting/section-vote.ts'
import { auxValueOf, MIXED, outcomeOf, withOutcome } from '../../src/core/meta-voting/stage.ts'

export interface ExploredRules {
  readonly name: string
  readonly vote: (rules: AgreementRules, ballot: Ballot<unknown>) => MetaVote
  /** Whether the genuine flip counts only auxiliary values that are strongly seen. */
  readonly asksForStrongSight: boolean
}

export const sectionRules: ExploredRules = { name: 'the section’s rules', vote: sectionVote, asksForStrongSight: true }

export const withoutStrongSight: ExploredRules = {
  ...sectionRules,
  name: 'without strong sight in the genuine flip',
  asksForStrongSight: false,
}

/** An outcome is taken at the first event that counts another's auxiliary value, be they ever so few: mixed, mostly. */
export const withoutAuxQuorum: ExploredRules = {
  ...sectionRules,
  name: 'without waiting for a supermajority of auxiliary values',
  vote(rules, ballot) {
    for (let vote = sectionVote(rules, ballot); ; vote = sectionVote(rules, { ...ballot, own: vote })) {
      const index = vote.stages.findIndex((stage) => outcomeOf(stage) === 0)
      const isCounted = ballot.others.some(({ votes }) => auxValueOf(votes?.[ballot.subject]?.stages[index] ?? 0) !== 0)
      if (vote.decision !== 0 || index === -1 || !isCounted) return vote
      const settled = withOutcome(vote.stages[index] as number, MIXED)
      vote = { ...vote, stages: vote.stages.with(index, settled) }
    }
  },
}

export const explorations: readonly { readonly rules: ExploredRules; readonly mustFail: boolean }[] = [
  { rules: sectionRules, mustFail: false },
  { rules: withoutStrongSight, mustFail: true },
  { rules: withoutAuxQuorum, mustFail: true },
]

/**
 * The section's binary agreement: MMR14 with the history kept per stage, an outcome per stage that is fixed once, and
 * a coin whose votes count only where they are strongly seen. Imports the core only.
 *
 * Departs from RFC 0049 in this; docs/decisions/0003-agreement.md says why.
 */
import type { Vertex } from '../gossip/graph.ts'
import { isSupermajority, supermajorityOf } from '../thresholds.ts'
import type { Ballot, MetaVote } from './election.ts'
import {
  absorb,
  auxValueOf,
  FALSE,
  MIXED,
  outcomeOf,
  type Stage,
  TRUE,
  tally,
  type Value,
  withOutcome,
} from './stage.ts'

export interface AgreementRules {
  /** Subjects for whom `forcedFalse` comes before `forcedTrue`: they have been absent, so false is the quick answer. */
  readonly falseFirst: (subject: number) => boolean
  /** Null while the coin is not known at x. */
  readonly coin: (x: Vertex, round: number, subject: number) => Value | null
  readonly stronglySees: (x: Vertex, auxEvent: number) => boolean
}

/** Stages of one round, and the place of its genuine flip among them. */
export const STEPS = 3
export const FLIP_POSITION = 2

type Step = 'forcedTrue' | 'forcedFalse' | 'genuineFlip'

export function stepAt(stage: number, falseFirst: boolean): Step {
  const position = stage % STEPS
  if (position === FLIP_POSITION) return 'genuineFlip'
  return (position === 0) !== falseFirst ? 'forcedTrue' : 'forcedFalse'
}

/** Evaluates one subject's agreement at `ballot.x`. */
export function sectionVote<Content>(rules: AgreementRules, ballot: Ballot<Content>): MetaVote {
  const { own, subject, others } = ballot
  if (own && own.decision !== 0) return own
  const counted: MetaVote[] = []
  for (const other of others) counted.push((other.votes as readonly MetaVote[])[subject] as MetaVote)
  const adopted = adoptedDecision(counted)
  if (adopted !== 0) return { stages: own?.stages ?? [ballot.first], auxAt: own?.auxAt ?? [-1], decision: adopted }
  const stages: Stage[] = own ? own.stages.slice() : [ballot.first]
  const auxAt: number[] = own ? own.auxAt.slice() : [-1]
  const decision = climb(rules, ballot, counted, stages, auxAt)
  if (own && decision === 0 && unchanged(own, stages)) return own
  return { stages, auxAt, decision }
}

/** Takes every stage as far as the counted votes carry it and opens those that follow; answers with the decision. */
function climb<Content>(
  rules: AgreementRules,
  ballot: Ballot<Content>,
  counted: readonly MetaVote[],
  stages: Stage[],
  auxAt: number[],
): Value {
  const { x, subject, voters } = ballot
  const lists: (readonly Stage[])[] = []
  for (const { stages: reached } of counted) lists.push(reached)
  const falseFirst = rules.falseFirst(subject)
  for (let index = 0; index < stages.length; index++) {
    let stage = absorb(stages[index] as Stage, tally(lists, index), voters)
    if (auxValueOf(stage) !== 0 && auxAt[index] === -1) auxAt[index] = x.index
    const step = stepAt(index, falseFirst)
    if (outcomeOf(stage) === 0) {
      const outcome = outcomeAt(rules, ballot, counted, stage, auxAt[index] as number, index, step)
      stage = withOutcome(stage, outcome)
    }
    stages[index] = stage
    const outcome = outcomeOf(stage)
    if (outcome === 0) return 0
    const favoured = step === 'forcedTrue' ? TRUE : step === 'forcedFalse' ? FALSE : flip(rules, ballot, index)
    if (favoured === null) return 0
    if (outcome === favoured) return favoured
    if (stages.length === index + 1) {
      stages.push(outcome === MIXED ? favoured : outcome)
      auxAt.push(-1)
    }
  }
  return 0
}

/** `v` if a supermajority of those counted carry v, MIXED if a supermajority carries a value but not the same, else 0. */
function outcomeAt<Content>(
  rules: AgreementRules,
  { x, voters }: Ballot<Content>,
  counted: readonly MetaVote[],
  own: Stage,
  ownAuxAt: number,
  index: number,
  step: Step,
): number {
  // What the coin is tossed over must be known to a supermajority first, or the coin could steer it.
  const counts = (auxEvent: number) => step !== 'genuineFlip' || rules.stronglySees(x, auxEvent)
  let carryTrue = 0
  let carryFalse = 0
  const ownAux = auxValueOf(own)
  if (ownAux !== 0 && counts(ownAuxAt)) {
    if (ownAux === TRUE) carryTrue++
    else carryFalse++
  }
  for (const vote of counted) {
    // Reading beyond an array's end is slow.
    const aux = index < vote.stages.length ? auxValueOf(vote.stages[index] as Stage) : 0
    if (aux === 0 || !counts(vote.auxAt[index] ?? -1)) continue
    if (aux === TRUE) carryTrue++
    else carryFalse++
  }
  if (!isSupermajority(carryTrue + carryFalse, voters)) return 0
  const quorum = supermajorityOf(voters)
  if (carryTrue >= quorum) return TRUE
  return carryFalse >= quorum ? FALSE : MIXED
}

function flip<Content>(rules: AgreementRules, { x, subject }: Ballot<Content>, index: number): Value | null {
  return rules.coin(x, Math.floor(index / STEPS), subject)
}

/** A decision of any counted voter, made at any stage, is everybody's. */
function adoptedDecision(counted: readonly MetaVote[]): Value {
  for (const { decision } of counted) if (decision !== 0) return decision
  return 0
}

function unchanged(own: MetaVote, stages: readonly Stage[]): boolean {
  return own.stages.length === stages.length && own.stages.every((stage, index) => stage === stages[index])
}

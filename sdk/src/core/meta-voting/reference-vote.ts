/**
 * The binary agreement as the reference implementation recorded it: stages go on changing after the next one opened,
 * a decision is adopted only at its own stage, and the coin fills estimates in a second pass. Exists to replay
 * recordings; no section runs it. Imports the core only.
 */
import { isSupermajority } from '../thresholds.ts'
import type { Ballot, MetaVote } from './election.ts'
import {
  absorb,
  auxValueOf,
  binValuesOf,
  decided,
  decisionOf,
  estimatesOf,
  FALSE,
  type Stage,
  type Tally,
  TRUE,
  tally,
  type Value,
  withEstimates,
} from './stage.ts'

type Toss = (round: number) => Value

export function referenceVote<Content>(toss: Toss, ballot: Ballot<Content>): MetaVote {
  const { own, subject, voters, first } = ballot
  const lists = ballot.others.map((other) => (other.votes as readonly MetaVote[])[subject]?.stages ?? [])
  const before = own ? own.stages : [first]
  const withVotes = pass(before, lists, voters, null)
  const stages = own ? pass(withVotes, [], voters, toss) : withVotes
  return { stages, auxAt: [], decision: decisionOf(stages.at(-1) as Stage) }
}

/** Updates every stage in order, up to the first that was decided already, then opens those that follow. */
function pass(
  before: readonly Stage[],
  others: readonly (readonly Stage[])[],
  voters: number,
  toss: Toss | null,
): Stage[] {
  const after: Stage[] = []
  for (const stage of before) {
    after.push(update(stage, others, voters, after.length, toss))
    if (decisionOf(stage) !== 0) return after
  }
  for (;;) {
    const last = after.at(-1) as Stage
    const next = decisionOf(last) === 0 ? successor(last, others, voters, after.length - 1) : null
    if (next === null) return after
    after.push(update(next, others, voters, after.length, toss))
  }
}

function update(
  stage: Stage,
  lists: readonly (readonly Stage[])[],
  voters: number,
  index: number,
  toss: Toss | null,
): Stage {
  if (decisionOf(stage) !== 0) return stage
  const others = tally(lists, index)
  const hadEstimates = estimatesOf(stage) !== 0
  const tossed = !hadEstimates && toss ? withEstimates(stage, toss(Math.floor(index / 3))) : stage
  const next = absorb(tossed, others, voters, hadEstimates)
  const decision = decisionAt(next, others, voters, index % 3)
  return decision === 0 ? next : decided(decision)
}

function decisionAt(stage: Stage, others: Tally, voters: number, step: number): Value {
  const bin = binValuesOf(stage)
  if (step === 0 && bin & TRUE && isSupermajority(auxCount(stage, others, TRUE), voters)) return TRUE
  if (step === 1 && bin & FALSE && isSupermajority(auxCount(stage, others, FALSE), voters)) return FALSE
  if (others.decisions & TRUE) return TRUE
  return others.decisions & FALSE ? FALSE : 0
}

/** The stage that follows one for which a supermajority has an auxiliary value; null while it has not. */
function successor(last: Stage, lists: readonly (readonly Stage[])[], voters: number, index: number): Stage | null {
  const others = tally(lists, index)
  const isTrue = isSupermajority(auxCount(last, others, TRUE), voters)
  const isFalse = isSupermajority(auxCount(last, others, FALSE), voters)
  if (!isSupermajority(auxCount(last, others, TRUE) + auxCount(last, others, FALSE), voters)) return null
  if (index % 3 === 0) return isFalse ? FALSE : TRUE
  if (index % 3 === 1) return isTrue ? TRUE : FALSE
  if (isTrue) return TRUE
  return isFalse ? FALSE : 0
}

function auxCount(own: Stage, others: Tally, value: Value): number {
  return (value === TRUE ? others.auxTrue : others.auxFalse) + (auxValueOf(own) === value ? 1 : 0)
}

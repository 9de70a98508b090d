/**
 * One stage of a binary agreement (Mostéfaoui–Moumen–Raynal, PODC 2014) as a small integer, and the counting that both
 * profiles share. Imports the core only.
 *
 * Bits: estimates 0–1, bin values 2–3, auxiliary value 4–5, outcome 6–7, decision 8–9; in each pair the lower bit
 * stands for true, the higher for false.
 */
import { isAtLeastOneThird, isSupermajority } from '../thresholds.ts'

export type Stage = number

export const TRUE = 1
export const FALSE = 2
/** As an outcome: both values were seen, so the coin will have its say. */
export const MIXED = 3
/** None, true or false. */
export type Value = 0 | 1 | 2

const BIN = 2
const AUX = 4
const OUT = 6
const DECISION = 8

export const estimatesOf = (stage: Stage): number => stage & 3
export const binValuesOf = (stage: Stage): number => (stage >> BIN) & 3
export const auxValueOf = (stage: Stage): Value => ((stage >> AUX) & 3) as Value
export const outcomeOf = (stage: Stage): number => (stage >> OUT) & 3
export const decisionOf = (stage: Stage): Value => ((stage >> DECISION) & 3) as Value
export const withOutcome = (stage: Stage, outcome: number): Stage => stage | (outcome << OUT)
export const withEstimates = (stage: Stage, estimates: number): Stage => stage | estimates

/** A decided stage speaks for its value in every column. */
export const decided = (value: Value): Stage => value | (value << BIN) | (value << AUX) | (value << DECISION)

export const toValue = (bit: boolean): Value => (bit ? TRUE : FALSE)

/** How many of the counted voters hold what at one stage. */
export interface Tally {
  readonly estimateTrue: number
  readonly estimateFalse: number
  readonly auxTrue: number
  readonly auxFalse: number
  /** Every value that one of them decided there. */
  readonly decisions: number
}

/** Counts stage `index` of each voter that has got so far. */
export function tally(voters: readonly (readonly Stage[])[], index: number): Tally {
  // Plain variables: this is the innermost loop, run per event, subject and voter.
  let estimateTrue = 0
  let estimateFalse = 0
  let auxTrue = 0
  let auxFalse = 0
  let decisions = 0
  for (let voter = 0; voter < voters.length; voter++) {
    const stages = voters[voter] as readonly Stage[]
    if (index >= stages.length) continue
    const stage = stages[index] as Stage
    estimateTrue += stage & 1
    estimateFalse += (stage >> 1) & 1
    auxTrue += (stage >> AUX) & 1
    auxFalse += (stage >> (AUX + 1)) & 1
    decisions |= (stage >> DECISION) & 3
  }
  return { estimateTrue, estimateFalse, auxTrue, auxFalse, decisions }
}

/**
 * Estimates, bin values and auxiliary value of the own stage, from the others' tally; each result counts at once for
 * the next. A value held by a third was held by a correct voter; one held by a supermajority will reach everybody.
 */
export function absorb(stage: Stage, others: Tally, voters: number, adopts = true): Stage {
  let next = stage
  for (const value of [TRUE, FALSE] as const) {
    const held = value === TRUE ? others.estimateTrue : others.estimateFalse
    if (adopts && isAtLeastOneThird(held, voters)) next |= value
    if (isSupermajority((next & value) !== 0 ? held + 1 : held, voters)) next |= value << BIN
  }
  if (auxValueOf(next) === 0) {
    const bin = binValuesOf(next)
    if (bin & TRUE) next |= TRUE << AUX
    else if (bin & FALSE) next |= FALSE << AUX
  }
  return next
}

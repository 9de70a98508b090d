/**
 * One stage of one binary agreement among three correct voters and a forker, as a state that can be compared.
 *
 * An event of a correct voter counts either estimates, or auxiliary values, or a decision: an event that counts several
 * comes to the same as several events of which the others see the last.
 *
 * What the adversary can: let an event count any part of what each other voter has said by then, late, again, or never;
 * say of each correct voter's auxiliary value whether it is strongly seen; in the forker's name claim any estimates to
 * any event, and to each voter one auxiliary value, another one to each. That is more than real graphs allow, where
 * tips do not go back and sight follows from ancestry: what holds here holds there.
 * What it cannot: make a voter that has seen one side of the fork a witness to the other, or claim an auxiliary value
 * or a decision that no ancestry of the forker's makes.
 */
import { auxValueOf, estimatesOf, type Value } from '../../src/core/meta-voting/stage.ts'

export const correctVoters = [0, 1, 2] as const
export type CorrectVoter = (typeof correctVoters)[number]
export const forker = 3
export const voterCount = 4

export interface VoterState {
  readonly stage: number
  readonly decision: Value
  /** The estimate that the next stage opens with; 0 until then. */
  readonly next: Value
  /** Which of the forker's auxiliary values is among the ancestors of its last event; 0: neither. */
  readonly side: Value
}

export type StageState = readonly [VoterState, VoterState, VoterState]

/** How a voter enters the stage: with an estimate, or having decided before. */
export interface Entry {
  readonly estimate: Value
  readonly decision: Value
}

export type Entries = readonly [Entry, Entry, Entry]

export function entered(entries: Entries): StageState {
  return entries.map(({ estimate, decision }) => ({
    ...{ stage: estimate, decision, next: 0, side: 0 },
  })) as unknown as StageState
}

export const estimatesIn = ({ stage }: VoterState): number => estimatesOf(stage)
export const auxIn = ({ stage }: VoterState): Value => auxValueOf(stage)

const voterKey = ({ stage, decision, next, side }: VoterState): number =>
  stage | (decision << 10) | (next << 12) | (side << 14)

/** The same for states that differ only in which voter is which. */
export function keyOf([a, b, c]: StageState): number {
  const [low, middle, high] = [voterKey(a), voterKey(b), voterKey(c)].sort((x, y) => x - y) as [number, number, number]
  return (high * 65536 + middle) * 65536 + low
}

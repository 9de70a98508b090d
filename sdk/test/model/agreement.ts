/**
 * Reference model: one voter's part in one binary agreement ("is S's content in?"), as a function of the state it had at
 * its self-parent and the states of the other voters that it counts. Imports the model only.
 */
import type { GossipEvent } from '../../src/core/gossip/event.ts'
import { isAtLeastOneThird, isSupermajority } from './ancestry.ts'

export type Step = 'forcedTrue' | 'forcedFalse' | 'genuineFlip'
export type Outcome = boolean | 'coin'

export interface Stage {
  readonly estimates: Set<boolean>
  readonly binValues: Set<boolean>
  /** The first bin value and the event at which it was first set. */
  auxValue: boolean | null
  auxEvent: GossipEvent | null
  /** What the auxiliary values said when there were enough of them for the first time. */
  out: Outcome | null
}

/** The history of one voter's stages, and its decision. */
export interface MetaVote {
  readonly stages: Stage[]
  decision: boolean | null
}

export const stepsOf = (biased: boolean): readonly [Step, Step, Step] =>
  biased ? ['forcedFalse', 'forcedTrue', 'genuineFlip'] : ['forcedTrue', 'forcedFalse', 'genuineFlip']

export interface Circumstances {
  /** The event whose state is computed. */
  readonly at: GossipEvent
  readonly voters: number
  /** Which step comes first. */
  readonly biased: boolean
  /** The states of the other voters at their tips, as far as they have one. */
  readonly others: readonly MetaVote[]
  readonly coin: (round: number) => boolean | null
  readonly stronglySees: (event: GossipEvent) => boolean
}

function newStage(estimate: boolean): Stage {
  return { estimates: new Set([estimate]), binValues: new Set(), auxValue: null, auxEvent: null, out: null }
}

export const firstVote = (estimate: boolean): MetaVote => ({ stages: [newStage(estimate)], decision: null })

const copy = (vote: MetaVote): MetaVote => ({
  stages: vote.stages.map((s) => ({ ...s, estimates: new Set(s.estimates), binValues: new Set(s.binValues) })),
  decision: vote.decision,
})

/** The state after looking at the others once; `before` is the state at the self-parent, or a first vote. */
export function nextVote(before: MetaVote, here: Circumstances): MetaVote {
  const own = copy(before)
  if (own.decision !== null) return own
  for (const other of here.others) if (other.decision !== null) return { ...own, decision: other.decision }
  for (let index = 0; ; index++) {
    const stage = own.stages[index] as Stage
    const step = stepsOf(here.biased)[index % 3] as Step
    const counted = [stage, ...here.others.flatMap((other) => other.stages[index] ?? [])]
    updateValues(stage, counted, here)
    if (stage.out === null) stage.out = outcome(step, counted, here)
    if (stage.out === null) return own
    const round = Math.floor(index / 3)
    const next = conclude(step, stage.out, () => here.coin(round))
    if (next.decision !== null) own.decision = next.decision
    if (next.decision !== null || next.estimate === null) return own
    own.stages[index + 1] ??= newStage(next.estimate)
  }
}

function updateValues(stage: Stage, counted: readonly Stage[], { at, voters }: Circumstances): void {
  for (const value of [true, false])
    if (isAtLeastOneThird(counted.filter((other) => other.estimates.has(value)).length, voters))
      stage.estimates.add(value)
  for (const value of [true, false])
    if (isSupermajority(counted.filter((other) => other.estimates.has(value)).length, voters))
      stage.binValues.add(value)
  if (stage.auxValue === null && stage.binValues.size > 0) {
    stage.auxValue = stage.binValues.has(true)
    stage.auxEvent = at
  }
}

function outcome(step: Step, counted: readonly Stage[], { voters, stronglySees }: Circumstances): Outcome | null {
  const ready = counted.filter(
    ({ auxEvent }) => auxEvent !== null && (step !== 'genuineFlip' || stronglySees(auxEvent)),
  )
  if (!isSupermajority(ready.length, voters)) return null
  for (const value of [true, false])
    if (isSupermajority(ready.filter(({ auxValue }) => auxValue === value).length, voters)) return value
  return 'coin'
}

/** A decision ends the agreement; no next estimate means that the coin is not known yet. */
function conclude(
  step: Step,
  out: Outcome,
  coin: () => boolean | null,
): { decision: boolean | null; estimate: boolean | null } {
  if (step === 'forcedTrue') return { decision: out === true ? true : null, estimate: out !== false }
  if (step === 'forcedFalse') return { decision: out === false ? false : null, estimate: out === true }
  const flipped = coin()
  if (flipped === null) return { decision: null, estimate: null }
  return { decision: out === flipped ? flipped : null, estimate: out === 'coin' ? flipped : out }
}

/**
 * Every state that one stage can come to from its start, and what can still come of each. What the exploration looks for:
 *
 * - split: two correct voters with opposite outcomes, or opposite decisions;
 * - unfounded: all enter with one value, and another one comes out;
 * - steerable (genuine flip): a correct voter's outcome is fixed, so that its share may be out and the coin known, and
 *   still either value can become the outcome of a correct voter.
 */

import { FLIP_POSITION } from '../../src/core/meta-voting/section-vote.ts'
import { FALSE, MIXED, outcomeOf, TRUE, type Value } from '../../src/core/meta-voting/stage.ts'
import type { Move, Moves, StageKind } from './moves.ts'
import { type Entries, entered, keyOf, type StageState } from './state.ts'

export interface Fault {
  readonly kind: 'split' | 'unfounded' | 'steerable'
  /** From the stage's start, one event each. */
  readonly steps: readonly string[]
}

export interface Explored {
  readonly states: number
  readonly moves: number
  /** Of each kind the one found by the fewest events. */
  readonly faults: readonly Fault[]
  /** How the three voters can leave the stage, once all of them have. */
  readonly exits: readonly (readonly [Exit, Exit, Exit])[]
  /** Whether the bound on states was hit: then nothing is proven. */
  readonly isCut: boolean
}

export interface ExploreLimits {
  readonly statesMax: number
  /** With the first fault of this kind there is no need to look on. */
  readonly until?: Fault['kind']
}

/** Decided, or with an outcome; in the forced stages also with the estimate that follows. */
export interface Exit {
  readonly decision: Value
  readonly outcome: number
  readonly next: Value
}

export function exploreStage(kind: StageKind, moves: Moves, entries: Entries, limits: ExploreLimits): Explored {
  const winnable = new Map<number, number>()
  const exits = new Map<string, readonly [Exit, Exit, Exit]>()
  const faults = new Map<Fault['kind'], Fault>()
  const path: Move[] = []
  const start = entered(entries)
  const common = entries.every(({ estimate }) => estimate === entries[0].estimate) ? entries[0].estimate : 0
  let moveCount = 0
  let isCut = false

  function report(found: Fault['kind']): void {
    const known = faults.get(found)
    if (known && known.steps.length <= path.length) return
    faults.set(found, { kind: found, steps: path.map(describe) })
  }

  function inspect(state: StageState): number {
    let won = 0
    let decided = 0
    for (const voter of state) {
      if (outcomeOf(voter.stage) !== MIXED) won |= outcomeOf(voter.stage)
      decided |= voter.decision
      if (common !== 0 && outcomeOf(voter.stage) !== 0 && outcomeOf(voter.stage) !== common) report('unfounded')
    }
    if (won === 3 || decided === 3) report('split')
    if (state.every((voter) => voter.decision !== 0 || outcomeOf(voter.stage) !== 0)) {
      const left = state.map(({ decision, stage, next }) => ({ decision, outcome: outcomeOf(stage), next }))
      const exit = left.sort((a, b) => rank(a) - rank(b)) as unknown as readonly [Exit, Exit, Exit]
      exits.set(exit.map(rank).join(), exit)
    }
    return won
  }

  /** The values, as bits, that some correct voter's outcome can still come to. */
  function visit(state: StageState): number {
    const key = keyOf(state)
    const known = winnable.get(key)
    if (known !== undefined) return known
    if (winnable.size >= limits.statesMax) {
      isCut = true
      return 0
    }
    let values = inspect(state)
    winnable.set(key, values)
    for (const move of moves.from(state)) {
      if (limits.until !== undefined && faults.has(limits.until)) return values
      moveCount++
      path.push(move)
      values |= visit(move.to)
      path.pop()
    }
    winnable.set(key, values)
    if (
      kind.position === FLIP_POSITION &&
      values === (TRUE | FALSE) &&
      state.some(({ stage }) => outcomeOf(stage) !== 0)
    )
      report('steerable')
    return values
  }

  visit(start)
  return { states: winnable.size, moves: moveCount, faults: [...faults.values()], exits: [...exits.values()], isCut }
}

const rank = ({ decision, outcome, next }: Exit) => decision | (outcome << 2) | (next << 4)

const valueName = (value: number) => ['–', 'true', 'false', 'both'][value] as string
const outcomeName = (outcome: number) => (outcome === MIXED ? 'mixed' : valueName(outcome))

const letters = 'ABCD'

function describe({ voter, counted, to }: Move): string {
  const { stage, decision } = to[voter]
  const heard = [...letters].flatMap((letter, at) => {
    const [estimates, aux] = [counted.estimates[at] as number, counted.aux[at] as number]
    if (estimates !== 0) return `${letter}’s estimates ${valueName(estimates)}`
    return aux === 0 ? [] : `${letter}’s aux ${valueName(aux)}`
  })
  if (counted.decision !== 0) heard.push(`a decision ${valueName(counted.decision)}`)
  const now = `estimates ${valueName(stage & 3)}, aux ${valueName((stage >> 4) & 3)}, outcome ${outcomeName(outcomeOf(stage))}`
  const decides = decision === 0 ? '' : `, decides ${valueName(decision)}`
  return `${letters[voter]} counts ${heard.join(', ') || 'itself'}: ${now}${decides}`
}

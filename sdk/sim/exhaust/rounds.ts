/**
 * All rounds of one binary agreement, put together from explored stages: whatever way three voters can leave a stage is
 * a way to enter the next one, and the adversary picks the coin. There are finitely many ways to enter, so that the
 * search ends, and what it did not find happens in no round.
 *
 * A voter that is behind enters late, which within a stage is any schedule in which it says nothing for long.
 */
import { FLIP_POSITION, STEPS } from '../../src/core/meta-voting/section-vote.ts'
import { FALSE, TRUE, type Value } from '../../src/core/meta-voting/stage.ts'
import { type Exit, exploreStage, type Fault } from './explore.ts'
import { createMoves, type StageKind } from './moves.ts'
import type { ExploredRules } from './rules.ts'
import type { Entries, Entry } from './state.ts'

export interface FoundFault extends Fault {
  readonly position: number
  readonly falseFirst: boolean
  readonly entries: Entries
}

export interface ExploredRounds {
  readonly rules: string
  /** Ways to enter a stage, up to the voters' names. */
  readonly stages: number
  readonly states: number
  readonly events: number
  readonly faults: readonly FoundFault[]
  readonly isCut: boolean
}

export interface RoundsOptions {
  readonly rules: ExploredRules
  readonly falseFirst: boolean
  /** Ends an exploration that this is not enough for; what was cut proves nothing. */
  readonly statesMax: number
}

interface Open {
  readonly position: number
  readonly entries: Entries
}

const enteringWith = (estimate: Value): Entry => ({ estimate, decision: 0 })
const rank = ({ estimate, decision }: Entry) => estimate | (decision << 2)
const sorted = (entries: readonly Entry[]) => [...entries].sort((a, b) => rank(a) - rank(b)) as unknown as Entries

export function exploreRounds({ rules, falseFirst, statesMax }: RoundsOptions): ExploredRounds {
  const moves = Array.from({ length: STEPS }, (_, position) => createMoves({ position, falseFirst, rules }))
  const begun = new Set<string>()
  const open: Open[] = []
  const faults: FoundFault[] = []
  let states = 0
  let events = 0
  let isCut = false

  function enter(position: number, entries: Entries): void {
    const name = `${position} ${entries.map(rank)}`
    if (begun.has(name) || entries.every(({ decision }) => decision !== 0)) return
    begun.add(name)
    open.push({ position, entries })
  }

  function leave(position: number, exits: readonly Exit[]): void {
    const coins: readonly Value[] = position === FLIP_POSITION ? [TRUE, FALSE] : [0]
    for (const coin of coins) {
      const entries = exits.map(({ decision, outcome, next }): Entry => {
        if (decision !== 0) return { estimate: 0, decision }
        return coin === 0 ? enteringWith(next) : (moves[position] as (typeof moves)[number]).afterFlip(outcome, coin)
      })
      enter((position + 1) % STEPS, sorted(entries))
    }
  }

  for (const trues of [0, 1, 2, 3]) {
    enter(0, sorted([0, 1, 2].map((voter) => enteringWith(voter < trues ? TRUE : FALSE))))
  }
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { position, entries } = next
    const kind: StageKind = { position, falseFirst, rules }
    const found = exploreStage(kind, moves[position] as (typeof moves)[number], entries, { statesMax })
    states += found.states
    events += found.moves
    isCut ||= found.isCut
    faults.push(...found.faults.map((fault) => ({ ...fault, position, falseFirst, entries })))
    for (const exits of found.exits) leave(position, exits)
  }
  return { rules: rules.name, stages: begun.size, states, events, faults, isCut }
}

/** Every event that a correct voter can create in a state, evaluated by the rules under exploration. */
import type { Vertex } from '../../src/core/gossip/graph.ts'
import type { MetaEvent, MetaVote } from '../../src/core/meta-voting/election.ts'
import { FLIP_POSITION } from '../../src/core/meta-voting/section-vote.ts'
import { auxValueOf, estimatesOf, FALSE, MIXED, TRUE, type Value } from '../../src/core/meta-voting/stage.ts'
import { isSupermajority } from '../../src/core/thresholds.ts'
import type { ExploredRules } from './rules.ts'
import {
  auxIn,
  type CorrectVoter,
  correctVoters,
  estimatesIn,
  forker,
  type StageState,
  type VoterState,
  voterCount,
} from './state.ts'

export interface StageKind {
  /** 0, 1, 2: the place of the stage in its round. */
  readonly position: number
  readonly falseFirst: boolean
  readonly rules: ExploredRules
}

/** What an event counts of each other voter, by its number. */
export interface Counted {
  readonly estimates: readonly [number, number, number, number]
  readonly aux: readonly [Value, Value, Value, Value]
  readonly decision: Value
  /** Voters, as bits, whose auxiliary value is strongly seen. */
  readonly sight: number
  /** The side of the fork that the event descends from. */
  readonly side: Value
}

export interface Move {
  readonly voter: CorrectVoter
  readonly counted: Counted
  readonly to: StageState
}

export interface Moves {
  from(state: StageState): readonly Move[]
  /** How a voter leaves the flip with this outcome once the coin is known. */
  afterFlip(outcome: number, coin: Value): { readonly decision: Value; readonly estimate: Value }
}

/** A stage that is behind: everything was seen there, and its outcome let everybody pass. */
const passedStage = 3 | (3 << 2) | (TRUE << 4) | (MIXED << 6)
const nothing = [0, 0, 0, 0] as const
const subsets = (values: number): readonly number[] => [0, TRUE, FALSE, 3].filter((some) => (some & values) === some)

export function createMoves({ position, falseFirst, rules }: StageKind): Moves {
  const isFlip = position === FLIP_POSITION
  const before = Array.from({ length: position }, () => passedStage)
  const evaluated = new Map<string, VoterState>()

  const metaVote = (stage: number, creator: number, decision: Value): MetaVote => ({
    stages: [...before, stage],
    // Of each voter one event at most fixed its auxiliary value: its creator's number names it.
    auxAt: [...before.map(() => creator), auxValueOf(stage) === 0 ? -1 : creator],
    decision,
  })

  function vote(creator: number, own: MetaVote, others: readonly MetaVote[], coin: Value | null, sight: number) {
    const agreement = {
      falseFirst: () => falseFirst,
      coin: () => coin,
      stronglySees: (_x: Vertex, aux: number) => !rules.asksForStrongSight || ((sight >> aux) & 1) === 1,
    }
    const x = { index: creator } as Vertex
    const metaEvents = others.map((other) => ({ votes: [other] }) as unknown as MetaEvent<unknown>)
    return rules.vote(agreement, { x, subject: 0, own, first: FALSE, others: metaEvents, voters: voterCount })
  }

  function evaluate(voter: CorrectVoter, own: VoterState, counted: Counted): VoterState {
    const { estimates, aux, decision, sight, side } = counted
    const key = `${voter} ${own.stage} ${own.next} ${estimates} ${aux} ${decision} ${sight} ${side}`
    const known = evaluated.get(key)
    if (known) return known
    const others = [...correctVoters, forker].flatMap((other) => {
      const stage = (estimates[other] as number) | ((aux[other] as number) << 4)
      return stage === 0 ? [] : [metaVote(stage, other, 0)]
    })
    if (decision !== 0) others.push(metaVote(0, forker, decision))
    const made = vote(voter, metaVote(own.stage, voter, 0), others, null, sight)
    const opened = made.stages[position + 1]
    const next = own.next || ((opened === undefined ? 0 : estimatesOf(opened)) as Value)
    const result = { stage: made.stages[position] as number, decision: made.decision, next, side }
    evaluated.set(key, result)
    return result
  }

  /** Estimates of the others, any of those that each holds, and any of the forker's. */
  function* estimatesCounted(state: StageState, voter: CorrectVoter): Generator<Counted> {
    const [one, two] = correctVoters.filter((other) => other !== voter) as [CorrectVoter, CorrectVoter]
    for (const first of subsets(estimatesIn(state[one]))) {
      for (const second of subsets(estimatesIn(state[two]))) {
        for (const claimed of subsets(3)) {
          const estimates: [number, number, number, number] = [0, 0, 0, claimed]
          estimates[one] = first
          estimates[two] = second
          yield { estimates, aux: nothing, decision: 0, sight: 0, side: state[voter].side }
        }
      }
    }
  }

  /** Auxiliary values of the others, of this voter where that counts, and of one side of the fork. */
  function* auxCounted(state: StageState, voter: CorrectVoter): Generator<Counted> {
    const own = state[voter]
    const withAux = correctVoters.filter((other) => auxIn(state[other]) !== 0)
    const sides = own.side === 0 ? [0, ...claimableIn(state)] : [own.side]
    for (let sight = 0; sight < 1 << correctVoters.length; sight++) {
      const seen = correctVoters.filter((other) => (sight >> other) & 1)
      if (!seen.every((other) => withAux.includes(other))) continue
      const aux: [Value, Value, Value, Value] = [0, 0, 0, 0]
      for (const other of seen) if (other !== voter) aux[other] = auxIn(state[other])
      for (const side of sides as readonly Value[]) {
        // In the forced stages nothing binds a voter to one side: it may count the other next time.
        yield { estimates: nothing, aux, decision: 0, sight, side: isFlip ? side : 0 }
        if (side === 0 || !isForkerSeen(state, voter, side)) continue
        const withForker: [Value, Value, Value, Value] = [aux[0], aux[1], aux[2], side]
        yield {
          estimates: nothing,
          aux: withForker,
          decision: 0,
          sight: sight | (1 << forker),
          side: isFlip ? side : 0,
        }
      }
    }
  }

  /** More than two thirds between: the forker itself, this event, and other voters that have seen the same side. */
  function isForkerSeen(state: StageState, voter: CorrectVoter, side: Value): boolean {
    if (!isFlip || !rules.asksForStrongSight) return true
    const others = correctVoters.filter((other) => other !== voter && state[other].side === side)
    return isSupermajority(2 + others.length, voterCount)
  }

  function* decisionsCounted(state: StageState, voter: CorrectVoter): Generator<Counted> {
    for (const { decision } of state) {
      if (decision !== 0) yield { estimates: nothing, aux: nothing, decision, sight: 0, side: state[voter].side }
    }
  }

  function movesOf(state: StageState, voter: CorrectVoter): readonly Move[] {
    const own = state[voter]
    if (own.decision !== 0) return []
    const found = new Map<number, Move>()
    for (const events of [estimatesCounted, auxCounted, decisionsCounted]) {
      for (const counted of events(state, voter)) {
        const { stage, decision, next, side } = evaluate(voter, own, counted)
        if (stage === own.stage && decision === own.decision && side === own.side) continue
        const name = stage | (decision << 10) | (side << 12)
        if (found.has(name)) continue
        const to = state.with(voter, { stage, decision, next, side }) as unknown as StageState
        found.set(name, { voter, counted, to })
      }
    }
    return [...found.values()]
  }

  return {
    from: (state) => correctVoters.flatMap((voter) => movesOf(state, voter)),
    afterFlip(outcome, coin) {
      const own = metaVote((passedStage & ~(3 << 6)) | (outcome << 6), 0, 0)
      const { decision, stages } = vote(0, own, [], coin, -1)
      return { decision, estimate: (decision === 0 ? estimatesOf(stages[position + 1] as number) : 0) as Value }
    },
  }
}

/** Auxiliary values that the forker can have: with itself a supermajority holds the estimate, so two correct voters do. */
function claimableIn(state: StageState): readonly Value[] {
  return ([TRUE, FALSE] as const).filter((value) => {
    const holding = state.filter((voter) => (estimatesIn(voter) & value) !== 0).length
    return isSupermajority(holding + 1, voterCount)
  })
}

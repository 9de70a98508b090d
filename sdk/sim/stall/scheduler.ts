/**
 * A scheduler that keeps agreements open for as long as it knows each coin before it has to commit itself. It reads
 * everything, the voters' estimates included, and decides who hears of what, and when; everything arrives in the end. f
 * of the voters are its own: they say what they are told to and fork at the worst moments, just before a flip, which
 * shows each half another value of theirs.
 *
 * In the forced stages it is known what is favoured. In the flip it is the coin: known in advance, the scheduler plays on
 * for ever; unknown, it has to choose before the toss, and each agreement is lost with every other toss. It keeps as many
 * of them split as can be: those of f subjects, all the same way, as more would not be missed by a quorum.
 */
import { FLIP_POSITION, STEPS, stepAt } from '../../src/core/meta-voting/section-vote.ts'
import { estimatesOf, FALSE, outcomeOf, TRUE, toValue, type Value } from '../../src/core/meta-voting/stage.ts'
import type { Random } from '../random.ts'
import { openElection, playStage } from './script.ts'
import type { StallWorld } from './world.ts'

export interface StallOptions {
  readonly roundsMax: number
  /** Voters that fork, at most f of all. */
  readonly traitors: number
  /** Agreements kept split, at most f of all. */
  readonly subjects: number
  readonly needsShares: boolean
  readonly random: Random
}

export interface Stalled {
  /** Rounds whose coin had to be tossed. */
  readonly rounds: number
  readonly events: number
  readonly forks: number
  /** Whether it ended because the scheduler ran out of rounds. */
  readonly isOpen: boolean
}

/** The stage before the flip. */
const FORK_POSITION = FLIP_POSITION - 1
const quietMax = 200
/** The round of the first fork, at most. */
const forkRoundMax = 3

export function stall(world: StallWorld, options: StallOptions): Stalled {
  const { roundsMax, subjects: count, needsShares, random } = options
  for (let left = quietMax; !world.isQuiet; left--) {
    if (left === 0) throw new Error('the section does not come to rest')
    world.exchange(world.voters)
  }
  const election = world.decided(0)
  const order = random.shuffled(world.voters)
  const subjects = order.slice(0, count)
  const traitors = random.shuffled(world.voters).slice(0, options.traitors)
  openElection(world, subjects, order.slice(0, Math.ceil(order.length / 2)))
  const forked = new Set<number>()
  const firstFork = random.int(0, forkRoundMax)
  for (let stage = 0; ; stage++) {
    const round = Math.floor(stage / STEPS)
    if (round >= roundsMax) return { rounds: round, events: world.events, forks: forked.size, isOpen: true }
    const split = splitAt(world, { election, stage, subjects, random, order: order.filter((one) => !forked.has(one)) })
    if (split === null) break
    const isTime = stage % STEPS === FORK_POSITION && round >= firstFork
    const forking = (isTime && traitors.find((one) => split.forW.includes(one))) || null
    const isFlip = stage % STEPS === FLIP_POSITION
    if (!playStage(world, { ...split, forking, isFlip, needsShares })) break
    if (forking !== null) forked.add(forking)
  }
  conclude(
    world,
    election,
    world.voters.filter((voter) => !traitors.includes(voter)),
  )
  return { rounds: flipsOf(world, election), events: world.events, forks: forked.size, isOpen: false }
}

interface Look {
  readonly election: number
  readonly stage: number
  readonly subjects: readonly number[]
  /** Voters that count. */
  readonly order: readonly number[]
  readonly random: Random
}

/** A subject about which all that count are of two minds, and who takes which side of what is not favoured. */
function splitAt(world: StallWorld, { election, stage, subjects, order, random }: Look) {
  for (const subject of subjects) {
    const favoured = favouredAt(world, stage, subject, random)
    const holding = (value: Value) =>
      order.filter((voter) => {
        const vote = world.vote(election, voter, subject)
        return vote !== null && vote.decision === 0 && estimatesOf(vote.stages[stage] ?? 0) === value
      })
    const forW = holding(favoured === TRUE ? FALSE : TRUE)
    const against = holding(favoured)
    const isSplit = forW.length > 0 && against.length > 0 && forW.length + against.length === order.length
    if (isSplit) return { forW, against }
  }
  return null
}

/** In the flip, the coin where it can be known, else a guess. */
function favouredAt(world: StallWorld, stage: number, subject: number, random: Random): Value {
  const step = stepAt(stage, false)
  if (step !== 'genuineFlip') return step === 'forcedTrue' ? TRUE : FALSE
  const round = Math.floor(stage / STEPS)
  return toValue(world.foreseen(round, subject) ?? random.stream(`guess ${round}`).chance(0.5))
}

/** Everything arrives in the end; the traitors fall silent. */
function conclude(world: StallWorld, election: number, correct: readonly number[]): void {
  for (let left = quietMax; left > 0; left--) {
    if (correct.every((voter) => world.decided(voter) > election)) return
    world.exchange(correct)
  }
  throw new Error('the election does not end though everything arrives')
}

/** Tosses that the agreement that took longest came to. */
function flipsOf(world: StallWorld, election: number): number {
  let most = 0
  for (const { votes } of world.election(election).metaEvents.values()) {
    for (const { stages } of votes ?? []) {
      const flips = stages.filter((stage, index) => index % STEPS === FLIP_POSITION && outcomeOf(stage) !== 0).length
      most = Math.max(most, flips)
    }
  }
  return most
}

/**
 * A scheduler that keeps one agreement open for as long as it knows each coin before it has to commit itself. No voter
 * misbehaves. It reads everything, the voters' estimates included, and decides who hears of what, and when; everything
 * arrives in the end.
 *
 * Each stage begins with two voters for a value and two against. It lets three fix one auxiliary value, w, and the fourth
 * the other; two voters are shown the three, and come out with w, two a mixture, and come out mixed. With w against what
 * the stage favours nobody decides, those that are mixed take the favoured value, and two again stand against two. In
 * the forced stages what is favoured is known. In the flip it is the coin: known in advance, the scheduler plays on for
 * ever; unknown, w has to be chosen before it is tossed, and every other time that is wrong.
 */
import { isDescendantOf, type Vertex } from '../../src/core/gossip/graph.ts'
import { STEPS, stepAt } from '../../src/core/meta-voting/section-vote.ts'
import { estimatesOf, FALSE, TRUE, toValue, type Value } from '../../src/core/meta-voting/stage.ts'
import { type StallWorld, voters } from './world.ts'

/** The roles in a stage: P and Q hold w, R and S the other value. */
type Role = 'P' | 'Q' | 'R' | 'S'
type Cast = Readonly<Record<Role, number>>
/** An event and what it merges; X0 is X's last event before the stage. */
type Script = readonly (readonly [string, ...string[]])[]

/** P, R and S fix the auxiliary value w, Q the other. */
const auxScript: Script = [
  ['R1', 'P0', 'Q0'],
  ['P1', 'R1'],
  ['S1', 'R1'],
  ['Q1', 'R0', 'S0'],
]
/** R and P are shown three times w, S and Q a mixture. */
const forcedScript: Script = [
  ['R2', 'P1', 'S1'],
  ['P2', 'S1'],
  ['S2', 'Q1'],
  ['Q2', 'R1', 'P1'],
]
/** The same where auxiliary values count that are strongly seen: Q and S come out mixed before P's can be. */
const flipScript: Script = [
  ['R2', 'Q1', 'S1'],
  ['S2', 'R2'],
  ['Q2', 'R2'],
  ['Q3', 'S2'],
  ['S3', 'Q2'],
  ['S4', 'P1'],
  ['R3', 'S4'],
  ['P2', 'R3'],
]
/** For voters to which the coin was not known yet: one other share. */
const shareScript: Script = [
  ['Q4', 'S3'],
  ['S5', 'Q3'],
]

/** The voter whose content two voters see in time and two do not. */
const subject = 0

export interface Stalled {
  /** Rounds that were played through without a decision. */
  readonly rounds: number
  readonly events: number
  /** Whether it ended because the scheduler ran out of rounds. */
  readonly isOpen: boolean
}

export function stall(world: StallWorld, roundsMax: number): Stalled {
  for (let left = 100; !world.isCoinReady && left > 0; left--) world.exchange()
  while (new Set(voters.map(world.decided)).size > 1) world.exchange()
  const election = world.decided(0)
  open(world)
  const opened = new Map<number, Vertex>(voters.map((voter) => [voter, world.last(voter) as Vertex]))
  for (let stage = 0; ; stage++) {
    const rounds = Math.floor(stage / STEPS)
    if (rounds >= roundsMax) return { rounds, events: world.events, isOpen: true }
    const favoured = favouredAt(world, stage)
    const w = favoured === TRUE ? FALSE : TRUE
    const cast = castFor(world, { election, stage, w, opened })
    if (cast === null) {
      conclude(world, election)
      return { rounds: rounds + (stage % STEPS === 0 ? 0 : 1), events: world.events, isOpen: false }
    }
    play(world, cast, { election, stage, opened })
  }
}

/** A's content is seen in time by A and D, not by B and C: two against two. */
function open(world: StallWorld): void {
  const [a, b, c, d] = voters
  const [a0, b0, c0, d0] = voters.map((voter) => world.create(voter, [], 1)) as [Vertex, Vertex, Vertex, Vertex]
  world.create(a, [b0, c0, d0])
  const b1 = world.create(b, [c0, d0])
  const c1 = world.create(c, [b0, d0])
  const d1 = world.create(d, [b0, c0])
  world.create(b, [c1, d1])
  world.create(c, [b1, d1])
  const d2 = world.create(d, [world.create(b, [a0])])
  world.create(a, [d2])
}

/** In the flip, the coin where it can be known, else a guess. */
function favouredAt(world: StallWorld, stage: number): Value {
  const step = stepAt(stage, false)
  if (step !== 'genuineFlip') return step === 'forcedTrue' ? TRUE : FALSE
  return toValue(world.known(Math.floor(stage / STEPS), subject) ?? false)
}

interface Scene {
  readonly election: number
  readonly stage: number
  /** The event with which each voter opened the stage. */
  readonly opened: Map<number, Vertex>
}

function estimateOf(world: StallWorld, { election, stage }: Scene, voter: number): number {
  const vote = world.vote(election, voter, subject)
  return vote === null || vote.decision !== 0 ? 0 : estimatesOf(vote.stages[stage] ?? 0)
}

/** Two for w and two against, one of those unknown to one of each side; null where it is not so. */
function castFor(world: StallWorld, scene: Scene & { readonly w: Value }): Cast | null {
  const { w, opened } = scene
  const holding = (value: number) => voters.filter((voter) => estimateOf(world, scene, voter) === value)
  const [withW, against] = [holding(w), holding(TRUE + FALSE - w)]
  if (withW.length !== 2 || against.length !== 2) return null
  for (const [P, Q] of [withW, withW.toReversed()] as [number, number][]) {
    for (const [R, S] of [against, against.toReversed()] as [number, number][]) {
      const begun = opened.get(S) as Vertex
      const isUnknown = [P, R].every((voter) => !isDescendantOf(world.last(voter) as Vertex, begun))
      if (isUnknown) return { P, Q, R, S }
    }
  }
  return null
}

function play(world: StallWorld, cast: Cast, scene: Scene): void {
  const { stage, opened } = scene
  const events = new Map((Object.keys(cast) as Role[]).map((role) => [`${role}0`, world.last(cast[role]) as Vertex]))
  const isOpen = (voter: number) => estimateOf(world, { ...scene, stage: stage + 1 }, voter) !== 0
  const act = ([name, ...parents]: Script[number]) => {
    const voter = cast[name[0] as Role]
    const wasOpen = isOpen(voter)
    const vertex = world.create(
      voter,
      parents.map((parent) => events.get(parent) as Vertex),
    )
    events.set(name, vertex)
    if (!wasOpen && isOpen(voter)) opened.set(voter, vertex)
  }
  const isFlip = stepAt(stage, false) === 'genuineFlip'
  for (const step of [...auxScript, ...(isFlip ? flipScript : forcedScript)]) act(step)
  if (isFlip) for (const step of shareScript) if (!isOpen(cast[step[0][0] as Role])) act(step)
}

/** Everything arrives in the end. */
function conclude(world: StallWorld, election: number): void {
  for (let left = 100; left > 0; left--) {
    if (voters.every((voter) => world.decided(voter) > election)) return
    world.exchange()
  }
  throw new Error('the election does not end though everything arrives')
}

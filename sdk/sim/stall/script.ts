/**
 * How a scheduler keeps a binary agreement split through one stage. It is the same for every agreement that is split the
 * same way, so that several are kept open with the same events.
 *
 * The stage begins with some voters for a value w and the others against, at least a third on each side, and nobody knows
 * how anybody else begins. The scheduler has all but n − q voters fix w as their auxiliary value, and those few the other
 * value. Half of the voters are then shown all who fixed w, a quorum, and come out with w; the other half is shown a
 * quorum with those few in it, and comes out mixed. With w against what the stage favours nobody decides, the mixed take
 * the favoured value, and halves stand against each other again.
 *
 * A traitor that forks is one of the few to one half and one of the many to the other. Whoever merges the halves in the
 * next stage knows the fork, and the traitor counts no more.
 */
import type { Vertex } from '../../src/core/gossip/graph.ts'
import { supermajorityOf } from '../../src/core/thresholds.ts'
import type { StallWorld } from './world.ts'

export interface Scene {
  /** Voters that count, by their estimates. */
  readonly forW: readonly number[]
  readonly against: readonly number[]
  /** One of `forW`, in a forced stage; null: nobody forks. */
  readonly forking: number | null
  readonly isFlip: boolean
  /** Whether a flip's outcome needs shares before anything follows from it. */
  readonly needsShares: boolean
}

interface Halves {
  /** To come out with w. */
  readonly sure: readonly number[]
  readonly mixed: readonly number[]
}

interface AuxEvents {
  /** By voter, where it fixed w; of a forker on its first branch. */
  readonly forW: ReadonlyMap<number, Vertex>
  /** By voter, where it fixed the other value; of a forker on its second branch. */
  readonly against: ReadonlyMap<number, Vertex>
  /** The voter whose event is among the ancestors of all others that fixed w. */
  readonly first: number
}

/** False, and nothing happens, where so few count that everybody has to be shown the same. */
export function playStage(world: StallWorld, scene: Scene): boolean {
  const { forW, against, forking, isFlip } = scene
  const quorum = supermajorityOf(world.voters.length)
  const few = forW.length + against.length - quorum
  const third = Math.ceil(world.voters.length / 3)
  if (few < 1 || forW.length < Math.max(third, few) || against.length < third) return false
  const aux = fixAuxValues(world, scene, quorum, few)
  const counted = [...forW, ...against].filter((voter) => voter !== forking)
  const sure = counted.filter((voter) => !aux.against.has(voter)).slice(0, Math.floor(counted.length / 2))
  const halves = { sure, mixed: counted.filter((voter) => !sure.includes(voter)) }
  if (isFlip) flip(world, aux, halves, quorum, scene.needsShares)
  else comeOut(world, aux, halves, quorum)
  return true
}

function fixAuxValues(world: StallWorld, { forW, against, forking }: Scene, quorum: number, few: number): AuxEvents {
  const opened = new Map([...forW, ...against].map((voter) => [voter, world.last(voter)]))
  const openings = (voters: readonly number[]) => voters.map((voter) => opened.get(voter) as Vertex)

  // Those against adopt w one after another, until with the last of them a quorum holds it.
  const converts = against.slice(0, quorum - forW.length)
  let tip: Vertex | null = null
  for (const voter of converts) tip = world.create(voter, tip ? [tip] : openings(forW))
  const wTip = tip as Vertex

  // The same the other way round; the last few of them are those that fix the other value.
  const ordered = [...forW.filter((voter) => voter !== forking), ...(forking === null ? [] : [forking])]
  const length = Math.max(quorum - against.length, few)
  const chain = ordered.slice(-length)
  const dissenting = chain.slice(-few)
  const other = new Map<number, Vertex>()
  tip = null
  for (const voter of chain.slice(0, quorum - against.length)) tip = say(voter, tip ? [tip] : openings(against))
  const otherTip = tip as Vertex
  const last = chain[quorum - against.length - 1]
  for (const voter of dissenting) other.set(voter, voter === last ? otherTip : say(voter, [otherTip]))

  const first = converts.at(-1) as number
  const fixed = new Map<number, Vertex>([[first, wTip]])
  for (const voter of opened.keys()) {
    if (voter === first || (other.has(voter) && voter !== forking)) continue
    fixed.set(voter, world.create(voter, [wTip]))
  }
  return { forW: fixed, against: other, first }

  function say(voter: number, parents: readonly Vertex[]): Vertex {
    return voter === forking ? world.fork(voter, opened.get(voter) as Vertex, parents) : world.create(voter, parents)
  }
}

/** So many who fixed w that with the few a quorum is full; among them those given. */
function shown({ forW, against }: AuxEvents, quorum: number, among: readonly number[]): Vertex[] {
  const isOneOfFew = (voter: number) => against.has(voter)
  const chosen = new Set(among.filter((voter) => !isOneOfFew(voter)))
  for (const voter of forW.keys()) if (chosen.size < quorum - against.size && !isOneOfFew(voter)) chosen.add(voter)
  return [...[...chosen].map((voter) => forW.get(voter) as Vertex), ...against.values()]
}

function comeOut(world: StallWorld, aux: AuxEvents, { sure, mixed }: Halves, quorum: number): void {
  const all = [...aux.forW.values()]
  for (const voter of sure) world.create(voter, all)
  for (const voter of mixed) world.create(voter, shown(aux, quorum, [aux.first, voter]))
}

/** Where auxiliary values count that are strongly seen: each half is shown witnesses of what it is to count. */
function flip(world: StallWorld, aux: AuxEvents, { sure, mixed }: Halves, quorum: number, needsShares: boolean): void {
  const counted = [...sure, ...mixed]
  const partly = shown(aux, quorum, [aux.first])
  const sawPart = counted.map((voter) => world.create(voter, partly))
  const all = [...aux.forW.values()]
  const sawAll = counted.map((voter) => world.create(voter, all))
  const settled = [
    ...mixed.map((voter) => world.create(voter, sawPart)),
    ...sure.map((voter) => world.create(voter, sawAll)),
  ]
  if (needsShares) for (const voter of counted) world.create(voter, settled)
}

/**
 * All propose something; what the subjects propose is seen in time by the voters of `timely` and by no other. `late` and
 * the subjects' number may be no more than n − q.
 */
export function openElection(world: StallWorld, subjects: readonly number[], timely: readonly number[]): void {
  const { voters } = world
  const isSubject = (voter: number) => subjects.includes(voter)
  const proposed = voters.map((voter) => world.create(voter, [], 1))
  const ofOthers = proposed.filter((_, voter) => !isSubject(voter))
  const sawOthers = voters.map((voter) => world.create(voter, ofOthers))
  const sawSubjects = voters.map((voter) =>
    world.create(
      voter,
      proposed.filter((_, each) => isSubject(each)),
    ),
  )
  for (const voter of voters) {
    world.create(voter, timely.includes(voter) ? sawSubjects : sawOthers.filter((_, each) => !isSubject(each)))
  }
}

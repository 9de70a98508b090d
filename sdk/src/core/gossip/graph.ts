/**
 * The gossip graph: ancestry, forks, sees and strongly sees. Imports the core only.
 *
 * A *branch* is a maximal self-chain: without forks a creator has one, and every fork opens another. For each event we
 * keep, per branch, the highest sequence number among its ancestors (a vector of Lachesis, arXiv 2108.01900), so that
 * ancestry costs O(1) and strongly-sees O(voters); of forks a logarithm more. The lowest among its descendants, the other
 * vector, is searched for where it is needed: what is kept of an event does not change once it is inserted.
 */
import { invariant } from '../invariant.ts'
import { isSupermajority } from '../thresholds.ts'
import type { EventId, PeerId } from './event.ts'
import { createNames } from './names.ts'
import { createVertices, type Vertex } from './vertex.ts'

export type { Vertex }

/** The part of an event that ancestry depends on. */
export interface GraphEvent {
  readonly creator: PeerId
  readonly seq: number
  readonly selfParent: EventId | null
  readonly otherParents: readonly EventId[]
}

export interface Branch {
  readonly creator: number
  /** `seq` of its first event. */
  readonly start: number
  /** The branch that the first event's self-parent lies on; -1 at the root. */
  readonly parent: number
  /** `vertices[seq - start]`. */
  readonly vertices: Vertex[]
}

const NO_FORKERS: readonly number[] = []

export interface GossipGraph {
  readonly vertices: readonly Vertex[]
  readonly branches: readonly Branch[]
  /** Keys by creator number. */
  readonly creators: readonly PeerId[]
  /** Branches of one creator, in order of insertion: one, unless it forked. */
  branchesOf(creator: number): readonly number[]
  creatorOf(peer: PeerId): number
  find(id: EventId): Vertex | undefined
  /** The vertex an event would become, not inserted: parents must be known. */
  preview(event: GraphEvent): Vertex
  /** Inserts an event whose parents are known. Name it afterwards. */
  insert(event: GraphEvent): Vertex
  name(vertex: Vertex, id: EventId): void
  /** Of a named event. */
  idOf(vertex: Vertex): EventId
  /** Events before this index are rarely asked for from now on: what is kept of them is kept small. */
  retire(upTo: number): void
  /** Events that no event of their own creator follows. */
  tips(): readonly Vertex[]
}

export function createGossipGraph(): GossipGraph {
  const vertices: Vertex[] = []
  const branches: Branch[] = []
  const creators: PeerId[] = []
  const creatorNumbers = new Map<PeerId, number>()
  const branchesByCreator: number[][] = []
  const names = createNames()
  const stored = createVertices(vertices)
  let retired = 0
  // Creators with more than one branch: only they can be known forkers.
  const branching: number[] = []

  function creatorOf(peer: PeerId): number {
    let number = creatorNumbers.get(peer)
    if (number === undefined) {
      number = creators.length
      creators.push(peer)
      creatorNumbers.set(peer, number)
      branchesByCreator.push([])
    }
    return number
  }

  function find(id: EventId): Vertex | undefined {
    const index = names.find(id)
    return index === undefined ? undefined : vertices[index]
  }

  function parent(id: EventId): Vertex {
    const vertex = find(id)
    invariant(vertex, `parent ${id} is not in the graph`)
    return vertex
  }

  function preview(event: GraphEvent): Vertex {
    const creator = creatorOf(event.creator)
    const selfParent = event.selfParent === null ? null : parent(event.selfParent)
    const otherParents = event.otherParents.map(parent)
    const onBranch = selfParent !== null && isHead(branches, selfParent)
    const branch = onBranch ? selfParent.branch : branches.length
    const highest = join(onBranch ? branches.length : branches.length + 1, selfParent, otherParents)
    highest[branch] = event.seq
    const opens = onBranch ? null : { creator, start: event.seq, parent: selfParent ? selfParent.branch : -1 }
    const forkers = knownForkers(highest, selfParent, otherParents, opens)
    return stored.create({
      index: vertices.length,
      creator,
      branch,
      seq: event.seq,
      selfParent,
      otherParents,
      highest,
      forkers,
    })
  }

  function knownForkers(
    highest: readonly number[],
    selfParent: Vertex | null,
    otherParents: readonly Vertex[],
    opens: { creator: number; start: number; parent: number } | null,
  ): readonly number[] {
    const opensFork = opens !== null && (branchesByCreator[opens.creator] as number[]).length > 0
    if (branching.length === 0 && !opensFork) return NO_FORKERS
    const suspects = opensFork && !branching.includes(opens.creator) ? [...branching, opens.creator] : branching
    const known = suspects.filter((creator) => {
      if (selfParent && knowsFork(selfParent, creator)) return true
      if (otherParents.some((other) => knowsFork(other, creator))) return true
      const own = branchesByCreator[creator] as number[]
      if (opens?.creator !== creator) return holdsBothSides(highest, own, branches)
      return holdsBothSides(highest, [...own, branches.length], [...branches, opens])
    })
    if (known.length === 0) return NO_FORKERS
    // What the self-parent knows, this event does; mostly there is nothing more to know.
    if (selfParent?.forkers.length === known.length) return selfParent.forkers
    return known.sort((a, b) => a - b)
  }

  function insert(event: GraphEvent): Vertex {
    const vertex = preview(event)
    if (vertex.branch === branches.length) {
      const own = branchesByCreator[vertex.creator] as number[]
      if (own.length === 1) branching.push(vertex.creator)
      own.push(vertex.branch)
      branches.push({
        creator: vertex.creator,
        start: vertex.seq,
        parent: vertex.selfParent ? vertex.selfParent.branch : -1,
        vertices: [],
      })
    }
    ;(branches[vertex.branch] as Branch).vertices.push(vertex)
    vertices.push(vertex)
    return vertex
  }

  return {
    vertices,
    branches,
    creators,
    branchesOf: (creator) => branchesByCreator[creator] ?? [],
    creatorOf,
    find,
    preview,
    insert,
    name: (vertex, id) => names.name(vertex.index, id),
    idOf: (vertex) => names.idOf(vertex.index),
    retire(upTo) {
      names.retire(upTo)
      for (; retired < upTo; retired++) stored.pack(vertices[retired] as Vertex)
    },
    tips: () => branches.map((branch) => branch.vertices.at(-1) as Vertex),
  }
}

/** A branch opens only beside an event that is there already, so the last event of a branch is nobody's self-parent. */
function isHead(branches: readonly Branch[], vertex: Vertex): boolean {
  const branch = branches[vertex.branch] as Branch
  return branch.vertices.at(-1) === vertex
}

/** The heights of all of these, as many as there are branches. */
function join(length: number, selfParent: Vertex | null, otherParents: readonly Vertex[]): number[] {
  // One allocation of the right size: there is one of these for every event, for ever.
  const joined = new Array<number>(length)
  const own = selfParent?.highest ?? []
  for (let b = 0; b < length; b++) joined[b] = b < own.length ? (own[b] as number) : -1
  for (const { highest } of otherParents) {
    for (let b = 0; b < highest.length; b++) {
      const seq = highest[b] as number
      if (seq > (joined[b] as number)) joined[b] = seq
    }
  }
  return joined
}

/** Whether the events up to these heights include both sides of a fork by this creator. */
export function hasForkWithin(graph: GossipGraph, highest: ArrayLike<number>, creator: number): boolean {
  const own = graph.branchesOf(creator)
  return own.length > 1 && holdsBothSides(highest, own, graph.branches)
}

/** The event with the highest `seq` of a creator up to these heights, whatever its branch. */
export function lastWithin(graph: GossipGraph, highest: ArrayLike<number>, creator: number): Vertex | undefined {
  let last: Vertex | undefined
  for (const b of graph.branchesOf(creator)) {
    const seq = highest[b] ?? -1
    if (seq < 0) continue
    const branch = graph.branches[b] as Branch
    const vertex = branch.vertices[seq - branch.start]
    if (vertex && (!last || vertex.seq > last.seq)) last = vertex
  }
  return last
}

/** Whether these heights include two events of one creator, neither a self-ancestor of the other. */
function holdsBothSides(
  highest: ArrayLike<number>,
  own: readonly number[],
  branches: readonly Pick<Branch, 'start' | 'parent'>[],
): boolean {
  const opened: number[] = []
  for (const id of own) {
    const { start, parent } = branches[id] as Branch
    if ((highest[id] ?? -1) < start) continue
    // One chain: every branch continues exactly where its parent's part in it ends, and nothing else does.
    if (parent >= 0 && (highest[parent] as number) >= start) return true
    if (opened.includes(parent)) return true
    opened.push(parent)
  }
  return false
}

export function parentsOf({ selfParent, otherParents }: Vertex): readonly Vertex[] {
  return selfParent ? [selfParent, ...otherParents] : otherParents
}

/** x is y or descends from it. */
export function isDescendantOf(x: Vertex, y: Vertex): boolean {
  return (x.highest[y.branch] ?? -1) >= y.seq
}

/** x descends from both sides of a fork by this creator. */
export function knowsFork(x: Vertex, creator: number): boolean {
  return x.forkers.length > 0 && x.forkers.includes(creator)
}

/** x descends from y and knows no fork by y's creator. */
export function sees(x: Vertex, y: Vertex): boolean {
  return isDescendantOf(x, y) && !knowsFork(x, y.creator)
}

/** The creator's last event among x and its ancestors; undefined if there is none or x knows a fork by the creator. */
export function tipOf(graph: GossipGraph, x: Vertex, creator: number): Vertex | undefined {
  if (x.creator === creator) return x.forkers.includes(creator) ? undefined : x
  if (knowsFork(x, creator)) return undefined
  return lastWithin(graph, x.highest, creator)
}

/**
 * x ≠ y, and a supermajority of `size` is reached by those of `creators` that created an event z with: x sees z and z
 * sees y. The earliest z that descends from y knows the fewest forks, so it alone is asked.
 */
export function stronglySees(
  graph: GossipGraph,
  x: Vertex,
  y: Vertex,
  creators: readonly number[],
  size: number,
): boolean {
  if (x === y || !isDescendantOf(x, y)) return false
  const mayBeForked = graph.branchesOf(y.creator).length > 1
  let count = 0
  for (const creator of creators) {
    if (knowsFork(x, creator)) continue
    if (hasWitness(graph, x, y, creator, mayBeForked) && isSupermajority(++count, size)) return true
  }
  return false
}

function hasWitness(graph: GossipGraph, x: Vertex, y: Vertex, creator: number, mayBeForked: boolean): boolean {
  for (const b of graph.branchesOf(creator)) {
    const seq = x.highest[b] ?? -1
    if (seq < 0) continue
    const branch = graph.branches[b] as Branch
    // x itself may not be inserted yet, and is asked last.
    const last = branch.vertices[Math.min(seq - branch.start, branch.vertices.length - 1)] as Vertex
    if (!isDescendantOf(last, y)) continue
    if (!mayBeForked || !knowsFork(firstDescendant(branch, y, last), y.creator)) return true
  }
  return creator === x.creator && !knowsFork(x, y.creator)
}

/** The earliest event of a branch that descends from y, given a later one that does: all in between do, too. */
function firstDescendant(branch: Branch, y: Vertex, last: Vertex): Vertex {
  let low = 0
  let high = last.seq - branch.start
  while (low < high) {
    const middle = (low + high) >> 1
    if (isDescendantOf(branch.vertices[middle] as Vertex, y)) high = middle
    else low = middle + 1
  }
  return branch.vertices[high] as Vertex
}

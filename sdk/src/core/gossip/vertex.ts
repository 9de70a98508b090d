/**
 * A vertex of the gossip graph: its ancestry as arrays while it is recent, as a few bytes afterwards. Imports core types
 * and lists only.
 *
 * Invariant: packed or not, a vertex answers the same; only what an answer costs differs.
 */
import { createBytes, createIntegers } from '../numbers.ts'

/** What an event is in the graph. */
export interface Vertex {
  /** Position in order of insertion, which is topological. */
  readonly index: number
  /** Small number standing for the creator's key. */
  readonly creator: number
  readonly branch: number
  readonly seq: number
  readonly selfParent: Vertex | null
  readonly otherParents: readonly Vertex[]
  /** Per branch: the highest `seq` on it among this event and its ancestors; -1 or beyond the end: none. */
  readonly highest: readonly number[]
  /** Creators of whom this event descends from both sides of a fork, ascending. */
  readonly forkers: readonly number[]
}

export interface Vertices {
  create(fields: Vertex): Vertex
  /** Packs an inserted vertex; in order of insertion, each once. */
  pack(vertex: Vertex): void
}

/** So many vertices after one whose heights are packed whole, the next is: to unpack one takes no more steps. */
const WHOLE_EVERY = 16

/** Heights of packed vertices that are kept unpacked: an election that is computed anew asks for the same few again and again. */
const UNPACKED_MAX = 256

/** `vertices`: those inserted, by index. */
export function createVertices(vertices: readonly Vertex[]): Vertices {
  const places = createIntegers()
  const bytes = createBytes()
  // Of the vertex packed last on each branch: the next one's are told by their difference from these.
  const lastPacked = new Map<number, { readonly index: number; readonly heights: readonly number[] }>()

  // By index; the one that was unpacked first makes room.
  const unpacked = new Map<number, readonly number[]>()

  // One shape for all: there is one of these for every event, for ever.
  class StoredVertex implements Vertex {
    readonly index: number
    readonly creator: number
    readonly branch: number
    readonly seq: number
    readonly selfParent: Vertex | null
    readonly forkers: readonly number[]
    others: readonly Vertex[] | null
    heights: readonly number[] | null

    constructor(fields: Vertex) {
      this.index = fields.index
      this.creator = fields.creator
      this.branch = fields.branch
      this.seq = fields.seq
      this.selfParent = fields.selfParent
      this.forkers = fields.forkers
      this.others = fields.otherParents
      this.heights = fields.highest
    }

    get otherParents(): readonly Vertex[] {
      return this.others ?? unpackParents(this)
    }

    get highest(): readonly number[] {
      return this.heights ?? unpackedHeights(this)
    }
  }

  /** Seven bits a byte, the lowest first; the eighth says that more follow. */
  function put(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
    bytes.push(rest)
  }

  function reader(at: number): () => number {
    let place = at
    return () => {
      let value = 0
      for (let shift = 0; ; shift += 7) {
        const byte = bytes.at(place++) as number
        value |= (byte & 0x7f) << shift
        if (byte < 0x80) return value
      }
    }
  }

  function packHeights({ index, branch, seq, selfParent, highest }: Vertex): void {
    const last = lastPacked.get(branch)
    lastPacked.set(branch, { index, heights: highest })
    const own = last?.index === selfParent?.index ? last?.heights : selfParent?.highest
    const before = seq % WHOLE_EVERY === 0 ? [] : (own ?? [])
    // A height is at least -1, and at least what the self-parent's is.
    const raised = highest.flatMap((height, b) => (height > (before[b] ?? -1) ? b : []))
    put(highest.length)
    put(raised.length)
    for (const b of raised) {
      put(b)
      put((highest[b] as number) - (before[b] ?? -1))
    }
  }

  function unpackParents({ index }: Vertex): readonly Vertex[] {
    const next = reader(places.at(index) as number)
    return Array.from({ length: next() }, () => vertices[index - next()] as Vertex)
  }

  function unpackedHeights(vertex: Vertex): readonly number[] {
    const known = unpacked.get(vertex.index)
    if (known) return known
    const heights = unpackHeights(vertex)
    const [first] = unpacked.keys()
    if (unpacked.size >= UNPACKED_MAX && first !== undefined) unpacked.delete(first)
    unpacked.set(vertex.index, heights)
    return heights
  }

  function unpackHeights({ index, seq, selfParent }: Vertex): readonly number[] {
    const next = reader(places.at(index) as number)
    for (let parents = next(); parents > 0; parents--) next()
    const before = selfParent === null || seq % WHOLE_EVERY === 0 ? [] : selfParent.highest
    const heights = Array.from({ length: next() }, (_, b) => before[b] ?? -1)
    for (let raised = next(); raised > 0; raised--) {
      const b = next()
      heights[b] = (heights[b] as number) + next()
    }
    return heights
  }

  return {
    create: (fields) => new StoredVertex(fields),
    pack(vertex) {
      places.push(bytes.length)
      put(vertex.otherParents.length)
      for (const other of vertex.otherParents) put(vertex.index - other.index)
      packHeights(vertex)
      const stored = vertex as StoredVertex
      stored.others = null
      stored.heights = null
    },
  }
}

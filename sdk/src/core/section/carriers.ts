/**
 * Which events carry transactions, per branch, so that "everything undecided up to x" is a comparison of heights.
 * Imports the core only.
 */
import type { GossipGraph, Vertex } from '../gossip/graph.ts'
import { createIntegers, type Numbers } from '../numbers.ts'

export interface Carriers {
  /** Call for every event, in order of insertion. */
  register(vertex: Vertex, carries: boolean): void
  /** The highest `seq` of an event that carries something, on this branch up to `seq`; -1: none on this branch. */
  lastUpTo(branch: number, seq: number): number
  /** Whether x's ancestry holds transactions above these heights. */
  hasAbove(x: Vertex, decidedUpTo: readonly number[]): boolean
  /** Events that carry something, per branch, above `from` and up to `to`. */
  between(from: readonly number[], to: ArrayLike<number>): Vertex[][]
  /** Whether there is any event that carries something above these heights. */
  hasAnyAbove(decidedUpTo: readonly number[]): boolean
  /** Insertion index of the earliest event above these heights; infinity if there is none. */
  earliestAbove(decidedUpTo: readonly number[]): number
}

export function createCarriers(graph: GossipGraph): Carriers {
  // Per branch and event on it: `seq` of the last carrier up to there.
  const last: Numbers[] = []

  function lastUpTo(branch: number, seq: number): number {
    const start = graph.branches[branch]?.start ?? 0
    return last[branch]?.at(seq - start) ?? -1
  }

  return {
    register(vertex, carries) {
      let own = last[vertex.branch]
      if (!own) {
        own = createIntegers()
        last[vertex.branch] = own
      }
      own.push(carries ? vertex.seq : (own.last ?? -1))
    },
    lastUpTo,
    hasAbove(x, decidedUpTo) {
      for (let b = 0; b < x.highest.length; b++) {
        const seq = x.highest[b] as number
        if (seq >= 0 && lastUpTo(b, seq) > (decidedUpTo[b] ?? -1)) return true
      }
      return false
    },
    between(from, to) {
      return graph.branches.map((branch, b) => {
        const found: Vertex[] = []
        const lowest = from[b] ?? -1
        let seq = (to[b] ?? -1) < 0 ? -1 : lastUpTo(b, to[b] as number)
        while (seq > lowest && seq >= branch.start) {
          found.push(branch.vertices[seq - branch.start] as Vertex)
          seq = seq > branch.start ? lastUpTo(b, seq - 1) : -1
        }
        return found.reverse()
      })
    },
    hasAnyAbove(decidedUpTo) {
      for (let b = 0; b < last.length; b++) {
        if ((last[b]?.last ?? -1) > (decidedUpTo[b] ?? -1)) return true
      }
      return false
    },
    earliestAbove(decidedUpTo) {
      let earliest = Number.POSITIVE_INFINITY
      for (const [b, branch] of graph.branches.entries()) {
        const own = last[b]
        const decided = decidedUpTo[b] ?? -1
        if (!own || (own.last ?? -1) <= decided) continue
        // `own` never falls, so the first entry above the decided height is the earliest undecided carrier.
        let low = 0
        for (let high = own.length - 1; low < high; ) {
          const middle = (low + high) >> 1
          if ((own.at(middle) as number) > decided) high = middle
          else low = middle + 1
        }
        earliest = Math.min(earliest, (branch.vertices[low] as Vertex).index)
      }
      return earliest
    },
  }
}

/**
 * Who is connected to whom. Every peer states its own connections and signs that, and those in between pass the statement
 * on, so that everybody can tell who is in reach, over however many relays. Imports core types only.
 *
 * Nobody can state another's connections. Whoever lies of its own, or keeps to itself what it should pass on, can still
 * show a peer that is gone, or hide one from those that hear of it through nobody else: a matter of status and of whom
 * voters propose, never of blocks.
 */
import type { PeerId } from './event.ts'

export interface LinkStatement {
  /** Whose connections. */
  readonly of: PeerId
  /** Since when, by the clock of that peer; later statements have greater ones. */
  readonly sinceMs: number
  readonly peers: readonly PeerId[]
}

export interface SignedLinks extends LinkStatement {
  /** By `of`; checked before the core sees it. */
  readonly signature: Uint8Array
}

/** Most connections in a statement, and most statements of peers that are no neighbours. */
export const MAX_STATED_LINKS = 256
const MAX_STATEMENTS = 256

export interface Topology {
  /** A connection begins, or its other end may have missed what we said over it. */
  up(peer: PeerId): void
  down(peer: PeerId): void
  /** Our own connections, to be signed: the same object until they change. */
  own(nowMs: number): LinkStatement
  learn(from: PeerId, statement: SignedLinks): void
  /** What this neighbour lacks and has to hear from us; counts as told. */
  owedTo(peer: PeerId): readonly SignedLinks[]
  /** Whom this neighbour says it is connected to; null until it says. */
  linksOf(neighbour: PeerId): ReadonlySet<PeerId> | null
  /**
   * Whether it is for us to pass on to a neighbour what `of` says: of those connected to both, the one with the smallest key
   * does. False while the neighbour has not said whom it is connected to.
   */
  isRelay(of: PeerId, receiver: PeerId): boolean
  /** Over any number of connections. */
  isReachable(peer: PeerId): boolean
}

interface Known {
  readonly statement: SignedLinks
  readonly links: ReadonlySet<PeerId>
  /** The neighbour that we have it from. */
  readonly from: PeerId
}

interface Neighbour {
  hasSaid: boolean
  /** Of peers that it is not connected to: the latest statement that passed between us. Only of those that we know. */
  readonly told: Map<PeerId, number>
}

export function createTopology(self: PeerId, isMember: (peer: PeerId) => boolean): Topology {
  const neighbours = new Map<PeerId, Neighbour>()
  const statements = new Map<PeerId, Known>()
  let own: LinkStatement = { of: self, sinceMs: 0, peers: [] }
  let hasOwnChanged = true
  let reachable: ReadonlySet<PeerId> | null = null

  function linksOf(peer: PeerId): ReadonlySet<PeerId> | null {
    return neighbours.get(peer)?.hasSaid ? (statements.get(peer)?.links ?? null) : null
  }

  /**
   * Only who is reached is asked: what is still known of others may be old. Both ends have to state a connection: one that
   * keeps silent about its end would else show for ever whom it was the last to be connected to.
   */
  function reach(): ReadonlySet<PeerId> {
    const reached = new Set(neighbours.keys())
    for (const peer of reached) {
      for (const next of statements.get(peer)?.links ?? []) if (statements.get(next)?.links.has(peer)) reached.add(next)
    }
    return reached
  }

  function isReachable(peer: PeerId): boolean {
    reachable ??= reach()
    return reachable.has(peer)
  }

  function hasRoomFor(of: PeerId): boolean {
    if (statements.has(of) || neighbours.has(of) || statements.size < MAX_STATEMENTS) return true
    if (!isMember(of)) return false
    const useless = [...statements.keys()].find(
      (peer) => !neighbours.has(peer) && !(isMember(peer) && isReachable(peer)),
    )
    if (useless !== undefined) forget(useless)
    return useless !== undefined
  }

  function forget(of: PeerId): void {
    statements.delete(of)
    for (const { told } of neighbours.values()) told.delete(of)
  }

  function isRelay(of: PeerId, receiver: PeerId): boolean {
    const links = linksOf(receiver)
    if (!links || links.has(of)) return false
    for (const peer of neighbours.keys()) {
      if (peer < self && links.has(peer) && linksOf(peer)?.has(of)) return false
    }
    return true
  }

  /**
   * Whoever has a statement from somebody in between leaves to that one whoever is connected to it. All of it rests on what
   * neighbours say of themselves, so that never do two wait for each other.
   */
  function passesOn({ statement, from }: Known, receiver: PeerId): boolean {
    const isLeftToSource = neighbours.has(from) && linksOf(receiver)?.has(from) === true
    return !isLeftToSource && isRelay(statement.of, receiver)
  }

  return {
    up(peer) {
      const before = neighbours.get(peer)
      neighbours.set(peer, { hasSaid: before?.hasSaid ?? false, told: new Map() })
      if (before) return
      hasOwnChanged = true
      reachable = null
    },
    down(peer) {
      if (!neighbours.delete(peer)) return
      // Others tell us again, if it is still there.
      forget(peer)
      hasOwnChanged = true
      reachable = null
    },
    own(nowMs) {
      if (hasOwnChanged) {
        const sinceMs = Math.max(own.sinceMs + 1, Math.floor(nowMs))
        own = { of: self, sinceMs, peers: [...neighbours.keys()].slice(0, MAX_STATED_LINKS) }
      }
      hasOwnChanged = false
      return own
    },
    learn(from, statement) {
      const { of, sinceMs, peers: stated } = statement
      const neighbour = neighbours.get(from)
      if (!neighbour || of === self) return
      if (!hasRoomFor(of)) return
      const isOld = of !== from && (neighbours.has(of) || sinceMs <= (statements.get(of)?.statement.sinceMs ?? -1))
      if (!isOld) {
        statements.set(of, { statement, links: new Set(stated.slice(0, MAX_STATED_LINKS)), from })
        reachable = null
      }
      if (of !== from) {
        if (statements.has(of)) neighbour.told.set(of, Math.max(sinceMs, neighbour.told.get(of) ?? 0))
        return
      }
      neighbour.hasSaid = true
      // Whom it hears itself it will have forgotten by the time that it does not any more.
      for (const peer of stated) neighbour.told.delete(peer)
    },
    owedTo(peer) {
      const told = neighbours.get(peer)?.told
      if (!told) return []
      const owed: SignedLinks[] = []
      for (const known of statements.values()) {
        const { of, sinceMs } = known.statement
        if (of === peer || sinceMs <= (told.get(of) ?? -1) || !passesOn(known, peer)) continue
        told.set(of, sinceMs)
        owed.push(known.statement)
      }
      return owed
    },
    linksOf,
    isRelay,
    isReachable,
  }
}

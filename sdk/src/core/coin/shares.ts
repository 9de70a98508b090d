/**
 * The shares that events carry, and the coins they make. Imports the core only.
 *
 * Invariant: whether a coin is known at an event depends on the valid shares in its ancestry alone. Shares are checked
 * when a coin is asked for, all that are there at once, and none twice.
 */
import type { Hash, PeerId } from '../gossip/event.ts'
import { isDescendantOf, type Vertex } from '../gossip/graph.ts'
import { isHolder } from './epochs.ts'
import type { PostedShare } from './items.ts'
import type { CoinCrypto, KeySource, Toss } from './port.ts'

/** A share that its author's key does not make: provable malice. */
export interface BadShare {
  readonly holder: PeerId
  readonly vertex: Vertex
  readonly toss: Toss
}

export interface ShareBook {
  register(vertex: Vertex, holder: PeerId, shares: readonly PostedShare[]): void
  /** The coin, if threshold + 1 valid shares of it are among x and its ancestors (anywhere, for null). */
  coin(source: KeySource, toss: Toss, x: Vertex | null): Hash | null
  /** Whether this very share is one that the key makes; a holder's event may carry it only if it is. */
  isValid(source: KeySource, holder: PeerId, posted: PostedShare): boolean
  /** Bad shares found since the last call. */
  takeBad(): readonly BadShare[]
  /** Coins that were needed and known, of elections. */
  readonly flips: number
}

interface Entry {
  readonly holder: PeerId
  readonly vertex: Vertex
  readonly share: Uint8Array
  state: 'unchecked' | 'valid' | 'bad'
}

interface Tossed {
  readonly entries: Entry[]
  /** Set when the coin is first asked for: from then on shares are checked as they come. */
  source: KeySource | null
  coin: Hash | null
}

export function tossName(toss: Toss): string {
  return toss.kind === 'flip' ? `flip ${toss.election} ${toss.round}` : `block ${toss.height}`
}

export function createShareBook(crypto: CoinCrypto): ShareBook {
  const tosses = new Map<string, Tossed>()
  // One is enough to be expelled for, so nothing more of its author's is checked.
  const bad = new Map<PeerId, BadShare>()
  let fresh: BadShare[] = []
  let flips = 0

  function tossed(toss: Toss): Tossed {
    const name = tossName(toss)
    const known = tosses.get(name)
    if (known) return known
    const begun: Tossed = { entries: [], source: null, coin: null }
    tosses.set(name, begun)
    return begun
  }

  function check(source: KeySource, toss: Toss, entries: readonly Entry[]): void {
    // One share of each holder, and none of those who have one already: more would only cost.
    const settled = new Set(entries.flatMap(({ state, holder }) => (state === 'valid' ? holder : [])))
    const unchecked = entries.filter(({ state, holder }) => {
      if (state !== 'unchecked' || settled.has(holder) || bad.has(holder) || !isHolder(source.terms, holder))
        return false
      settled.add(holder)
      return true
    })
    if (unchecked.length === 0) return
    const valid = crypto.areShares(source, toss, unchecked)
    for (const [i, entry] of unchecked.entries()) {
      entry.state = valid[i] ? 'valid' : 'bad'
      if (valid[i]) continue
      const found = { holder: entry.holder, vertex: entry.vertex, toss }
      bad.set(entry.holder, found)
      fresh.push(found)
    }
  }

  /** One valid share per holder, as far as x knows. */
  function known(
    entries: readonly Entry[],
    state: Entry['state'] | null,
    x: Vertex | null,
  ): ReadonlyMap<PeerId, Entry> {
    const found = new Map<PeerId, Entry>()
    for (const entry of entries) {
      if (entry.state === 'bad' || (state !== null && entry.state !== state) || found.has(entry.holder)) continue
      if (x === null || isDescendantOf(x, entry.vertex)) found.set(entry.holder, entry)
    }
    return found
  }

  return {
    register(vertex, holder, shares) {
      for (const { toss, share } of shares) {
        const own = tossed(toss)
        const entry: Entry = { holder, vertex, share, state: 'unchecked' }
        own.entries.push(entry)
        if (own.source) check(own.source, toss, own.entries)
      }
    },
    coin(source, toss, x) {
      const own = tossed(toss)
      own.source ??= source
      const enough = source.terms.threshold + 1
      if (known(own.entries, null, x).size < enough) return null
      check(source, toss, own.entries)
      const valid = known(own.entries, 'valid', x)
      if (valid.size < enough) return null
      if (own.coin === null) {
        own.coin = crypto.combine(source, toss, [...valid.values()].slice(0, enough))
        if (toss.kind === 'flip') flips++
      }
      return own.coin
    },
    isValid(source, holder, posted) {
      return (
        isHolder(source.terms, holder) &&
        (crypto.areShares(source, posted.toss, [{ holder, share: posted.share }])[0] ?? false)
      )
    },
    takeBad() {
      const taken = fresh
      fresh = []
      return taken
    },
    get flips() {
      return flips
    },
  }
}

/**
 * Whom we ask for all that we lack. Whoever comes, or comes back, is told by every neighbour that there is more: the
 * bulk is asked of one of them, and of the others only what is missing after that. Imports core types only.
 *
 * Nobody is relied upon: a neighbour that does not answer is passed over, and however well one seems to answer, the next
 * is asked beside it after a while, and then more and more rarely another one, so that a long history costs few copies.
 * Who was passed over is asked again, but nothing waits for it any more.
 */
import type { EventId, PeerId } from './event.ts'

export interface BackfillOptions {
  /** Nobody has to be asked for it: it is here, waits for its parents, or was refused. */
  readonly isSettled: (id: EventId) => boolean
  /** Asks for everything that we lack. */
  readonly want: (from: PeerId) => void
  readonly delayMs: () => number
}

export interface Backfill {
  /** A neighbour tells what it holds. */
  offered(from: PeerId, tips: readonly EventId[], nowMs: number): void
  /** Events came. `isNews`: some of them entered the graph; `more`: it has further ones. */
  answered(from: PeerId, answer: { readonly isNews: boolean; readonly more: boolean }, nowMs: number): void
  peerDown(peer: PeerId): void
  /** Passes on from who is silent, and to a further one when it is time; answers with the time at which it will be. */
  goOn(nowMs: number): number | null
  /** What is missing is probably on its way, and need not be asked for otherwise. */
  isUnderWay(nowMs: number): boolean
}

/** How long an answer may take, in milliseconds and in one-way delays, the larger of the two. */
const PATIENCE_MS = 250
const PATIENCE_DELAYS = 6
/** After so many times that patience a second neighbour is asked though the first one answers. */
const PATIENCES_OF_ONE = 8
/** How often a neighbour is asked in vain before it has to tell us anew what it holds. */
const MAX_ATTEMPTS = 3
/** How long other ways to missing parents wait, at most. */
const LONGEST_WAY_MS = 30_000

interface Offer {
  /** Null: only that it has more. */
  readonly tips: readonly EventId[] | null
  readonly attempts: number
}

interface Source extends Offer {
  /** When it was asked, or last brought something new. */
  readonly heardMs: number
}

export function createBackfill({ isSettled, want, delayMs }: BackfillOptions): Backfill {
  const offers = new Map<PeerId, Offer>()
  const sources = new Map<PeerId, Source>()
  const passedOver = new Set<PeerId>()
  let beganMs = 0
  // When one more is asked though answers come, and how long that will take the next time.
  let widenMs = 0
  let pauseMs = 0

  const patienceMs = () => Math.max(PATIENCE_MS, PATIENCE_DELAYS * delayMs())
  const isThrough = ({ tips }: Offer) => tips?.every(isSettled) ?? false

  function askNext(nowMs: number): void {
    for (const [peer, offer] of offers) {
      offers.delete(peer)
      if (isThrough(offer)) continue
      if (sources.size === 0) {
        beganMs = nowMs
        pauseMs = PATIENCES_OF_ONE * patienceMs()
      }
      sources.set(peer, { ...offer, heardMs: nowMs })
      widenMs = nowMs + pauseMs
      pauseMs *= 2
      want(peer)
      return
    }
  }

  function offer(from: PeerId, tips: readonly EventId[] | null, nowMs: number): void {
    const source = sources.get(from)
    if (source) sources.set(from, { ...source, tips: tips ?? source.tips })
    else offers.set(from, { tips, attempts: 0 })
    if (sources.size === 0) askNext(nowMs)
  }

  /** The bulk did not come from it: others first. */
  function passOver(peer: PeerId, { tips, attempts }: Source): void {
    sources.delete(peer)
    passedOver.add(peer)
    if (attempts + 1 < MAX_ATTEMPTS) offers.set(peer, { tips, attempts: attempts + 1 })
  }

  return {
    offered(from, tips, nowMs) {
      if (!tips.every(isSettled)) offer(from, tips, nowMs)
    },
    answered(from, { isNews, more }, nowMs) {
      const source = sources.get(from)
      if (!source) {
        if (more) offer(from, null, nowMs)
        return
      }
      if (more && isNews) {
        sources.set(from, { ...source, attempts: 0, heardMs: nowMs })
        want(from)
        return
      }
      if (more) passOver(from, source)
      else if (source.tips === null || isThrough(source)) sources.delete(from)
      if (sources.size === 0) askNext(nowMs)
    },
    peerDown(peer) {
      offers.delete(peer)
      sources.delete(peer)
      passedOver.delete(peer)
    },
    goOn(nowMs) {
      for (const [peer, source] of sources) {
        if (nowMs - source.heardMs < patienceMs()) continue
        if (isThrough(source)) sources.delete(peer)
        else passOver(peer, source)
      }
      if (sources.size === 0 || nowMs >= widenMs) askNext(nowMs)
      const due = [...sources.values()].map(({ heardMs }) => heardMs + patienceMs())
      return due.length === 0 ? null : Math.min(...due, offers.size > 0 ? widenMs : Number.POSITIVE_INFINITY)
    },
    isUnderWay(nowMs) {
      if (nowMs - beganMs >= LONGEST_WAY_MS) return false
      return [...sources.keys()].some((peer) => !passedOver.has(peer))
    },
  }
}

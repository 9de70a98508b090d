/**
 * What this peer owes the coin: its key, its deal, its word on the others' deals, and its shares once nothing that they
 * could steer is open. Imports the core only.
 */
import type { EventBody, Hash, PeerId } from '../gossip/event.ts'
import { parentsOf, type Vertex } from '../gossip/graph.ts'
import type { Hashing } from '../io.ts'
import type { MetaEvent } from '../meta-voting/election.ts'
import { FLIP_POSITION, STEPS } from '../meta-voting/section-vote.ts'
import { outcomeOf } from '../meta-voting/stage.ts'
import type { Ordering } from '../section/ordering.ts'
import type { AgreedState } from '../section/state.ts'
import { faultsTolerated } from '../thresholds.ts'
import { type CoinState, isHolder, listedDeals } from './epochs.ts'
import type { KeyItem, PostedShare } from './items.ts'
import type { KeySource, Toss } from './port.ts'
import type { RandomValue, SectionCoin } from './section-coin.ts'
import { tossName } from './shares.ts'

/** Each own share takes milliseconds: those of many draws go out with one event after another. */
export const MAX_DRAWS_PER_EVENT = 4

export interface CoinDuties {
  /** Takes note of what an own event says, so that nothing is said twice. */
  said(body: EventBody): void
  /** Asks for the random value of a final block. */
  draw(height: number): void
  /** Works out the random values asked for whose shares are here. Finds bad shares, which oblige to speak. */
  settleDraws(): void
  /** The random value of a block, once it was asked for and is settled. */
  drawn(height: number): RandomValue | null
  /** Key items that the next own event has to carry. */
  items(): readonly KeyItem[]
  /** Shares of flips that an own event with this ancestry lets go of, in the election that its parents leave open. */
  flipShares(x: Vertex): readonly PostedShare[]
  /** Shares of random values that the blocks ask for. */
  blockShares(): readonly PostedShare[]
  /** Whether an own event after `last` is due for the coin's sake alone. */
  isDue(last: Vertex | null): boolean
}

export function createCoinDuties(
  self: PeerId,
  coin: SectionCoin,
  ordering: Ordering,
  hashing: Pick<Hashing, 'tieBreak'>,
  sectionId: Hash,
): CoinDuties {
  const { crypto } = coin
  const saidBefore = new Set<string>()
  // Heights that no block gives a source for yet, and those whose value is not known yet.
  const wanted = new Set<number>()
  const awaited = new Set<number>()
  const values = new Map<number, RandomValue>()
  // Asked for at every step, though only a block changes them.
  let itemsOf: { readonly state: AgreedState; readonly items: readonly KeyItem[] } | null = null
  let drawsDone: CoinState['draws'] | null = null

  function share(source: KeySource | null | undefined, toss: Toss): PostedShare[] {
    if (!crypto || !source || !isHolder(source.terms, self) || saidBefore.has(tossName(toss))) return []
    const own = crypto.share(source, toss)
    return own ? [{ toss, share: own }] : []
  }

  /** Null: the own deal is not computed yet. */
  function keyItems({ coin: { keys, forming }, voters }: AgreedState): KeyItem[] | null {
    if (!crypto) return []
    if (faultsTolerated(voters.length) > 0 && voters.includes(self) && !keys.has(self)) {
      return [{ kind: 'register', ...crypto.registration() }]
    }
    if (!forming || !isHolder(forming.terms, self)) return []
    const { terms, deals, dropped } = forming
    const { epoch } = terms
    if (!dropped.has(self) && deals.every(({ dealer }) => dealer !== self) && !saidBefore.has(`deal ${epoch}`)) {
      const own = crypto.deal(terms)
      return own && [{ kind: 'deal', epoch, deal: own }]
    }
    const listed = listedDeals(forming)
    // Whose secret was lost can open nothing, and must not say that its shares are good.
    const isAble = terms.holders.some(({ peer, key }) => peer === self && key === crypto.registration().key)
    if (!listed || !isAble) return []
    const complaints = listed.flatMap((dealt): KeyItem[] => {
      const complaint = crypto.complaint(terms, dealt)
      return complaint ? [{ kind: 'complaint', epoch, deal: dealt.event, complaint }] : []
    })
    if (complaints.length > 0) return complaints
    const list = coin.hashDeals(
      epoch,
      listed.map(({ event }) => event),
    )
    return [{ kind: 'clean', epoch, deals: list }]
  }

  function items(): readonly KeyItem[] {
    const { state } = ordering
    const draws = [...wanted].flatMap((height): KeyItem[] => {
      if (!state.coin.draws.has(height)) return [{ kind: 'draw', height }]
      wanted.delete(height)
      return []
    })
    if (itemsOf?.state !== state) {
      const due = keyItems(state)
      itemsOf = due && { state, items: due }
    }
    return [...(itemsOf?.items ?? []), ...draws].filter((item) => !saidBefore.has(itemName(item)))
  }

  function blockShares(): readonly PostedShare[] {
    const { draws } = ordering.state.coin
    if (draws === drawsDone) return []
    const shares: PostedShare[] = []
    for (const [height, source] of draws) {
      if (shares.length === MAX_DRAWS_PER_EVENT) return shares
      if (typeof source === 'object') shares.push(...share(source, { kind: 'block', height }))
    }
    if (shares.length === 0) drawsDone = draws
    return shares
  }

  function settled(height: number): RandomValue | null {
    const source = ordering.state.coin.draws.get(height)
    const block = ordering.blocks[height - 1]
    if (!block || source === undefined || source === 'pending') return null
    if (source === 'blockHash') return { value: hashing.tieBreak(block.hash, sectionId), isFair: false }
    const value = coin.randomness(source, height)
    return value === null ? null : { value, isFair: true }
  }

  /**
   * A share goes out once every subject is decided or has its outcome at that flip: by then nothing is open that the coin
   * could steer, or that somebody who knows it could.
   */
  function released({ coin: { serving }, election }: AgreedState, { votes }: MetaEvent<unknown>): PostedShare[] {
    if (!serving || !votes || votes.every(({ decision }) => decision !== 0)) return []
    const shares: PostedShare[] = []
    for (let index = FLIP_POSITION; ; index += STEPS) {
      const isSettled = votes.every(({ decision, stages }) => decision !== 0 || outcomeOf(stages[index] ?? 0) !== 0)
      if (!isSettled) return shares
      shares.push(...share(serving, { kind: 'flip', election, round: (index - FLIP_POSITION) / STEPS }))
    }
  }

  function flipShares(x: Vertex): readonly PostedShare[] {
    const round = ordering.rounds[ordering.stateBefore(parentsOf(x)).election]
    if (!round?.flips) return []
    const meta = round.election.preview(x)
    return meta && meta !== 'decided' ? released(round.state, meta) : []
  }

  return {
    said({ coin: parts }) {
      for (const item of parts?.items ?? []) saidBefore.add(itemName(item))
      for (const { toss } of parts?.shares ?? []) saidBefore.add(tossName(toss))
    },
    draw(height) {
      wanted.add(height)
      if (!values.has(height)) awaited.add(height)
    },
    settleDraws() {
      for (const height of awaited) {
        const value = settled(height)
        if (value === null) continue
        values.set(height, value)
        awaited.delete(height)
      }
    },
    drawn: (height) => values.get(height) ?? null,
    items,
    flipShares,
    blockShares,
    isDue(last) {
      if (items().length + blockShares().length > 0) return true
      const round = ordering.rounds[ordering.decidedElections(last)]
      const meta = last && round?.flips ? round.election.metaEvent(last) : undefined
      return round !== undefined && meta !== undefined && released(round.state, meta).length > 0
    },
  }
}

function itemName(item: KeyItem): string {
  switch (item.kind) {
    case 'register':
      return 'register'
    case 'deal':
      return `deal ${item.epoch}`
    case 'clean':
      return `clean ${item.epoch} ${item.deals}`
    case 'complaint':
      return `complaint ${item.epoch} ${item.deal}`
    case 'draw':
      return `draw ${item.height}`
  }
}

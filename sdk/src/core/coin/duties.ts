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
import { type CoinState, dealsInUse, isHolder, listedDeals, type OrderedDeal, type ServingKey } from './epochs.ts'
import { type KeyItem, MAX_DRAWS_PER_CREATOR, type PostedShare } from './items.ts'
import type { CoinTerms, KeySource, Later, Toss } from './port.ts'
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
  // Heights that we have asked the blocks for, and no block grants yet.
  const asked = new Set<number>()
  const values = new Map<number, RandomValue>()
  // Asked for at every step, though only a block changes them.
  let itemsOf: { readonly state: AgreedState; readonly items: readonly KeyItem[] } | null = null
  let drawsDone: CoinState['draws'] | null = null
  // Its deals all opened to good shares, or those that did not are named in complaints.
  let opened: {
    readonly late: CoinState['late']
    readonly key: ServingKey
    readonly complaints: readonly KeyItem[]
  } | null = null

  function share(source: KeySource, toss: Toss): PostedShare | null | Later {
    if (!crypto || !isHolder(source.terms, self) || saidBefore.has(tossName(toss))) return null
    const own = crypto.share(source, toss)
    return own === null || own === 'later' ? own : { toss, share: own }
  }

  function complaints(terms: CoinTerms, deals: readonly OrderedDeal[]): readonly KeyItem[] | Later {
    const items: KeyItem[] = []
    for (const dealt of deals) {
      const complaint = crypto?.complaint(terms, dealt) ?? null
      if (complaint === 'later') return complaint
      if (complaint) items.push({ kind: 'complaint', epoch: terms.epoch, deal: dealt.event, complaint })
    }
    return items
  }

  /** About the key in use: whoever was away while it was made opens its shares of it now, and everybody the late deals. */
  function lateComplaints(state: CoinState): readonly KeyItem[] | Later {
    const { serving, late } = state
    if (!serving || !isHolder(serving.terms, self)) return []
    if (opened?.key !== serving || opened.late !== late) {
      const found = complaints(serving.terms, dealsInUse(state))
      if (found === 'later') return found
      opened = { key: serving, late, complaints: found }
    }
    return opened.complaints
  }

  function keyItems({ coin: { keys, forming }, voters }: AgreedState): readonly KeyItem[] | Later {
    if (!crypto) return []
    if (faultsTolerated(voters.length) > 0 && voters.includes(self) && !keys.has(self)) {
      return [{ kind: 'register', ...crypto.registration() }]
    }
    if (!forming || !isHolder(forming.terms, self)) return []
    const { terms, deals, dropped } = forming
    const { epoch } = terms
    if (!dropped.has(self) && deals.every(({ dealer }) => dealer !== self) && !saidBefore.has(`deal ${epoch}`)) {
      const own = crypto.deal(terms)
      return own === 'later' ? own : [{ kind: 'deal', epoch, deal: own }]
    }
    const listed = listedDeals(forming)
    // Whose secret was lost can open nothing, and must not say that its shares are good.
    const isAble = terms.holders.some(({ peer, key }) => peer === self && key === crypto.registration().key)
    if (!listed || !isAble) return []
    const due = complaints(terms, listed)
    if (due === 'later' || due.length > 0) return due
    const list = coin.hashDeals(
      epoch,
      listed.map(({ event }) => event),
    )
    return [{ kind: 'clean', epoch, deals: list }]
  }

  function items(): readonly KeyItem[] {
    const { state } = ordering
    if (itemsOf?.state !== state) {
      const [due, late] = [keyItems(state), lateComplaints(state.coin)]
      itemsOf = due === 'later' || late === 'later' ? null : { state, items: [...due, ...late] }
    }
    return [...(itemsOf?.items ?? []), ...drawItems(state)].filter((item) => !saidBefore.has(itemName(item)))
  }

  /** No more than one block grants, so that none of ours is void: the others follow when these are granted. */
  function drawItems({ coin: { draws }, height: last }: AgreedState): KeyItem[] {
    for (const height of asked) if (draws.has(height)) asked.delete(height)
    for (const height of wanted) if (draws.has(height)) wanted.delete(height)
    return [...wanted]
      .filter((height) => height <= last && !asked.has(height))
      .slice(0, Math.max(0, MAX_DRAWS_PER_CREATOR - asked.size))
      .map((height) => ({ kind: 'draw', height }))
  }

  function blockShares(): readonly PostedShare[] {
    const { draws } = ordering.state.coin
    if (draws === drawsDone) return []
    const shares: PostedShare[] = []
    let later = 0
    for (const [height, source] of draws) {
      if (shares.length + later === MAX_DRAWS_PER_EVENT) return shares
      const own = typeof source === 'object' ? share(source, { kind: 'block', height }) : null
      if (own === 'later') later++
      else if (own) shares.push(own)
    }
    if (shares.length + later === 0) drawsDone = draws
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
      const own = share(serving, { kind: 'flip', election, round: (index - FLIP_POSITION) / STEPS })
      if (own === 'later') return shares
      if (own) shares.push(own)
    }
  }

  function flipShares(x: Vertex): readonly PostedShare[] {
    const round = ordering.round(ordering.stateBefore(parentsOf(x)).election)
    if (!round.flips) return []
    const meta = round.election.preview(x)
    return meta && meta !== 'decided' ? released(round.state, meta) : []
  }

  return {
    said({ coin: parts }) {
      for (const item of parts?.items ?? []) {
        saidBefore.add(itemName(item))
        if (item.kind === 'draw' && item.height > 0) asked.add(item.height)
      }
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
      const election = ordering.decidedElections(last)
      // Who is that far behind has news to merge, and is not waited for.
      if (!last || !ordering.isRecent(election)) return false
      const round = ordering.round(election)
      const meta = round.flips ? round.election.metaEvent(last) : undefined
      return meta !== undefined && released(round.state, meta).length > 0
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

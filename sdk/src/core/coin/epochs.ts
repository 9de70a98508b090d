/**
 * The keys of the coin, epoch after epoch, as a state machine over the blocks: voters register coin keys, deal, confirm
 * or complain, and the key that n − f of them confirmed serves from the next election on (docs/coin.md). Imports the
 * core only.
 *
 * Invariant: the state is a function of the blocks. An item that does not answer the current epoch is void, so that a
 * change of voters in the middle of a key generation just begins the next.
 */
import type { EventId, Hash, PeerId } from '../gossip/event.ts'
import { faultsTolerated } from '../thresholds.ts'
import { type KeyItem, MAX_DRAWS_PER_CREATOR, type OrderedItem } from './items.ts'
import type { CoinCrypto, CoinPublicKey, CoinTerms, Dealt, KeySource } from './port.ts'

export interface OrderedDeal extends Dealt {
  readonly event: EventId
}

/** A key in the making. */
export interface FormingKey {
  readonly terms: CoinTerms
  /** n − f: deals that make a key, and voters that must have confirmed them. */
  readonly needed: number
  /** Well-formed, one per dealer, in block order, those of dropped dealers included. */
  readonly deals: readonly OrderedDeal[]
  /** Dealers whose deal is proven bad, in public or by a complaint. */
  readonly dropped: ReadonlySet<PeerId>
  /** By holder, the list of deals that it confirmed last. */
  readonly cleans: ReadonlyMap<PeerId, Hash>
}

/** A key in use. */
export interface ServingKey extends KeySource {
  readonly deals: readonly OrderedDeal[]
  /** Height of the block that confirmed it. */
  readonly since: number
}

/** How the random value of a block is made; fixed when it is first asked for. */
export type DrawSource =
  | ServingKey
  /** Up to three voters have no coin: the value is a hash of the block, and predictable. */
  | 'blockHash'
  /** Asked for before there was a key. */
  | 'pending'

export interface CoinState {
  readonly keys: ReadonlyMap<PeerId, CoinPublicKey>
  readonly forming: FormingKey | null
  readonly serving: ServingKey | null
  /** Well-formed deals of the epoch of `serving` that came too late to count; they are opened all the same. */
  readonly late: readonly OrderedDeal[]
  readonly draws: ReadonlyMap<number, DrawSource>
  /**
   * Judged once, in the epochs of `forming` and `serving`: complaints by holder and deal, dealers whose deal is proven bad.
   */
  readonly judged: ReadonlySet<string>
}

/** Malice that the order of items in the blocks proves. */
export interface CoinFault {
  readonly kind: 'badDeal' | 'falseComplaint'
  readonly accused: PeerId
  readonly event: EventId
}

export const noCoin: CoinState = {
  keys: new Map(),
  forming: null,
  serving: null,
  late: [],
  draws: new Map(),
  judged: new Set(),
}

export interface CoinBlock {
  readonly sectionId: Hash
  readonly height: number
  /** Key items of the block's events, in block order. */
  readonly items: readonly OrderedItem[]
  /** After the block. */
  readonly voters: readonly PeerId[]
}

export interface CoinAdvance {
  readonly state: CoinState
  readonly faults: readonly CoinFault[]
}

/** Names a list of deals. */
export type HashDeals = (epoch: number, deals: readonly EventId[]) => Hash

/** The deals that make the key, as far as the blocks tell; null while there are too few. */
export function listedDeals({ deals, dropped, needed }: FormingKey): readonly OrderedDeal[] | null {
  const standing = deals.filter(({ dealer }) => !dropped.has(dealer))
  return standing.length >= needed ? standing.slice(0, needed) : null
}

export function advanceCoin(
  before: CoinState,
  block: CoinBlock,
  crypto: CoinCrypto,
  hashDeals: HashDeals,
): CoinAdvance {
  const faults: CoinFault[] = []
  let state = before
  const registering = new Set<PeerId>()
  const drawn = new Map<PeerId, number>()
  for (const ordered of block.items) {
    // Of each creator one in a block is looked at, as looking costs milliseconds and a false one costs its author nothing.
    if (ordered.item.kind === 'register') {
      if (registering.has(ordered.creator)) continue
      registering.add(ordered.creator)
    }
    if (ordered.item.kind === 'draw' && isNewDraw(state, ordered.item, block.height)) {
      const count = (drawn.get(ordered.creator) ?? 0) + 1
      if (count > MAX_DRAWS_PER_CREATOR) continue
      drawn.set(ordered.creator, count)
    }
    state = applyItem(state, ordered, block.height, crypto, faults)
  }
  state = activate(state, block.height, hashDeals)
  state = begin(state, block)
  return { state: bindDraws(state, block.voters.length), faults }
}

function applyItem(
  state: CoinState,
  { event, creator, item }: OrderedItem,
  height: number,
  crypto: CoinCrypto,
  faults: CoinFault[],
): CoinState {
  switch (item.kind) {
    case 'register': {
      if (state.keys.has(creator) || !crypto.isRegistration(creator, item.key, item.proof)) return state
      return { ...state, keys: new Map(state.keys).set(creator, item.key) }
    }
    case 'deal':
      return applyDeal(state, { event, creator, item }, crypto, faults)
    case 'clean': {
      const { forming } = state
      if (forming?.terms.epoch !== item.epoch || !isHolder(forming.terms, creator)) return state
      return { ...state, forming: { ...forming, cleans: new Map(forming.cleans).set(creator, item.deals) } }
    }
    case 'complaint':
      return applyComplaint(state, { event, creator, item }, crypto, faults)
    case 'draw': {
      const drawn = item.height === 0 ? height : item.height
      if (drawn > height || state.draws.has(drawn)) return state
      return { ...state, draws: new Map(state.draws).set(drawn, 'pending') }
    }
  }
}

/** Of an earlier block that nobody has asked about. */
function isNewDraw(state: CoinState, item: Extract<KeyItem, { kind: 'draw' }>, height: number): boolean {
  return item.height > 0 && item.height < height && !state.draws.has(item.height)
}

type Ordered<Kind extends KeyItem['kind']> = OrderedItem & { readonly item: Extract<KeyItem, { kind: Kind }> }

/** A dealer's first deal counts; a bad one costs it its place in the epoch. */
function applyDeal(
  state: CoinState,
  { event, creator, item }: Ordered<'deal'>,
  crypto: CoinCrypto,
  faults: CoinFault[],
): CoinState {
  const { forming, serving } = state
  if (serving?.terms.epoch === item.epoch)
    return applyLateDeal(state, serving, { event, creator, item }, crypto, faults)
  if (forming?.terms.epoch !== item.epoch || !isHolder(forming.terms, creator)) return state
  if (forming.dropped.has(creator) || forming.deals.some(({ dealer }) => dealer === creator)) return state
  const dealt = { dealer: creator, deal: item.deal, event }
  if (crypto.isDeal(forming.terms, dealt)) {
    return { ...state, forming: { ...forming, deals: [...forming.deals, dealt] } }
  }
  faults.push({ kind: 'badDeal', accused: creator, event })
  return { ...state, forming: { ...forming, dropped: new Set(forming.dropped).add(creator) } }
}

/** It changes nothing about the key; a cheat in it has to be found out even so. */
function applyLateDeal(
  state: CoinState,
  serving: ServingKey,
  { event, creator, item }: Ordered<'deal'>,
  crypto: CoinCrypto,
  faults: CoinFault[],
): CoinState {
  const isFirst = [...serving.deals, ...state.late].every(({ dealer }) => dealer !== creator)
  if (!isFirst || state.judged.has(creator) || !isHolder(serving.terms, creator)) return state
  const dealt = { dealer: creator, deal: item.deal, event }
  if (crypto.isDeal(serving.terms, dealt)) return { ...state, late: [...state.late, dealt] }
  faults.push({ kind: 'badDeal', accused: creator, event })
  return { ...state, judged: new Set(state.judged).add(creator) }
}

/** Against a key that already serves a complaint changes nothing: it only accuses. */
function applyComplaint(
  state: CoinState,
  { event, creator, item }: Ordered<'complaint'>,
  crypto: CoinCrypto,
  faults: CoinFault[],
): CoinState {
  const key = [state.forming, state.serving].find((each) => each?.terms.epoch === item.epoch)
  const deals = key === state.serving ? dealsInUse(state) : key?.deals
  const dealt = deals?.find((deal) => deal.event === item.deal)
  const name = `${creator} ${item.deal}`
  if (!key || !dealt || !isHolder(key.terms, creator) || state.judged.has(name)) return state
  const culprit = crypto.culprit(key.terms, dealt, creator, item.complaint)
  const judged = new Set(state.judged).add(name)
  if (culprit === 'complainer') {
    faults.push({ kind: 'falseComplaint', accused: creator, event })
    return { ...state, judged }
  }
  faults.push({ kind: 'badDeal', accused: dealt.dealer, event: dealt.event })
  const { forming } = state
  if (forming !== key) return { ...state, judged }
  return { ...state, judged, forming: { ...forming, dropped: new Set(forming.dropped).add(dealt.dealer) } }
}

function activate(state: CoinState, height: number, hashDeals: HashDeals): CoinState {
  const { forming } = state
  const deals = forming && listedDeals(forming)
  if (!forming || !deals) return state
  const list = hashDeals(
    forming.terms.epoch,
    deals.map(({ event }) => event),
  )
  const confirmed = [...forming.cleans.values()].filter((clean) => clean === list).length
  if (confirmed < forming.needed) return state
  const { terms, dropped } = forming
  const late = forming.deals.filter((deal) => !dropped.has(deal.dealer) && !deals.includes(deal))
  const judged = new Set([...state.judged, ...dropped])
  return { ...state, forming: null, serving: { terms, deals, since: height }, late, judged }
}

/** Those that make the key in use, and those that came too late for it. */
export function dealsInUse({ serving, late }: CoinState): readonly OrderedDeal[] {
  return serving ? [...serving.deals, ...late] : []
}

/** Begins an epoch when the voters, or those of them with a key, are others than the last epoch's. */
function begin(state: CoinState, { sectionId, height, voters }: CoinBlock): CoinState {
  const threshold = faultsTolerated(voters.length)
  if (threshold === 0) {
    return state.forming || state.serving
      ? { ...state, forming: null, serving: null, late: [], judged: new Set() }
      : state
  }
  const holders = keyedVoters(state, voters)
  const fits = (terms: CoinTerms | undefined) => fitsVoters(terms, threshold, holders)
  const serving = state.serving && canServe(state.serving.terms, voters) ? state.serving : null
  const late = serving ? state.late : []
  if (fits(state.forming?.terms)) return serving === state.serving ? state : { ...state, serving, late }
  const needed = voters.length - threshold
  const isEnough = !fits(serving?.terms) && holders.length >= needed
  const terms = { sectionId, epoch: height, threshold, holders }
  const forming = isEnough ? { terms, needed, deals: [], dropped: noPeers, cleans: noCleans } : null
  if (serving === state.serving && forming === state.forming) return state
  return { ...state, serving, late, forming, judged: new Set() }
}

/** Whether the key in use is that of the current voters, all that have registered a key. */
export function isCurrent(state: CoinState, voters: readonly PeerId[]): boolean {
  return fitsVoters(state.serving?.terms, faultsTolerated(voters.length), keyedVoters(state, voters))
}

function keyedVoters(state: CoinState, voters: readonly PeerId[]): CoinTerms['holders'] {
  return voters.flatMap((peer) => {
    const key = state.keys.get(peer)
    return key === undefined ? [] : { peer, key }
  })
}

function fitsVoters(terms: CoinTerms | undefined, threshold: number, holders: CoinTerms['holders']): boolean {
  return (
    terms?.threshold === threshold &&
    terms.holders.length === holders.length &&
    terms.holders.every(({ peer }, i) => peer === holders[i]?.peer)
  )
}

const noPeers: ReadonlySet<PeerId> = new Set()
const noCleans: ReadonlyMap<PeerId, Hash> = new Map()

/** Of its holders that are still voters, f' may be faulty now and f may have been: one more makes the coin. */
function canServe(terms: CoinTerms, voters: readonly PeerId[]): boolean {
  const left = terms.holders.filter(({ peer }) => voters.includes(peer)).length
  return left >= terms.threshold + 1 + faultsTolerated(voters.length)
}

function bindDraws(state: CoinState, voters: number): CoinState {
  const source = state.serving ?? (faultsTolerated(voters) === 0 ? 'blockHash' : null)
  if (source === null || ![...state.draws.values()].includes('pending')) return state
  const draws = new Map(state.draws)
  for (const [height, bound] of draws) if (bound === 'pending') draws.set(height, source)
  return { ...state, draws }
}

export function isHolder(terms: CoinTerms, peer: PeerId): boolean {
  return terms.holders.some((holder) => holder.peer === peer)
}

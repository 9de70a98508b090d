/**
 * What has been computed about epochs, keys and shares, so that nothing is verified twice. Bounded: what peers can make us
 * remember is forgotten again, the least recently used first, and an epoch with all that belongs to it.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { CoinTerms, Dealt, HeldShare, KeySource, Toss } from '../../core/coin/port.ts'
import type { Hash, PeerId } from '../../core/gossip/event.ts'
import { ownValidShare, type ValidCoinShare, verifyCoinSharesSteps } from './coin.ts'
import { type CheckedDeal, checkDeal, type OpenedShare } from './deal.ts'
import { type EpochKey, type EpochShare, epochKeySteps } from './epoch-key.ts'
import { CoinInputError } from './input-error.ts'
import { coinShareBytes, dealBytes } from './limits.ts'
import { createMemo, type Memo } from './memo.ts'
import { dealTermsOf, messageOf } from './statements.ts'
import type { Steps } from './steps.ts'
import type { DealTerms } from './terms.ts'

/** Remembered at a time: the epoch that serves, the one that forms, and a few that were overtaken. */
const epochsMax = 8
/** Two per holder of the largest epoch, as a forker's branches may differ. */
const dealsMax = 128
const keysMax = 4
/** Of one key. A toss of the largest section has 64 shares. */
const sharesMax = 2048
const coinsMax = 1024

export interface Epoch {
  readonly terms: DealTerms
  readonly indices: ReadonlyMap<PeerId, number>
  ownDeal: Uint8Array | null
  readonly deals: Memo<CheckedDeal | null>
  readonly opened: WeakMap<CheckedDeal, OpenedShare>
  readonly complaints: WeakMap<CheckedDeal, Uint8Array>
  readonly culprits: Memo<'dealer' | 'complainer'>
  readonly keys: Memo<Keyed>
  readonly bySource: WeakMap<KeySource, Keyed>
}

export interface Keyed {
  readonly key: EpochKey
  readonly deals: readonly CheckedDeal[]
  /** Undefined: not asked for yet. */
  own: EpochShare | null | undefined
  readonly ownShares: Memo<Uint8Array>
  readonly shares: Memo<ValidCoinShare | null>
  readonly coins: Memo<Hash>
}

export interface EpochMemory {
  /** By the object while it lives, and by what is in it. */
  of(terms: CoinTerms): Epoch
  /** Lets go of our shares of all epochs but these; asked for again, they are computed again. */
  forgetShares(kept: readonly CoinTerms[]): void
}

export function rememberEpochs(): EpochMemory {
  const byName = createMemo<Epoch>(epochsMax)
  const names = new WeakMap<CoinTerms, string>()
  function of(terms: CoinTerms): Epoch {
    const { sectionId, epoch, threshold, holders } = terms
    const name =
      names.get(terms) ?? [sectionId, epoch, threshold, ...holders.map(({ peer, key }) => `${peer} ${key}`)].join(' ')
    names.set(terms, name)
    return byName.get(name) ?? byName.set(name, createEpoch(terms))
  }
  return {
    of,
    forgetShares(kept) {
      const left = new Set(kept.map(of))
      for (const epoch of byName.values()) {
        if (left.has(epoch)) continue
        for (const keyed of epoch.keys.values()) keyed.own = undefined
        for (const deal of epoch.deals.values()) if (deal) epoch.opened.delete(deal)
      }
    },
  }
}

function createEpoch(terms: CoinTerms): Epoch {
  return {
    terms: dealTermsOf(terms),
    indices: new Map(terms.holders.map(({ peer }, index) => [peer, index])),
    ownDeal: null,
    deals: createMemo(dealsMax),
    opened: new WeakMap(),
    complaints: new WeakMap(),
    culprits: createMemo(dealsMax),
    keys: createMemo(keysMax),
    bySource: new WeakMap(),
  }
}

export function* checkedDeal({ terms, indices, deals }: Epoch, { dealer, deal }: Dealt): Steps<CheckedDeal | null> {
  const index = indices.get(dealer)
  if (index === undefined || deal.length !== dealBytes(terms.receivers.length, terms.threshold)) return null
  const name = `${index} ${bytesToHex(sha256(deal))}`
  const known = deals.get(name)
  if (known !== undefined) return known
  yield
  const check = checkDeal(terms, index, deal)
  return deals.set(name, 'deal' in check ? check.deal : null)
}

export function* requireDeal(epoch: Epoch, dealt: Dealt): Steps<CheckedDeal> {
  const deal = yield* checkedDeal(epoch, dealt)
  if (deal === null) throw new CoinInputError('badDeals', `not a deal by ${dealt.dealer}`)
  return deal
}

export function* keyedBy(epoch: Epoch, source: KeySource): Steps<Keyed> {
  const known = epoch.bySource.get(source)
  if (known) return known
  const deals: CheckedDeal[] = []
  for (const dealt of source.deals) deals.push(yield* requireDeal(epoch, dealt))
  const name = deals.map(({ hash }) => bytesToHex(hash)).join(' ')
  const keyed = epoch.keys.get(name) ?? epoch.keys.set(name, createKeyed(yield* epochKeySteps(deals), deals))
  epoch.bySource.set(source, keyed)
  return keyed
}

function createKeyed(key: EpochKey, deals: readonly CheckedDeal[]): Keyed {
  return {
    key,
    deals,
    own: undefined,
    ownShares: createMemo(coinsMax),
    shares: createMemo(sharesMax),
    coins: createMemo(coinsMax),
  }
}

/** What we made ourselves need not be verified. */
export function rememberOwnShare({ shares }: Keyed, own: EpochShare, toss: Toss, bytes: Uint8Array): void {
  shares.set(nameOfShare(toss, own.index, bytes), ownValidShare(own, messageOf(toss), bytes))
}

/** For each share, in its place, what it gives to the coin; null for a bad one. */
export function* checkedShares(
  { indices }: Epoch,
  { key, shares: known }: Keyed,
  toss: Toss,
  shares: readonly HeldShare[],
): Steps<readonly (ValidCoinShare | null)[]> {
  const verdicts = new Map<string, ValidCoinShare | null>()
  const unknown = new Map<string, { readonly index: number; readonly bytes: Uint8Array }>()
  const names = shares.map(({ holder, share }) => {
    const index = indices.get(holder)
    if (index === undefined || share.length !== coinShareBytes) return null
    const name = nameOfShare(toss, index, share)
    const verdict = known.get(name)
    if (verdict === undefined) unknown.set(name, { index, bytes: share })
    else verdicts.set(name, verdict)
    return name
  })
  while (unknown.size > 0) {
    // One per holder at a time, as what comes back names the holder only.
    const round = new Map([...unknown].map(([name, share]) => [share.index, { name, share }]))
    const checked = yield* verifyCoinSharesSteps(
      key,
      messageOf(toss),
      [...round.values()].map(({ share }) => share),
    )
    const valid = new Map(checked.valid.map((share) => [share.index, share]))
    for (const [index, { name }] of round) {
      verdicts.set(name, known.set(name, valid.get(index) ?? null))
      unknown.delete(name)
    }
  }
  return names.map((name) => (name === null ? null : (verdicts.get(name) ?? null)))
}

export function nameOf(toss: Toss): string {
  return toss.kind === 'flip' ? `flip ${toss.election} ${toss.round}` : `block ${toss.height}`
}

function nameOfShare(toss: Toss, index: number, bytes: Uint8Array): string {
  return `${nameOf(toss)} ${index} ${bytesToHex(bytes)}`
}

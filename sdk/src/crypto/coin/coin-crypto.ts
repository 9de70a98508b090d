/**
 * The core's port on the coin, answered with ristretto255. Every answer is computed once and remembered within bounds; every
 * question can also be asked in steps, ahead of time, so that the core finds the answer there.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { CoinCrypto, CoinTerms, Dealt, KeySource, Toss } from '../../core/coin/port.ts'
import type { PeerId } from '../../core/gossip/event.ts'
import { coinBit, coinShare, combineSharesSteps } from './coin.ts'
import { createComplaint, judgeComplaint } from './complaint.ts'
import { type CheckedDeal, createDealSteps, type OpenedShare, openShare } from './deal.ts'
import { type EpochShare, epochShareFrom, sumShares } from './epoch-key.ts'
import {
  checkedDeal,
  checkedShares,
  type Epoch,
  type EpochMemory,
  type Keyed,
  keyedBy,
  nameOf,
  rememberEpochs,
  rememberOwnShare,
  requireDeal,
} from './epoch-memory.ts'
import { CoinInputError } from './input-error.ts'
import { type CoinPublicKey, checkCoinKey, proveCoinKey } from './key.ts'
import { coinKeyProofBytes, complaintBytes } from './limits.ts'
import { createMemo } from './memo.ts'
import { type MemberSecret, memberSecretFrom, messageOf } from './statements.ts'
import { runSteps, type Steps } from './steps.ts'

export interface CoinCryptoOptions {
  readonly self: PeerId
  /** 32 bytes that belong to this identity alone and stay as long as it does. */
  readonly secret: Uint8Array
}

/** A port whose answers are computed in steps of a few milliseconds. */
export type InSteps<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...question: infer Question) => infer Answer
    ? (...question: Question) => Steps<Answer>
    : never
}

/** The port, which answers everything at once. */
interface Answers extends CoinCrypto {
  deal(terms: CoinTerms): Uint8Array
  complaint(terms: CoinTerms, dealt: Dealt): Uint8Array | null
  share(source: KeySource, toss: Toss): Uint8Array | null
}

export interface SteppedCoinCrypto extends Answers {
  /** The same answers; whatever was asked here is remembered there. */
  readonly inSteps: InSteps<Omit<Answers, 'bit'>>
  /** Computes the key and the own share of it, without which no toss has an answer. */
  prepare(source: KeySource): Steps<void>
  /** Lets go of our shares of every epoch's key but of these; asked for again, they are computed again. */
  forgetShares(kept: readonly CoinTerms[]): void
}

type AnswersTo<Name extends keyof Answers> = InSteps<Pick<Answers, Name>>

interface Member {
  readonly self: PeerId
  readonly owner: Uint8Array
  readonly secret: MemberSecret
}

const registrationsMax = 256

/** Throws `CoinInputError` for a secret of another length; its answers do so only for questions that the port rules out. */
export function createCoinCrypto({ self, secret }: CoinCryptoOptions): SteppedCoinCrypto {
  const member: Member = { self, owner: hexToBytes(self), secret: memberSecretFrom(secret) }
  const epochs = rememberEpochs()
  const { of: epochOf } = epochs
  const inSteps = { ...registering(member), ...dealing(member, epochOf), ...tossing(member, epochOf) }
  return {
    registration: () => runSteps(inSteps.registration()),
    isRegistration: (...question) => runSteps(inSteps.isRegistration(...question)),
    deal: (...question) => runSteps(inSteps.deal(...question)),
    isDeal: (...question) => runSteps(inSteps.isDeal(...question)),
    complaint: (...question) => runSteps(inSteps.complaint(...question)),
    culprit: (...question) => runSteps(inSteps.culprit(...question)),
    share: (...question) => runSteps(inSteps.share(...question)),
    areShares: (...question) => runSteps(inSteps.areShares(...question)),
    combine: (...question) => runSteps(inSteps.combine(...question)),
    bit: coinBit,
    inSteps,
    *prepare(source) {
      const epoch = epochOf(source.terms)
      yield* ownShareOf(member, epoch, yield* keyedBy(epoch, source))
    },
    forgetShares: epochs.forgetShares,
  }
}

function registering({ self, owner, secret }: Member): AnswersTo<'registration' | 'isRegistration'> {
  const known = createMemo<boolean>(registrationsMax)
  let own: ReturnType<CoinCrypto['registration']> | null = null
  return {
    *registration() {
      if (own) return own
      yield
      own = { key: secret.key.public, proof: proveCoinKey(secret.key, owner, secret.random('registration', owner)) }
      known.set(nameOfRegistration(self, own.key, own.proof), true)
      return own
    },

    *isRegistration(peer, key, proof) {
      if (proof.length !== coinKeyProofBytes) return false
      const name = nameOfRegistration(peer, key, proof)
      const verdict = known.get(name)
      if (verdict !== undefined) return verdict
      yield
      return known.set(name, checkCoinKey(key, hexToBytes(peer), proof))
    },
  }
}

function nameOfRegistration(peer: PeerId, key: CoinPublicKey, proof: Uint8Array): string {
  return `${peer} ${key} ${bytesToHex(proof)}`
}

function nameOfComplaint({ hash }: CheckedDeal, index: number, complaint: Uint8Array): string {
  return `${bytesToHex(hash)} ${index} ${bytesToHex(complaint)}`
}

function dealing(member: Member, epochOf: EpochMemory['of']): AnswersTo<'deal' | 'isDeal' | 'complaint' | 'culprit'> {
  const { self, owner, secret } = member
  return {
    *deal(terms) {
      const epoch = epochOf(terms)
      if (epoch.ownDeal) return epoch.ownDeal
      const dealer = epoch.indices.get(self)
      if (dealer === undefined) throw new CoinInputError('badIndex', 'only holders deal')
      yield
      const random = secret.random('deal', owner, epoch.terms.hash)
      epoch.ownDeal = yield* createDealSteps({ terms: epoch.terms, dealer, random })
      return epoch.ownDeal
    },

    *isDeal(terms, dealt) {
      return (yield* checkedDeal(epochOf(terms), dealt)) !== null
    },

    *complaint(terms, dealt) {
      const epoch = epochOf(terms)
      const index = ownIndex(member, epoch)
      if (index === null) return null
      const deal = yield* requireDeal(epoch, dealt)
      if ('share' in (yield* opened(member, epoch, index, deal))) return null
      const known = epoch.complaints.get(deal)
      if (known) return known
      yield
      const complaint = createComplaint(deal, index, secret.key, secret.random('complaint', owner, deal.hash))
      epoch.complaints.set(deal, complaint)
      epoch.culprits.set(nameOfComplaint(deal, index, complaint), 'dealer')
      return complaint
    },

    *culprit(terms, dealt, complainer, complaint) {
      const epoch = epochOf(terms)
      const index = epoch.indices.get(complainer)
      if (index === undefined || complaint.length !== complaintBytes) return 'complainer'
      const deal = yield* requireDeal(epoch, dealt)
      const name = nameOfComplaint(deal, index, complaint)
      const known = epoch.culprits.get(name)
      if (known) return known
      yield
      const verdict = judgeComplaint(deal, index, complaint)
      return epoch.culprits.set(name, verdict === 'dealerCheated' ? 'dealer' : 'complainer')
    },
  }
}

function tossing(member: Member, epochOf: EpochMemory['of']): AnswersTo<'share' | 'areShares' | 'combine'> {
  return {
    *share(source, toss) {
      const epoch = epochOf(source.terms)
      const keyed = yield* keyedBy(epoch, source)
      const own = yield* ownShareOf(member, epoch, keyed)
      if (own === null) return null
      const name = nameOf(toss)
      const known = keyed.ownShares.get(name)
      if (known) return known
      yield
      const share = coinShare(own, messageOf(toss))
      rememberOwnShare(keyed, own, toss, share)
      return keyed.ownShares.set(name, share)
    },

    *areShares(source, toss, shares) {
      const epoch = epochOf(source.terms)
      const checked = yield* checkedShares(epoch, yield* keyedBy(epoch, source), toss, shares)
      return checked.map((share) => share !== null)
    },

    *combine(source, toss, shares) {
      const epoch = epochOf(source.terms)
      const keyed = yield* keyedBy(epoch, source)
      const name = nameOf(toss)
      const known = keyed.coins.get(name)
      if (known) return known
      const needed = epoch.terms.threshold + 1
      const byHolder = [...new Map(shares.map((share) => [share.holder, share])).values()].slice(0, needed)
      const valid = (yield* checkedShares(epoch, keyed, toss, byHolder)).filter((share) => share !== null)
      if (valid.length < needed) throw new CoinInputError('badShares', `${valid.length} valid shares of ${needed}`)
      return keyed.coins.set(name, yield* combineSharesSteps(valid))
    },
  }
}

/** Our place among the holders; null if another key than ours is registered there, whose shares we cannot open. */
function ownIndex({ self, secret }: Member, { terms, indices }: Epoch): number | null {
  const index = indices.get(self)
  return index !== undefined && terms.receivers[index] === secret.key.public ? index : null
}

function* opened({ secret }: Member, epoch: Epoch, index: number, deal: CheckedDeal): Steps<OpenedShare> {
  const known = epoch.opened.get(deal)
  if (known) return known
  yield
  const result = openShare(deal, index, secret.key)
  epoch.opened.set(deal, result)
  return result
}

/** Null without our registered key, and where a deal that counts cheated us of our share. */
function* ownShareOf(member: Member, epoch: Epoch, keyed: Keyed): Steps<EpochShare | null> {
  if (keyed.own !== undefined) return keyed.own
  const index = ownIndex(member, epoch)
  const dealt: Uint8Array[] = []
  for (const deal of index === null ? [] : keyed.deals) {
    const result = yield* opened(member, epoch, index as number, deal)
    if ('share' in result) dealt.push(result.share)
  }
  yield
  const isWhole = index !== null && dealt.length === keyed.deals.length
  keyed.own = isWhole ? epochShareFrom(keyed.key, index, sumShares(dealt)) : null
  return keyed.own
}

/** Seeded coin keys, deals and epochs, honest and not, for tests and adversaries. */
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { dealCoder } from '../src/crypto/coin/codec.ts'
import {
  bodyHash,
  type CheckedDeal,
  checkDeal,
  createDeal,
  dealStatement,
  headHash,
  openShare,
} from '../src/crypto/coin/deal.ts'
import { type EpochKey, type EpochShare, epochKey, epochShareFrom, sumShares } from '../src/crypto/coin/epoch-key.ts'
import {
  encoded,
  encodeScalar,
  evaluate,
  generator,
  multiplySecret,
  type Random,
  randomScalar,
  requireKey,
} from '../src/crypto/coin/group.ts'
import { uint32 } from '../src/crypto/coin/hashing.ts'
import { type CoinKey, createCoinKey } from '../src/crypto/coin/key.ts'
import { proveLogs } from '../src/crypto/coin/known-logs.ts'
import { seal } from '../src/crypto/coin/sealing.ts'
import { createDealTerms, type DealTerms, pointOf } from '../src/crypto/coin/terms.ts'

/** ℓ (RFC 9496, section 4.4). */
export const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n

/** SHA-256 of the seed and a counter. */
export function seededRandom(seed: string): Random {
  let block = 0
  let rest = new Uint8Array()
  return (length) => {
    while (rest.length < length) rest = concatBytes(rest, sha256(concatBytes(utf8ToBytes(seed), uint32(block++))))
    const taken = rest.slice(0, length)
    rest = rest.slice(length)
    return taken
  }
}

export interface Group {
  readonly keys: readonly CoinKey[]
  readonly terms: DealTerms
  readonly random: Random
}

export function createGroup(size: number, seed: string, context = seed): Group {
  const random = seededRandom(seed)
  const keys = Array.from({ length: size }, () => createCoinKey(random))
  const receivers = keys.map((key) => key.public)
  const threshold = Math.ceil(size / 3) - 1
  return { keys, terms: createDealTerms({ context: utf8ToBytes(context), threshold, receivers }), random }
}

export function accepted(terms: DealTerms, dealer: number, bytes: Uint8Array): CheckedDeal {
  const check = checkDeal(terms, dealer, bytes)
  if ('reason' in check) throw new Error(`the deal of ${dealer} was refused: ${check.reason}`)
  return check.deal
}

export function opened(deal: CheckedDeal, index: number, key: CoinKey): Uint8Array {
  const result = openShare(deal, index, key)
  if ('reason' in result) throw new Error(`the share of ${index} was refused: ${result.reason}`)
  return result.share
}

/** An epoch's key made by the first n − f holders, and every holder's share. */
export function createEpoch({ keys, terms, random }: Group): {
  readonly key: EpochKey
  readonly holders: EpochShare[]
} {
  const dealers = keys.slice(0, keys.length - terms.threshold)
  const deals = dealers.map((_, dealer) => accepted(terms, dealer, createDeal({ terms, dealer, random })))
  const key = epochKey(deals)
  const holders = keys.map((own, index) => {
    const share = epochShareFrom(key, index, sumShares(deals.map((deal) => opened(deal, index, own))))
    if (share === null) throw new Error('the dealt shares do not add up')
    return share
  })
  return { key, holders }
}

export interface Cheat {
  /** In place of the share that the polynomial gives; null seals it to nobody. */
  readonly share?: (receiver: number, honest: Uint8Array) => Uint8Array | null
  readonly coefficients?: readonly bigint[]
}

/** A deal in which everything public is in order, by a dealer that seals what it likes. */
export function createCheatingDeal({ terms, random }: Group, dealer: number, cheat: Cheat): Uint8Array {
  const coefficients = cheat.coefficients ?? Array.from({ length: terms.threshold + 1 }, () => randomScalar(random))
  const secret = randomScalar(random)
  const commitments = coefficients.map((coefficient) => encoded(multiplySecret(generator, coefficient)))
  const ephemeral = encoded(multiplySecret(generator, secret))
  const head = headHash(terms, dealer, { commitments, ephemeral })
  const sealed = terms.receivers.map((key, receiver) => {
    const shared = multiplySecret(requireKey(key).element, secret).toBytes()
    const honest = encodeScalar(evaluate(coefficients, pointOf(receiver)))
    const share = cheat.share ? cheat.share(receiver, honest) : honest
    return share ? seal(shared, { head, receiver }, share) : new Uint8Array(48)
  })
  const body = { commitments, ephemeral, sealed }
  const statement = dealStatement(bodyHash(terms, dealer, body), body)
  return dealCoder.encode({ ...body, proof: proveLogs(statement, [coefficients[0] as bigint, secret], random(32)) })
}

export function flipped(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const changed = bytes.slice()
  changed[at] = (changed[at] as number) ^ (1 << bit)
  return changed
}

export function replaced(bytes: Uint8Array, at: number, field: Uint8Array): Uint8Array {
  const changed = bytes.slice()
  changed.set(field, at)
  return changed
}

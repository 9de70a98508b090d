/**
 * The key of an epoch: the sum of the qualified deals (Pedersen, 1991). Nobody ever holds its secret, of which every
 * receiver has one share.
 */
import { bytesToHex } from '@noble/hashes/utils.js'
import type { CheckedDeal } from './deal.ts'
import {
  addScalars,
  type Element,
  type EncodedElement,
  elementToHex,
  encoded,
  encodeScalar,
  evaluateInGroup,
  generator,
  multiplySecret,
  requireSecret,
} from './group.ts'
import { hash32 } from './hashing.ts'
import { CoinInputError } from './input-error.ts'
import { runSteps, type Steps } from './steps.ts'
import { type DealTerms, pointOf, requireIndex } from './terms.ts'

export interface EpochKey {
  readonly terms: DealTerms
  /** Names the terms and the deals; every coin is bound to it. 32 bytes in hexadecimal. */
  readonly id: string
  /** The group's public key, 32 bytes in hexadecimal. */
  readonly publicKey: string
  /** Per holder, the public counterpart of its share. */
  readonly verificationKeys: readonly EncodedElement[]
}

/** A share that fits its epoch's key. */
export interface EpochShare {
  readonly key: EpochKey
  readonly index: number
  /** A scalar, 32 bytes: to be kept as long as the epoch lasts, and then erased. */
  readonly secret: Uint8Array
}

/** `epochKeySteps` at once. */
export function epochKey(deals: readonly CheckedDeal[]): EpochKey {
  return runSteps(epochKeySteps(deals))
}

/**
 * The key made by the qualified deals, in whatever order they stand. Throws `CoinInputError` for no deals, deals under
 * different terms, or two by one dealer: that the deals are at least n − f is for the caller to see to.
 */
export function* epochKeySteps(deals: readonly CheckedDeal[]): Steps<EpochKey> {
  const ordered = [...deals].sort((a, b) => a.dealer - b.dealer)
  const [first] = ordered
  if (!first) throw new CoinInputError('badDeals', 'a key needs deals')
  const { terms } = first
  const termsHash = bytesToHex(terms.hash)
  for (const [i, deal] of ordered.entries()) {
    if (bytesToHex(deal.terms.hash) !== termsHash) throw new CoinInputError('badDeals', 'deals under different terms')
    if (deal.dealer === ordered[i - 1]?.dealer) throw new CoinInputError('badDeals', 'two deals by one dealer')
  }
  const commitments: Element[] = []
  for (let k = 0; k <= terms.threshold; k++) {
    const summands = ordered.map((deal) => (deal.commitments[k] as EncodedElement).element)
    commitments.push(summands.reduce((sum, element) => sum.add(element)))
    yield
  }
  const verificationKeys: EncodedElement[] = []
  for (let index = 0; index < terms.receivers.length; index++) {
    verificationKeys.push(encoded(evaluateInGroup(commitments, pointOf(index))))
    yield
  }
  const id = bytesToHex(hash32('epoch-key', terms.hash, ...ordered.map((deal) => deal.hash)))
  return { terms, id, publicKey: elementToHex(commitments[0] as Element), verificationKeys }
}

/** One's share of the epoch's key, from one's shares of all of its deals. Throws `CoinInputError` for other than scalars. */
export function sumShares(shares: readonly Uint8Array[]): Uint8Array {
  return encodeScalar(shares.map(requireShare).reduce(addScalars, 0n))
}

/**
 * Null if the secret is not the share of this holder: coin shares made with it would be taken for malice, so a lost or
 * damaged one must be noticed here.
 */
export function epochShareFrom(key: EpochKey, index: number, secret: Uint8Array): EpochShare | null {
  requireIndex(key.terms, index)
  const expected = key.verificationKeys[index] as EncodedElement
  return multiplySecret(generator, requireSecret(secret)).equals(expected.element) ? { key, index, secret } : null
}

/** A single deal's share may be zero, though no honest dealer's ever is. */
function requireShare(share: Uint8Array): bigint {
  return share.length === 32 && share.every((byte) => byte === 0) ? 0n : requireSecret(share)
}

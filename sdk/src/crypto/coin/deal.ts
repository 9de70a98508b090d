/**
 * One dealer's part of an epoch's key: Feldman's verifiable secret sharing (1987) with the shares sealed to their
 * receivers, so that a deal is one public byte string.
 *
 * The dealer proves that it knows both the constant term and the ephemeral key. The second matters as much as the first: a
 * dealer that copied another's ephemeral key would make honest receivers complain, and a complaint reveals the
 * Diffie-Hellman key, which would then open the other dealer's ciphertext (Shoup and Gennaro, 1998).
 */
import { concatBytes } from '@noble/hashes/utils.js'
import { type DealBody, dealBodyCoder, dealCoder, decodeOrNull } from './codec.ts'
import {
  decodeScalar,
  type Element,
  type EncodedElement,
  encoded,
  encodeScalar,
  evaluate,
  evaluateInGroup,
  generator,
  multiplySecret,
  type Random,
  randomScalar,
  requireKey,
  requireSecret,
} from './group.ts'
import { hash32, uint32 } from './hashing.ts'
import { CoinInputError } from './input-error.ts'
import type { CoinKey } from './key.ts'
import { knowsLogs, proveLogs } from './known-logs.ts'
import { seal, unseal } from './sealing.ts'
import { runSteps, type Steps } from './steps.ts'
import { type DealTerms, pointOf, requireIndex } from './terms.ts'

/** A deal in which everything that can be checked in public is in order. */
export interface CheckedDeal {
  readonly terms: DealTerms
  /** Index of the dealer. */
  readonly dealer: number
  /** Of the terms, the dealer and the deal without its proof. */
  readonly hash: Uint8Array
  /** Of the terms, the dealer, the commitments and the ephemeral key. */
  readonly head: Uint8Array
  readonly commitments: readonly EncodedElement[]
  readonly ephemeral: EncodedElement
  readonly sealed: readonly Uint8Array[]
}

export interface DealOptions {
  readonly terms: DealTerms
  /** Index of the dealer among the receivers. */
  readonly dealer: number
  /** Asked for 64 bytes f + 2 times, then for 32. */
  readonly random: Random
}

/** `createDealSteps` at once. */
export function createDeal(options: DealOptions): Uint8Array {
  return runSteps(createDealSteps(options))
}

/** The deal's bytes, `dealBytes(n, f)` many. Throws `CoinInputError` for a broken random source or an inadmissible key. */
export function* createDealSteps({ terms, dealer, random }: DealOptions): Steps<Uint8Array> {
  requireIndex(terms, dealer)
  const coefficients = Array.from({ length: terms.threshold + 1 }, () => randomScalar(random))
  const ephemeralSecret = randomScalar(random)
  const fresh = random(32)
  const commitments: EncodedElement[] = []
  for (const coefficient of coefficients) {
    commitments.push(encoded(multiplySecret(generator, coefficient)))
    yield
  }
  const ephemeral = encoded(multiplySecret(generator, ephemeralSecret))
  const head = headHash(terms, dealer, { commitments, ephemeral })
  const sealed: Uint8Array[] = []
  for (const [receiver, key] of terms.receivers.entries()) {
    const shared = multiplySecret(requireKey(key).element, ephemeralSecret).toBytes()
    const share = encodeScalar(evaluate(coefficients, pointOf(receiver)))
    sealed.push(seal(shared, { head, receiver }, share))
    yield
  }
  const body = { commitments, ephemeral, sealed }
  const statement = dealStatement(bodyHash(terms, dealer, body), body)
  const proof = proveLogs(statement, [coefficients[0] as bigint, ephemeralSecret], fresh)
  return dealCoder.encode({ ...body, proof })
}

export type DealCheck =
  | { readonly deal: CheckedDeal }
  /** `malformed`: not canonical bytes of a deal of this size. `badProof`: not made by this dealer under these terms. */
  | { readonly reason: 'malformed' | 'badProof' }

/** Everything that can be checked without a secret. Never throws on any bytes. */
export function checkDeal(terms: DealTerms, dealer: number, bytes: Uint8Array): DealCheck {
  requireIndex(terms, dealer)
  const { threshold, receivers } = terms
  const decoded = decodeOrNull(dealCoder, bytes)
  if (decoded?.commitments.length !== threshold + 1 || decoded.sealed.length !== receivers.length) {
    return { reason: 'malformed' }
  }
  const { commitments, ephemeral, proof } = decoded
  const sealed = decoded.sealed.map((ciphertext) => ciphertext.slice())
  const hash = bodyHash(terms, dealer, decoded)
  if (!knowsLogs(dealStatement(hash, decoded), proof)) return { reason: 'badProof' }
  return { deal: { terms, dealer, hash, head: headHash(terms, dealer, decoded), commitments, ephemeral, sealed } }
}

export type OpenedShare =
  /** A scalar, 32 bytes. */
  | { readonly share: Uint8Array }
  /** The dealer cheated; `createComplaint` proves it. */
  | { readonly reason: 'undecryptable' | 'notAScalar' | 'inconsistent' }

/** One's own share of a deal. Throws `CoinInputError` if the key is not that of `index`. */
export function openShare(deal: CheckedDeal, index: number, key: CoinKey): OpenedShare {
  const secret = requireReceiver(deal, index, key)
  return openWith(deal, index, multiplySecret(deal.ephemeral.element, secret))
}

/** The same for whoever knows the Diffie-Hellman key, so that a receiver and its judges cannot differ. */
export function openWith(deal: CheckedDeal, index: number, shared: Element): OpenedShare {
  const context = { head: deal.head, receiver: index }
  const share = unseal(shared.toBytes(), context, deal.sealed[index] as Uint8Array)
  if (share === null) return { reason: 'undecryptable' }
  let scalar: bigint
  try {
    scalar = decodeScalar(share)
  } catch {
    return { reason: 'notAScalar' }
  }
  const committed = evaluateInGroup(
    deal.commitments.map(({ element }) => element),
    pointOf(index),
  )
  return multiplySecret(generator, scalar).equals(committed) ? { share } : { reason: 'inconsistent' }
}

/** The secret of the key, which must be the one to which the deal sealed the share of `index`. */
export function requireReceiver({ terms }: CheckedDeal, index: number, key: CoinKey): bigint {
  requireIndex(terms, index)
  if (terms.receivers[index] !== key.public) throw new CoinInputError('badKey', `not the key of holder ${index}`)
  return requireSecret(key.secret)
}

export function dealStatement(
  binding: Uint8Array,
  { commitments, ephemeral }: Pick<DealBody, 'commitments' | 'ephemeral'>,
) {
  return { purpose: 'deal-proof', binding, elements: [commitments[0] as EncodedElement, ephemeral] } as const
}

export function headHash(terms: DealTerms, dealer: number, head: Omit<DealBody, 'sealed'>): Uint8Array {
  const elements = concatBytes(...head.commitments.map(({ bytes }) => bytes), head.ephemeral.bytes)
  return hash32('deal-head', terms.hash, uint32(dealer), elements)
}

export function bodyHash(terms: DealTerms, dealer: number, { commitments, ephemeral, sealed }: DealBody): Uint8Array {
  return hash32('deal', terms.hash, uint32(dealer), dealBodyCoder.encode({ commitments, ephemeral, sealed }))
}

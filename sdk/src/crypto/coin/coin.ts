/**
 * The common coin of Cachin, Kursawe and Shoup (2000): f + 1 shares x_j·H(message) of an epoch's key, each with the proof
 * that it is right, give x·H(message); fewer give nothing. One value per epoch and message, known to nobody before f + 1
 * holders let go of their shares.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Hash, PeerId } from '../../core/gossip/event.ts'
import { decodeOrNull, type ProvenElement, provenElementCoder } from './codec.ts'
import type { EpochKey, EpochShare } from './epoch-key.ts'
import { haveEqualLogs, proveEqualLogs } from './equal-logs.ts'
import { type Element, type EncodedElement, identity, requireSecret, sumOfMultiples } from './group.ts'
import { hash32, hashToElement } from './hashing.ts'
import { CoinInputError } from './input-error.ts'
import { lagrangeAtZero } from './lagrange.ts'
import { coinLimits } from './limits.ts'
import { runSteps, type Steps } from './steps.ts'
import { pointOf, requireIndex } from './terms.ts'

export interface CoinShare {
  /** Of the holder. */
  readonly index: number
  readonly bytes: Uint8Array
}

/** A share whose proof was verified, so that it never has to be again. */
export interface ValidCoinShare {
  readonly key: EpochKey
  readonly index: number
  /** Names the epoch's key and the message. */
  readonly coin: Hash
  readonly element: Element
}

/** A provable fault of the holder, as the bytes stand in an event that it signed. */
export type CoinShareFault = 'malformed' | 'badProof'

export interface CoinSharesCheck {
  readonly valid: readonly ValidCoinShare[]
  readonly invalid: readonly { readonly index: number; readonly reason: CoinShareFault }[]
}

/** Shares checked with one sum: more save little, and four take 4 ms. */
const groupSize = 4
const noRandomness = new Uint8Array()

/**
 * One's own share, 128 bytes; the same ones every time, unless `fresh` random bytes are added against faults of the
 * machine. `message` names the coin within the epoch, at most 1024 bytes.
 */
export function coinShare(own: EpochShare, message: Uint8Array, fresh: Uint8Array = noRandomness): Uint8Array {
  const { key, index, secret } = own
  const coin = coinOf(key, message)
  return provenElementCoder.encode(proveEqualLogs(statement(key, coin, index), requireSecret(secret), fresh))
}

/** A share that `coinShare` has just made with `own`. */
export function ownValidShare({ key, index }: EpochShare, message: Uint8Array, bytes: Uint8Array): ValidCoinShare {
  const { image } = provenElementCoder.decode(bytes)
  return { key, index, coin: coinName(key, message).name, element: image.element }
}

/** `verifyCoinShares` for one. */
export function verifyCoinShare(key: EpochKey, message: Uint8Array, share: CoinShare): CoinSharesCheck {
  return verifyCoinShares(key, message, [share])
}

/** `verifyCoinSharesSteps` at once. */
export function verifyCoinShares(key: EpochKey, message: Uint8Array, shares: readonly CoinShare[]): CoinSharesCheck {
  return runSteps(verifyCoinSharesSteps(key, message, shares))
}

/**
 * Which of the shares are right, each in its given place. Groups of four are checked as one sum; only a group that fails is
 * checked one by one, so that a bad share costs its author's neighbours little. Never throws on any share's bytes.
 */
export function* verifyCoinSharesSteps(
  key: EpochKey,
  message: Uint8Array,
  shares: readonly CoinShare[],
): Steps<CoinSharesCheck> {
  const coin = coinOf(key, message)
  const right = new Map<CoinShare, ProvenElement>()
  const faults = new Map<CoinShare, CoinShareFault>()
  for (let start = 0; start < shares.length; start += groupSize) {
    const group: { readonly share: CoinShare; readonly proof: ProvenElement }[] = []
    for (const share of shares.slice(start, start + groupSize)) {
      requireIndex(key.terms, share.index)
      const proof = decodeOrNull(provenElementCoder, share.bytes)
      if (proof === null) faults.set(share, 'malformed')
      else group.push({ share, proof })
    }
    yield
    const holds = (some: typeof group) =>
      haveEqualLogs(
        coin.base,
        some.map(({ share, proof }) => ({ statement: statement(key, coin, share.index), proof })),
      )
    const areAllRight = group.length > 0 && holds(group)
    for (const one of group) {
      const isAlone = group.length === 1
      if (!areAllRight && !isAlone) yield
      if (areAllRight || (!isAlone && holds([one]))) right.set(one.share, one.proof)
      else faults.set(one.share, 'badProof')
    }
    yield
  }
  return {
    valid: shares.flatMap((share) => {
      const proof = right.get(share)
      return proof ? [{ key, index: share.index, coin: coin.name, element: proof.image.element }] : []
    }),
    invalid: shares.flatMap((share) => {
      const reason = faults.get(share)
      return reason ? [{ index: share.index, reason }] : []
    }),
  }
}

/** `combineSharesSteps` at once. */
export function combineShares(shares: readonly ValidCoinShare[]): Hash {
  return runSteps(combineSharesSteps(shares))
}

/**
 * The coin's value, 32 bytes in hexadecimal: the same from any f + 1 of the holders' shares. Throws `CoinInputError` for
 * fewer, or shares of different coins.
 */
export function* combineSharesSteps(shares: readonly ValidCoinShare[]): Steps<Hash> {
  const [first] = shares
  if (!first) throw new CoinInputError('badShares', 'no shares')
  if (shares.some((share) => share.coin !== first.coin)) throw new CoinInputError('badShares', 'of different coins')
  const { threshold } = first.key.terms
  const used = [...new Map(shares.map((share) => [share.index, share])).values()].slice(0, threshold + 1)
  if (used.length <= threshold) {
    throw new CoinInputError('badShares', `${used.length} holders' shares with a threshold of ${threshold}`)
  }
  const factors = lagrangeAtZero(used.map(({ index }) => pointOf(index)))
  let sum = identity
  for (let start = 0; start < used.length; start += 2 * groupSize) {
    const terms = used
      .slice(start, start + 2 * groupSize)
      .map(({ element }, i) => [factors[start + i] as bigint, element] as const)
    sum = sum.add(sumOfMultiples(terms))
    yield
  }
  return bytesToHex(hash32('coin', hexToBytes(first.coin), sum.toBytes()))
}

/** The coin's bit for one subject: all of an election's bits come from one value, and none tells another. */
export function coinBit(coin: Hash, subject: PeerId): boolean {
  return ((hash32('bit', hexToBytes(coin), hexToBytes(subject))[31] as number) & 1) === 1
}

interface Coin {
  readonly name: Hash
  readonly nameBytes: Uint8Array
  readonly base: Element
}

function coinOf(key: EpochKey, message: Uint8Array): Coin {
  const { name, nameBytes } = coinName(key, message)
  return { name, nameBytes, base: hashToElement(nameBytes) }
}

function coinName(key: EpochKey, message: Uint8Array): Omit<Coin, 'base'> {
  if (message.length > coinLimits.messageBytes) throw new CoinInputError('badMessage', `${message.length} bytes`)
  const nameBytes = hash32('coin-name', hexToBytes(key.id), message)
  return { name: bytesToHex(nameBytes), nameBytes }
}

function statement(key: EpochKey, { nameBytes, base }: Coin, index: number) {
  return { purpose: 'share', binding: nameBytes, base, key: key.verificationKeys[index] as EncodedElement } as const
}

/**
 * ristretto255 (RFC 9496): a group of prime order ℓ with one encoding per element. So there are no cofactors to mind, and
 * checking equations one by one or added up with random weights comes to the same.
 */
import { mulAddUnsafe } from '@noble/curves/abstract/curve.js'
import { ristretto255 } from '@noble/curves/ed25519.js'
import { bytesToHex, bytesToNumberLE, hexToBytes } from '@noble/curves/utils.js'
import { CoinInputError } from './input-error.ts'

export type Element = InstanceType<typeof ristretto255.Point>

/** An element beside its encoding, as decoding costs 80 µs and encoding as much. */
export interface EncodedElement {
  readonly element: Element
  readonly bytes: Uint8Array
}

/** Gives exactly `length` bytes that nobody else can guess; seeded in simulations. */
export type Random = (length: number) => Uint8Array

const { Point } = ristretto255
const { Fn } = Point
export const identity: Element = Point.ZERO

/**
 * The generator, apart from the library's own object for it: that one's first use computes a table of multiples, 60 ms in a
 * page that has just started. Without a table a multiple takes 0.9 ms instead of 0.2, which a section's few do not notice.
 */
export const generator: Element = Point.fromBytes(Point.BASE.toBytes())

/** Throws for what is not the canonical encoding (RFC 9496, section 4.3.1) of an element, and for the identity. */
export function decodeElement(bytes: Uint8Array): Element {
  const element = Point.fromBytes(bytes)
  if (element.is0()) throw new RangeError('the identity element')
  return element
}

export function encoded(element: Element): EncodedElement {
  return { element, bytes: element.toBytes() }
}

const keyPattern = /^[0-9a-f]{64}$/

/** Null for what is not the lower-case hexadecimal form of a canonical element other than the identity. */
export function elementFromHex(hex: string): EncodedElement | null {
  if (!keyPattern.test(hex)) return null
  const bytes = hexToBytes(hex)
  try {
    return { element: decodeElement(bytes), bytes }
  } catch {
    return null
  }
}

/** A key that the caller vouches for. */
export function requireKey(hex: string): EncodedElement {
  const key = elementFromHex(hex)
  if (key === null) throw new CoinInputError('badKey', 'not a ristretto255 public key')
  return key
}

// Scalars: integers modulo ℓ, 32 bytes in little-endian order, canonical only below ℓ.

/** Throws for 2^252 + … = ℓ and above. */
export function decodeScalar(bytes: Uint8Array): bigint {
  return Fn.fromBytes(bytes)
}

export function encodeScalar(scalar: bigint): Uint8Array {
  return Fn.toBytes(scalar)
}

export function scalarFromWide(bytes: Uint8Array): bigint {
  return Fn.create(bytesToNumberLE(bytes))
}

/** Uniform but for a bias of 2^-259, never zero. */
export function randomScalar(random: Random): bigint {
  const bytes = random(64)
  if (bytes.length !== 64) throw new CoinInputError('badRandomness', `${bytes.length} random bytes instead of 64`)
  const scalar = scalarFromWide(bytes)
  if (scalar === 0n) throw new CoinInputError('badRandomness', 'the random source gave zero')
  return scalar
}

/** A secret that the caller kept: canonical and not zero. */
export function requireSecret(bytes: Uint8Array): bigint {
  let scalar = 0n
  try {
    scalar = decodeScalar(bytes)
  } catch {
    // Falls through to the error below.
  }
  if (scalar === 0n) throw new CoinInputError('badSecret', 'not a canonical scalar other than zero')
  return scalar
}

export function addScalars(a: bigint, b: bigint): bigint {
  return Fn.add(a, b)
}

export function multiplyScalars(a: bigint, b: bigint): bigint {
  return Fn.mul(a, b)
}

export function negateScalar(scalar: bigint): bigint {
  return Fn.neg(scalar)
}

export function invertScalar(scalar: bigint): bigint {
  return Fn.inv(scalar)
}

/** The sequence of group operations does not depend on the scalar; JavaScript's own arithmetic may still. */
export function multiplySecret(element: Element, scalar: bigint): Element {
  return scalar === 0n ? identity : element.multiply(scalar)
}

/** Σ scalar·element, for public values only: time and memory tell the scalars. */
export function sumOfMultiples(terms: readonly (readonly [scalar: bigint, element: Element])[]): Element {
  return mulAddUnsafe(
    Point,
    terms.map(([, element]) => element),
    terms.map(([scalar]) => scalar),
  )
}

/** Σ elements[k]·x^k by Horner's rule; cheap for a small x, public values only. */
export function evaluateInGroup(elements: readonly Element[], x: number): Element {
  return elements.reduceRight((sum, element) => sum.multiplyUnsafe(BigInt(x)).add(element), identity)
}

export function elementToHex(element: Element): string {
  return bytesToHex(element.toBytes())
}

/** Σ coefficients[k]·x^k modulo ℓ. */
export function evaluate(coefficients: readonly bigint[], x: number): bigint {
  return coefficients.reduceRight((sum, coefficient) => Fn.add(Fn.mul(sum, BigInt(x)), coefficient), 0n)
}

/** Ed25519 signatures on the edges of RFC 8032, on which implementations disagree, made from noble's points. */
import { Point } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'

export const groupOrder = Point.CURVE().n
const fieldPrime = Point.CURVE().p

/** A generator of the eight points of small order. */
export const order8 = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')

export const torsionPoints: readonly Point[] = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((n) => order8.multiply(n, false))

export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes.slice().reverse())}`)
}

export function encodeScalar(scalar: bigint): Uint8Array {
  return hexToBytes(scalar.toString(16).padStart(64, '0')).reverse()
}

/** Every encoding, canonical or not, of a point of small order. */
export function smallOrderEncodings(): string[] {
  const encodings = new Set<string>()
  for (const point of torsionPoints) {
    const { x, y } = point.toAffine()
    for (const value of [y, y + fieldPrime]) {
      if (value >= 2n ** 255n) continue
      for (const sign of x === 0n ? [0n, 1n] : [x & 1n]) {
        encodings.add(bytesToHex(encodeScalar(value | (sign << 255n))))
      }
    }
  }
  return [...encodings]
}

export interface Crafted {
  readonly name: string
  readonly valid: boolean
  readonly key: string
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

interface Recipe {
  readonly secret: bigint
  readonly nonce: bigint
  /** Added to the public key and to R. */
  readonly keyTorsion?: Point
  readonly nonceTorsion?: Point
  /** Takes R's place. */
  readonly encodedR?: Uint8Array
  readonly sPlus?: bigint
}

const message = new TextEncoder().encode('parsec')

/** R = r·B + T, S = r + k·a, A = a·B + U: what a signer who knows both scalars can make. */
function craft(name: string, valid: boolean, recipe: Recipe): Crafted {
  const { secret, nonce, keyTorsion = Point.ZERO, nonceTorsion = Point.ZERO, sPlus = 0n } = recipe
  const key = Point.BASE.multiply(secret, false).add(keyTorsion).toBytes()
  const r = recipe.encodedR ?? Point.BASE.multiply(nonce, false).add(nonceTorsion).toBytes()
  const k = littleEndian(sha512(concatBytes(r, key, message))) % groupOrder
  const s = encodeScalar(((nonce + k * secret) % groupOrder) + sPlus)
  return { name, valid, key: bytesToHex(key), message, signature: concatBytes(r, s) }
}

export function craftedSignatures(): Crafted[] {
  const secret = 0x0f1e_2d3c_4b5a_6978_8796_a5b4n
  const nonce = 0x1357_9bdf_0246_8acen
  const good = craft('an ordinary signature', true, { secret, nonce })
  return [
    good,
    { ...good, name: 'another message', valid: false, message: new TextEncoder().encode('parsed') },
    { ...good, name: 'another key', valid: false, key: Point.BASE.multiply(7n).toHex() },
    { ...good, name: 'a truncated signature', valid: false, signature: good.signature.slice(0, 63) },
    {
      ...good,
      name: 'a signature with a byte too many',
      valid: false,
      signature: concatBytes(good.signature, Uint8Array.of(0)),
    },
    { ...good, name: 'no signature', valid: false, signature: new Uint8Array() },
    { ...good, name: 'a key that is not on the curve', valid: false, key: `02${'00'.repeat(31)}` },
    { ...good, name: 'a key of another length', valid: false, key: good.key.slice(2) },
    craft('S above the group order', false, { secret, nonce, sPlus: groupOrder }),
    craft('S above the group order, seven times', false, { secret, nonce, sPlus: 7n * groupOrder }),
    ...torsionPoints.slice(1).flatMap((torsion, index) => [
      craft(`torsion in R (${index + 1} of 8)`, false, { secret, nonce, nonceTorsion: torsion }),
      craft(`torsion in the key (${index + 1} of 8)`, false, { secret, nonce, keyTorsion: torsion }),
      craft(`torsion in both (${index + 1} of 8)`, false, {
        secret,
        nonce,
        keyTorsion: torsion,
        nonceTorsion: torsion.negate(),
      }),
      craft(`a key of small order (${index + 1} of 8)`, false, { secret: 0n, nonce, keyTorsion: torsion }),
    ]),
    craft('the identity as key', false, { secret: 0n, nonce }),
    ...smallOrderEncodings().map((encoding) =>
      // For R = identity the equation holds with S = k·a, and only the rule says no.
      craft(`R = ${encoding}`, false, { secret, nonce: 0n, encodedR: hexToBytes(encoding) }),
    ),
  ]
}

import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accepted, createEpoch, createGroup, flipped, groupOrder, replaced } from '../../../test/coin.ts'
import { provenElementCoder } from './codec.ts'
import { coinBit, coinShare, combineShares, type ValidCoinShare, verifyCoinShare, verifyCoinShares } from './coin.ts'
import { createDeal } from './deal.ts'
import { type EpochShare, epochKey, epochShareFrom, sumShares } from './epoch-key.ts'
import {
  addScalars,
  decodeScalar,
  elementToHex,
  encodeScalar,
  evaluate,
  generator,
  multiplyScalars,
  multiplySecret,
  randomScalar,
} from './group.ts'
import { hash32, hashToElement, hashToScalar } from './hashing.ts'
import { CoinInputError } from './input-error.ts'
import { lagrangeAtZero } from './lagrange.ts'
import { coinShareBytes } from './limits.ts'
import { pointOf } from './terms.ts'
import { batchWeights } from './weights.ts'

type Six = [bigint, bigint, bigint, bigint, bigint, bigint]

const group = createGroup(7, 'coins')
const { key, holders } = createEpoch(group)
const message = utf8ToBytes('election 3, round 2')
const shares = holders.map((own) => ({ index: own.index, bytes: coinShare(own, message) }))
const { valid } = verifyCoinShares(key, message, shares)

const at = (index: number) => holders[index] as EpochShare
const share = (index: number) => shares[index] as (typeof shares)[number]
/** The secret that nobody holds. */
const secret = holders
  .slice(0, 3)
  .map((own) => decodeScalar(own.secret))
  .reduce((sum, value, i) => addScalars(sum, multiplyScalars(value, lagrangeAtZero([1, 2, 3])[i] as bigint)), 0n)

describe('an epoch’s key', () => {
  test('is the sum of what its dealers dealt', () => {
    expect(elementToHex(multiplySecret(generator, secret))).toBe(key.publicKey)
    for (const own of holders) {
      const expected = multiplySecret(generator, decodeScalar(own.secret))
      expect(expected.equals(key.verificationKeys[own.index]?.element ?? generator)).toBe(true)
    }
  })

  test('does not depend on the order of the deals, only on which they are', () => {
    const small = createGroup(4, 'order')
    const { terms, random } = small
    const deals = [0, 1, 2, 3].map((dealer) => accepted(terms, dealer, createDeal({ terms, dealer, random })))
    const made = epochKey(deals.slice(0, 3))
    expect(epochKey(deals.slice(0, 3).toReversed())).toEqual(made)
    expect(epochKey(deals.slice(1)).id).not.toBe(made.id)
  })

  test('cannot be made of no deals, of two by one dealer, or of deals for different epochs', () => {
    const { terms, random } = createGroup(4, 'one')
    const other = createGroup(4, 'one', 'another epoch')
    const deal = accepted(terms, 0, createDeal({ terms, dealer: 0, random }))
    const foreign = accepted(other.terms, 1, createDeal({ terms: other.terms, dealer: 1, random }))
    for (const wrong of [[], [deal, deal], [deal, foreign]]) expect(() => epochKey(wrong)).toThrow(CoinInputError)
  })

  test('takes no share but the holder’s own', () => {
    expect(epochShareFrom(key, 1, at(1).secret)).not.toBeNull()
    expect(epochShareFrom(key, 1, at(2).secret)).toBeNull()
    expect(() => epochShareFrom(key, 1, new Uint8Array(32).fill(255))).toThrow(CoinInputError)
    expect(() => epochShareFrom(key, 7, at(1).secret)).toThrow(CoinInputError)
  })

  test('takes dealt shares that are zero, and no bytes that are no scalars', () => {
    expect(sumShares([new Uint8Array(32), at(1).secret])).toEqual(at(1).secret)
    expect(() => sumShares([new Uint8Array(31)])).toThrow(CoinInputError)
    expect(() => sumShares([new Uint8Array(32).fill(255)])).toThrow(CoinInputError)
  })
})

describe('the coin', () => {
  test('is the same from any f + 1 of the holders, and what the secret itself would give', () => {
    const name = hash32('coin-name', hexToBytes(key.id), message)
    const expected = hash32('coin', name, multiplySecret(hashToElement(name), secret).toBytes())
    const coin = combineShares(valid)
    expect(hexToBytes(coin)).toEqual(expected)
    const anyThree = fc.shuffledSubarray([...valid], { minLength: 3 })
    fc.assert(
      fc.property(anyThree, (some) => combineShares(some) === coin),
      { numRuns: 20 },
    )
  })

  test('is not to be had from f holders, however often they repeat themselves', () => {
    const [a, b] = valid as [ValidCoinShare, ValidCoinShare]
    expect(() => combineShares([a, b, a, b])).toThrow(CoinInputError)
    expect(() => combineShares([])).toThrow(CoinInputError)
  })

  test('is open to f holders: every value of it fits some share of the next holder', () => {
    const [a, b, c] = valid as [ValidCoinShare, ValidCoinShare, ValidCoinShare]
    const coins = [c.element, c.element.double(), generator].map((element) => combineShares([a, b, { ...c, element }]))
    expect(new Set(coins).size).toBe(3)
  })

  test('is the same from any nine of 25 holders: more than fit into one step', () => {
    const coefficients = Array.from({ length: 9 }, () => randomScalar(group.random))
    const large = { ...key, terms: { ...key.terms, threshold: 8 } }
    const base = hashToElement(message)
    const dealt = Array.from({ length: 25 }, (_, index) => ({
      key: large,
      index,
      coin: bytesToHex(hash32('coin-name', message)),
      element: multiplySecret(base, evaluate(coefficients, pointOf(index))),
    }))
    const expected = multiplySecret(base, coefficients[0] as bigint).toBytes()
    const coin = bytesToHex(hash32('coin', hash32('coin-name', message), expected))
    expect(combineShares(dealt)).toBe(coin)
    expect(combineShares(dealt.slice(16))).toBe(coin)
  })

  test('differs from message to message and from key to key', () => {
    const other = utf8ToBytes('election 3, round 3')
    const { valid: others } = verifyCoinShares(
      key,
      other,
      holders.slice(0, 3).map((own) => ({ index: own.index, bytes: coinShare(own, other) })),
    )
    expect(combineShares(others)).not.toBe(combineShares(valid))
    expect(() => combineShares([...others.slice(0, 2), ...valid.slice(2)])).toThrow(CoinInputError)
  })

  test('has independent bits for different subjects', () => {
    const coin = combineShares(valid)
    const subjects = group.keys.map((own) => own.public)
    const bits = subjects.map((subject) => coinBit(coin, subject))
    expect(new Set(bits).size).toBe(2)
    expect(subjects.map((subject) => coinBit(coin, subject))).toEqual(bits)
  })
})

describe('a coin share', () => {
  test('is 128 bytes, the same every time, and valid with another proof when randomness is added', () => {
    const hedged = coinShare(at(0), message, utf8ToBytes('fresh'))
    expect(share(0).bytes).toHaveLength(coinShareBytes)
    expect(coinShare(at(0), message)).toEqual(share(0).bytes)
    expect(hedged).not.toEqual(share(0).bytes)
    expect(hedged.slice(0, 32)).toEqual(share(0).bytes.slice(0, 32))
    expect(verifyCoinShare(key, message, { index: 0, bytes: hedged }).valid).toHaveLength(1)
  })

  test('is worth nothing in another holder’s place, for another message or under another key', () => {
    const { key: other } = createEpoch(createGroup(7, 'coins', 'another epoch'))
    expect(verifyCoinShare(key, message, { index: 1, bytes: share(0).bytes }).invalid).toEqual([
      { index: 1, reason: 'badProof' },
    ])
    expect(verifyCoinShare(key, utf8ToBytes('election 3, round 3'), share(0)).valid).toEqual([])
    expect(verifyCoinShare(other, message, share(0)).valid).toEqual([])
  })

  test('with any field changed, not canonical or the identity is refused', () => {
    const { bytes } = share(0)
    const changed = [0, 31, 32, 63, 64, 95, 96, 127].map((offset) => flipped(bytes, offset))
    const elements = [0, 32, 64].flatMap((offset) => [
      replaced(bytes, offset, new Uint8Array(32)),
      replaced(bytes, offset, new Uint8Array(32).fill(255)),
      replaced(bytes, offset, generator.toBytes()),
    ])
    const lengths = [bytes.subarray(1), new Uint8Array([...bytes, 0]), new Uint8Array()]
    const unreduced = replaced(bytes, 96, new Uint8Array(32).fill(255))
    for (const wrong of [...changed, ...elements, ...lengths, unreduced]) {
      expect(verifyCoinShare(key, message, { index: 0, bytes: wrong }).valid).toEqual([])
    }
  })

  test('with the proof of another share under the same key is refused', () => {
    const other = coinShare(at(0), utf8ToBytes('election 3, round 3'))
    const grafted = replaced(other, 0, share(0).bytes.slice(0, 32))
    expect(verifyCoinShare(key, message, { index: 0, bytes: grafted }).invalid).toEqual([
      { index: 0, reason: 'badProof' },
    ])
  })

  test('for a message that is too long, or by a holder that does not exist, is the caller’s mistake', () => {
    expect(() => coinShare(at(0), new Uint8Array(1025))).toThrow(CoinInputError)
    expect(() => verifyCoinShare(key, message, { index: 7, bytes: share(0).bytes })).toThrow(CoinInputError)
  })
})

describe('shares checked together', () => {
  test('are all found valid, in the order in which they came', () => {
    const shuffled = [6, 2, 0, 5, 1, 4, 3].map(share)
    const check = verifyCoinShares(key, message, shuffled)
    expect(check.invalid).toEqual([])
    expect(check.valid.map(({ index }) => index)).toEqual([6, 2, 0, 5, 1, 4, 3])
    expect(verifyCoinShares(key, message, [])).toEqual({ valid: [], invalid: [] })
  })

  test('name the culprits, wherever they stand', () => {
    const bad = (index: number) => ({ index, bytes: share((index + 1) % 7).bytes })
    const check = verifyCoinShares(key, message, [share(0), bad(1), share(2), share(3), share(4), bad(5), bad(6)])
    expect(check.valid.map(({ index }) => index)).toEqual([0, 2, 3, 4])
    expect(check.invalid).toEqual([1, 5, 6].map((index) => ({ index, reason: 'badProof' })))
  })

  test('cannot have errors that cancel each other out', () => {
    const shifted = (index: number, by: bigint) => {
      const proof = provenElementCoder.decode(share(index).bytes)
      return { index, bytes: provenElementCoder.encode({ ...proof, response: addScalars(proof.response, by) }) }
    }
    const minusOne = decodeScalar(encodeScalar(groupOrder - 1n))
    const check = verifyCoinShares(key, message, [shifted(0, 1n), share(1), shifted(2, minusOne)])
    expect(check.invalid.map(({ index }) => index)).toEqual([0, 2])
  })

  test('have weights that nobody knows who still has a response to choose', () => {
    const three = [0, 1, 2].map((index) => ({ index, proof: provenElementCoder.decode(share(index).bytes) }))
    const name = hash32('coin-name', hexToBytes(key.id), message)
    const challenges = three.map(({ index, proof: { image, commitment, baseCommitment } }) => {
      const holder = key.verificationKeys[index]?.bytes ?? new Uint8Array()
      return hashToScalar('share', name, holder, image.bytes, commitment.bytes, baseCommitment.bytes)
    })
    const [a, b, c, d, e, f] = batchWeights(challenges.map(encodeScalar), 6) as Six
    // Orthogonal to the weights of both equations: with them, these errors would add up to nothing.
    const errors = [c * f - e * d, e * b - a * f, a * d - c * b]
    const forged = three.map(({ index, proof }, i) => {
      const response = addScalars(proof.response, (((errors[i] as bigint) % groupOrder) + groupOrder) % groupOrder)
      return { index, bytes: provenElementCoder.encode({ ...proof, response }) }
    })
    expect(verifyCoinShares(key, message, forged).invalid.map(({ index }) => index)).toEqual([0, 1, 2])
  })

  test('are judged as they are one by one', () => {
    const mangled = fc.tuple(fc.nat(6), fc.nat(6), fc.option(fc.nat(127), { freq: 2 }))
    fc.assert(
      fc.property(fc.array(mangled, { minLength: 1, maxLength: 5 }), (picks) => {
        const some = picks.map(([index, author, change]) => {
          const { bytes } = share(author)
          return { index, bytes: change === null ? bytes : flipped(bytes, change) }
        })
        const together = verifyCoinShares(key, message, some)
        const alone = some.map((one) => verifyCoinShare(key, message, one))
        expect(together.invalid).toEqual(alone.flatMap(({ invalid }) => invalid))
        expect(together.valid.map(({ index }) => index)).toEqual(
          alone.flatMap(({ valid: right }) => right.map(({ index }) => index)),
        )
      }),
      { numRuns: 15 },
    )
  })

  test('from one holder twice are one share', () => {
    const twice = verifyCoinShares(key, message, [share(0), share(0), share(1)])
    expect(twice.valid).toHaveLength(3)
    expect(() => combineShares(twice.valid)).toThrow(CoinInputError)
  })

  test('are taken at the places of the holders, which start at 1', () => {
    expect(holders.map(({ index }) => pointOf(index))).toEqual([1, 2, 3, 4, 5, 6, 7])
  })
})

import { utf8ToBytes } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { flipped, replaced, seededRandom } from '../../../test/coin.ts'
import { CoinInputError } from './input-error.ts'
import { checkCoinKey, coinKeyFrom, createCoinKey, proveCoinKey } from './key.ts'
import { coinKeyProofBytes } from './limits.ts'

const random = seededRandom('coin keys')
const alice = utf8ToBytes('alice')
const key = createCoinKey(random)
const proof = proveCoinKey(key, alice, random)

describe('coin keys', () => {
  test('a key with the proof of its owner is accepted', () => {
    expect(proof).toHaveLength(coinKeyProofBytes)
    expect(checkCoinKey(key.public, alice, proof)).toBe(true)
  })

  test('the kept secret gives the same key again', () => {
    expect(coinKeyFrom(key.secret)).toEqual(key)
  })

  test('a proof is worth nothing for another owner or another key', () => {
    expect(checkCoinKey(key.public, utf8ToBytes('bob'), proof)).toBe(false)
    expect(checkCoinKey(createCoinKey(random).public, alice, proof)).toBe(false)
  })

  test('a proof with a changed byte, a missing or a further one is refused', () => {
    for (let at = 0; at < proof.length; at += 7) expect(checkCoinKey(key.public, alice, flipped(proof, at))).toBe(false)
    expect(checkCoinKey(key.public, alice, proof.subarray(1))).toBe(false)
    expect(checkCoinKey(key.public, alice, new Uint8Array([...proof, 0]))).toBe(false)
  })

  test('the identity is no key and no commitment', () => {
    expect(checkCoinKey('00'.repeat(32), alice, proof)).toBe(false)
    expect(checkCoinKey(key.public, alice, replaced(proof, 0, new Uint8Array(32)))).toBe(false)
  })

  test('a broken random source is the caller’s mistake', () => {
    expect(() => createCoinKey((length) => new Uint8Array(length))).toThrow(CoinInputError)
    expect(() => createCoinKey(() => new Uint8Array(63).fill(1))).toThrow(CoinInputError)
  })

  test('a secret that is zero, not reduced or of another length is the caller’s mistake', () => {
    for (const secret of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31).fill(1)]) {
      expect(() => coinKeyFrom(secret)).toThrow(CoinInputError)
    }
  })
})

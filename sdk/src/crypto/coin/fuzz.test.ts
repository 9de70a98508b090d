/** What a peer sent never throws, and no bytes but its own pass for a value; fast-check prints the seed of a failure. */
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import * as P from 'micro-packed'
import { describe, expect, test } from 'vitest'
import { accepted, createCheatingDeal, createEpoch, createGroup, flipped } from '../../../test/coin.ts'
import { dealCoder, decodeOrNull, elementCoder, listOf, provenElementCoder } from './codec.ts'
import { coinShare, verifyCoinShare } from './coin.ts'
import { createComplaint, judgeComplaint } from './complaint.ts'
import { checkDeal, createDeal } from './deal.ts'
import type { EpochShare } from './epoch-key.ts'
import { generator } from './group.ts'
import { type CoinKey, checkCoinKey, proveCoinKey } from './key.ts'
import { dealBytesMax } from './limits.ts'

const group = createGroup(4, 'fuzz')
const { terms, random } = group
const [own] = group.keys as [CoinKey]
const owner = utf8ToBytes('owner')
const message = utf8ToBytes('fuzz')
const epoch = createEpoch(group)
const bad = accepted(terms, 0, createCheatingDeal(group, 0, { share: () => null }))

/** A decoder, whether it takes bytes for valid, and bytes that are. */
const decoders: readonly (readonly [name: string, isValid: (bytes: Uint8Array) => boolean, good: Uint8Array])[] = [
  ['deal', (bytes) => 'deal' in checkDeal(terms, 1, bytes), createDeal({ terms, dealer: 1, random })],
  ['complaint', (bytes) => judgeComplaint(bad, 0, bytes) !== 'malformed', createComplaint(bad, 0, own, random)],
  ['coin key proof', (bytes) => checkCoinKey(own.public, owner, bytes), proveCoinKey(own, owner, random)],
  [
    'coin share',
    (bytes) => verifyCoinShare(epoch.key, message, { index: 0, bytes }).valid.length === 1,
    coinShare(epoch.holders[0] as EpochShare, message),
  ],
]

describe.each(decoders)('the decoder of a %s', (_, isValid, good) => {
  test('takes what was made', () => {
    expect(isValid(good)).toBe(true)
  })

  test('refuses random bytes of any length', () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 2 * good.length }),
      fc.uint8Array({ minLength: good.length, maxLength: good.length }),
    )
    fc.assert(
      fc.property(any, (bytes) => !isValid(bytes)),
      { numRuns: 200 },
    )
  })

  test('refuses what was made with one bit changed', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(7), (at, bit) => !isValid(flipped(good, at, bit))),
      { numRuns: 40 },
    )
  })

  test('refuses what was made, cut short or spliced', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }), (at, insert) => {
        expect(isValid(good.slice(0, at))).toBe(false)
        expect(isValid(Uint8Array.from([...good.slice(0, at), ...insert, ...good.slice(at)]))).toBe(false)
      }),
      { numRuns: 40 },
    )
  })
})

describe('the layouts', () => {
  test('give back the bytes that they took', () => {
    const [[, , deal], [, , complaint]] = decoders as [(typeof decoders)[0], (typeof decoders)[0]]
    expect(dealCoder.encode(dealCoder.decode(deal))).toEqual(deal)
    expect(provenElementCoder.encode(provenElementCoder.decode(complaint))).toEqual(complaint)
  })

  test('bound every count', () => {
    const list = listOf(2, 22, elementCoder)
    const ofCount = (count: number) =>
      concatBytes(Uint8Array.of(count), ...Array.from({ length: count }, () => generator.toBytes()))
    for (const count of [2, 22]) expect(decodeOrNull(list, ofCount(count))).toHaveLength(count)
    for (const count of [0, 1, 23, 60]) expect(decodeOrNull(list, ofCount(count))).toBeNull()
  })

  test('look at no more bytes than the largest deal has', () => {
    expect(decodeOrNull(P.bytes(dealBytesMax), new Uint8Array(dealBytesMax))).not.toBeNull()
    expect(decodeOrNull(P.bytes(dealBytesMax + 1), new Uint8Array(dealBytesMax + 1))).toBeNull()
  })
})

import { utf8ToBytes } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { accepted, createCheatingDeal, createGroup, flipped, groupOrder, opened, replaced } from '../../../test/coin.ts'
import { dealCoder } from './codec.ts'
import { bodyHash, checkDeal, createDeal, dealStatement, openShare } from './deal.ts'
import { decodeScalar, generator, identity, multiplySecret, negateScalar, randomScalar } from './group.ts'
import { CoinInputError } from './input-error.ts'
import { createCoinKey } from './key.ts'
import { proveLogs } from './known-logs.ts'
import { lagrangeAtZero } from './lagrange.ts'
import { dealBytes, dealBytesMax } from './limits.ts'
import { createDealTerms, type DealTerms, pointOf } from './terms.ts'

const group = createGroup(4, 'deals')
const { terms, keys, random } = group
const bytes = createDeal({ terms, dealer: 2, random })
const deal = accepted(terms, 2, bytes)

/** Offsets of the fields of a deal for n = 4, f = 1. */
const at = { commitments: 1, ephemeral: 65, sealedCount: 97, sealed: 98, proof: 98 + 4 * 48 }

describe('a deal', () => {
  test('has the size that its terms say, at most 3,938 bytes', () => {
    expect(bytes).toHaveLength(dealBytes(4, 1))
    expect(dealBytesMax).toBe(3938)
  })

  test('gives every receiver its share of one secret', () => {
    const shares = keys.map((key, index) => decodeScalar(opened(deal, index, key)))
    for (const [a, b] of [
      [0, 1],
      [3, 1],
      [2, 3],
    ] as const) {
      const [forA, forB] = lagrangeAtZero([pointOf(a), pointOf(b)]) as [bigint, bigint]
      const secret = (forA * (shares[a] as bigint) + forB * (shares[b] as bigint)) % groupOrder
      expect(multiplySecret(generator, secret).equals(deal.commitments[0]?.element ?? identity)).toBe(true)
    }
  })

  test('is the same for the same random bytes', () => {
    const again = createGroup(4, 'deals')
    expect(createDeal({ terms: again.terms, dealer: 2, random: again.random })).toEqual(bytes)
  })

  test('is not made from a random source that gives zeros', () => {
    expect(() => createDeal({ terms, dealer: 2, random: (length) => new Uint8Array(length) })).toThrow(CoinInputError)
  })

  test('with other counts of commitments and shares in the same number of bytes is refused', () => {
    const own = dealCoder.decode(bytes)
    const commitments = [...own.commitments, ...own.commitments].slice(0, 2)
    const six = createDealTerms({
      context: utf8ToBytes('deals'),
      threshold: 1,
      receivers: [...terms.receivers, terms.receivers[0] ?? '', terms.receivers[1] ?? ''],
    })
    const fewer = { ...own, commitments: [...commitments, ...commitments, own.ephemeral] }
    const disguised = dealCoder.encode(fewer)
    expect(disguised).toHaveLength(dealBytes(6, 1))
    expect(checkDeal(six, 2, disguised)).toEqual({ reason: 'malformed' })
  })

  test('hides a share from everybody else', () => {
    expect(() => openShare(deal, 0, keys[1] ?? createCoinKey(random))).toThrow(CoinInputError)
    const stranger = { ...createCoinKey(random), public: keys[0]?.public ?? '' }
    expect(openShare(deal, 0, stranger)).toEqual({ reason: 'undecryptable' })
  })

  test('is refused when any of its fields was changed', () => {
    const fields = [0, at.commitments, at.commitments + 32, at.ephemeral, at.sealedCount, at.sealed, at.sealed + 47]
    const proof = [0, 32, 64, 96].map((offset) => at.proof + offset)
    for (const field of [...fields, at.sealed + 3 * 48, ...proof, bytes.length - 1]) {
      const check = checkDeal(terms, 2, flipped(bytes, field))
      expect(check, `byte ${field}`).toHaveProperty('reason')
    }
  })

  test('is refused with trailing bytes, missing ones, or none', () => {
    for (const wrong of [new Uint8Array([...bytes, 0]), bytes.subarray(0, -1), new Uint8Array(), new Uint8Array(1e6)]) {
      expect(checkDeal(terms, 2, wrong)).toEqual({ reason: 'malformed' })
    }
  })

  test('is refused with the identity or an encoding that is not canonical in the place of any element', () => {
    const notCanonical = new Uint8Array(32).fill(255)
    for (const offset of [at.commitments, at.commitments + 32, at.ephemeral, at.proof, at.proof + 32]) {
      expect(checkDeal(terms, 2, replaced(bytes, offset, new Uint8Array(32)))).toEqual({ reason: 'malformed' })
      expect(checkDeal(terms, 2, replaced(bytes, offset, notCanonical))).toEqual({ reason: 'malformed' })
    }
  })

  test('is refused with a response that is not reduced', () => {
    const response = decodeScalar(bytes.slice(at.proof + 64, at.proof + 96)) + groupOrder
    const field = Uint8Array.from({ length: 32 }, (_, i) => Number((response >> BigInt(8 * i)) & 255n))
    expect(checkDeal(terms, 2, replaced(bytes, at.proof + 64, field))).toEqual({ reason: 'malformed' })
  })

  test('is worth nothing by another dealer, in another epoch, for other receivers or another threshold', () => {
    const { receivers } = terms
    const others: DealTerms[] = [
      createDealTerms({ context: utf8ToBytes('another epoch'), threshold: 1, receivers }),
      createDealTerms({ context: utf8ToBytes('deals'), threshold: 1, receivers: receivers.toReversed() }),
    ]
    for (const other of others) expect(checkDeal(other, 2, bytes)).toEqual({ reason: 'badProof' })
    expect(checkDeal(terms, 1, bytes)).toEqual({ reason: 'badProof' })
    const seven = createGroup(7, 'seven')
    const degreeOne = createDealTerms({ context: utf8ToBytes('seven'), threshold: 1, receivers: seven.terms.receivers })
    const shallow = createDeal({ terms: degreeOne, dealer: 0, random })
    expect(checkDeal(seven.terms, 0, shallow)).toEqual({ reason: 'malformed' })
  })

  test('with another dealer’s ephemeral key is refused: its dealer cannot prove that it knows it', () => {
    const own = dealCoder.decode(createDeal({ terms, dealer: 1, random }))
    const body = { ...own, ephemeral: deal.ephemeral }
    const guess = proveLogs(dealStatement(bodyHash(terms, 1, body), body), [randomScalar(random), 1n], random(32))
    expect(checkDeal(terms, 1, dealCoder.encode({ ...body, proof: guess }))).toEqual({ reason: 'badProof' })
    expect(checkDeal(terms, 1, dealCoder.encode({ ...body, proof: own.proof }))).toEqual({ reason: 'badProof' })
  })

  test('may give a receiver the share zero', () => {
    const slope = randomScalar(random)
    const zeroAtOne = createCheatingDeal(group, 0, { coefficients: [negateScalar(slope), slope] })
    expect(opened(accepted(terms, 0, zeroAtOne), 0, keys[0] ?? createCoinKey(random))).toEqual(new Uint8Array(32))
  })

  test.each([
    ['undecryptable', () => null],
    ['notAScalar', () => new Uint8Array(32).fill(255)],
    ['inconsistent', (_: number, honest: Uint8Array) => flipped(honest, 0)],
  ] as const)('whose share is %s is refused by the receiver', (reason, share) => {
    const bad = createCheatingDeal(group, 3, {
      share: (receiver, honest) => (receiver === 1 ? share(receiver, honest) : honest),
    })
    const checked = accepted(terms, 3, bad)
    expect(openShare(checked, 1, keys[1] ?? createCoinKey(random))).toEqual({ reason })
    expect(openShare(checked, 2, keys[2] ?? createCoinKey(random))).toHaveProperty('share')
  })
})

describe('terms', () => {
  test('of 2f + 1 holders make deals that all of them open', () => {
    const receivers = keys.slice(0, 3).map((key) => key.public)
    const least = createDealTerms({ context: utf8ToBytes('least'), threshold: 1, receivers })
    const made = accepted(least, 1, createDeal({ terms: least, dealer: 1, random }))
    for (const [index, key] of keys.slice(0, 3).entries()) expect(openShare(made, index, key)).toHaveProperty('share')
  })

  test('need n ≥ 2f + 1, 1 ≤ f ≤ 21, n ≤ 64 and well-formed keys', () => {
    const context = new Uint8Array()
    const { receivers } = terms
    const many = Array.from({ length: 65 }, () => receivers[0] ?? '')
    expect(createDealTerms({ context, threshold: 21, receivers: many.slice(1) }).receivers).toHaveLength(64)
    expect(createDealTerms({ context, threshold: 2, receivers: many.slice(0, 5) }).receivers).toHaveLength(5)
    for (const wrong of [
      { context, threshold: 2, receivers: many.slice(0, 4) },
      { context, threshold: 22, receivers: many.slice(1) },
      { context, threshold: 0, receivers },
      { context, threshold: 1.5, receivers: many.slice(1) },
      { context, threshold: 1, receivers: many },
      { context, threshold: 1, receivers: receivers.map((key) => key.toUpperCase()) },
      { context: new Uint8Array(1025), threshold: 1, receivers },
    ]) {
      expect(() => createDealTerms(wrong)).toThrow(CoinInputError)
    }
  })

  test('with an index outside of them are the caller’s mistake', () => {
    for (const dealer of [-1, 4, 0.5, Number.NaN]) {
      expect(() => createDeal({ terms, dealer, random })).toThrow(CoinInputError)
      expect(() => checkDeal(terms, dealer, bytes)).toThrow(CoinInputError)
    }
  })
})

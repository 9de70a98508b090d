import { describe, expect, test } from 'vitest'
import { describeCoinContract } from '../../../test/coin-contract.ts'
import { createRealParty, type RealParty } from '../../../test/coin-party.ts'
import type { CoinTerms, Toss } from '../../core/coin/port.ts'
import { createCoinCrypto } from './coin-crypto.ts'
import { CoinInputError } from './input-error.ts'
import { runSteps, type Steps } from './steps.ts'

describeCoinContract('the coin over ristretto255', createRealParty)

const parties = [1, 2, 3, 4].map((index) => createRealParty(`0${index}`.repeat(32)))
const [alice, bob, carol] = parties as [RealParty, RealParty, RealParty]
const flip: Toss = { kind: 'flip', election: 0, round: 0 }

function termsOf(epoch: number): CoinTerms {
  const holders = parties.map(({ peer, coin }) => ({ peer, key: coin.registration().key }))
  return { sectionId: 'ab'.repeat(32), epoch, threshold: 1, holders }
}

/** Pauses on the way to the answer: none if it was there. */
function pauses(steps: Steps<unknown>): number {
  let count = 0
  while (!steps.next().done) count++
  return count
}

describe('the coin over ristretto255, asked in steps', () => {
  const terms = termsOf(1)
  const deals = [alice, bob, carol].map(({ peer, coin }) => ({ dealer: peer, deal: coin.deal(terms) }))
  const source = { terms, deals }
  const fresh = () => createRealParty(alice.peer).coin

  test('pauses before whatever takes milliseconds, and has each answer at once from then on', () => {
    const { key, proof } = bob.coin.registration()
    const cheating = { dealer: bob.peer, deal: bob.cheatingDeal(terms, [alice.peer, carol.peer]) }
    const shares = [bob, carol].map(({ peer, coin }) => ({
      holder: peer,
      share: coin.share(source, flip) as Uint8Array,
    }))
    const complaint = carol.coin.complaint(terms, cheating) as Uint8Array
    const coin = fresh()
    const questions: readonly (() => Steps<unknown>)[] = [
      () => coin.inSteps.registration(),
      () => coin.inSteps.isRegistration(bob.peer, key, proof),
      () => coin.inSteps.deal(terms),
      () => coin.inSteps.isDeal(terms, cheating),
      () => coin.inSteps.complaint(terms, cheating),
      () => coin.inSteps.culprit(terms, cheating, carol.peer, complaint),
      () => coin.inSteps.share(source, flip),
      () => coin.inSteps.areShares(source, flip, shares),
      () => coin.inSteps.combine(source, flip, shares),
    ]
    for (const ask of questions) {
      expect(pauses(ask())).toBeGreaterThan(0)
      expect(pauses(ask())).toBe(0)
    }
  })

  test('finds what it knows of equal questions, not only of the same objects', () => {
    const coin = fresh()
    coin.share(source, flip)
    const equal = structuredClone(source)
    expect(pauses(coin.inSteps.isDeal(equal.terms, equal.deals[1] as (typeof deals)[0]))).toBe(0)
    expect(pauses(coin.inSteps.share(equal, flip))).toBe(0)
  })

  test('gives the answers that it gives at once', () => {
    expect(runSteps(fresh().inSteps.deal(terms))).toEqual(deals[0]?.deal)
    expect(runSteps(fresh().inSteps.share(source, flip))).toEqual(alice.coin.share(source, flip))
  })

  test('lets go of its share of a key when told to, and derives it again', () => {
    const coin = fresh()
    const share = coin.share(source, flip)
    const toss: Toss = { kind: 'flip', election: 0, round: 1 }
    coin.forgetShares([terms])
    expect(pauses(coin.prepare(source))).toBe(0)
    coin.forgetShares([termsOf(2)])
    expect(pauses(coin.prepare(source))).toBeGreaterThan(0)
    expect(coin.share(source, toss)).toEqual(alice.coin.share(source, toss))
    expect(coin.share(source, flip)).toEqual(share)
  })

  test('forgets an epoch, and all that belongs to it, after eight others', () => {
    const coin = fresh()
    const [dealt] = deals as [(typeof deals)[0]]
    coin.isDeal(terms, dealt)
    for (let epoch = 2; epoch < 9; epoch++) coin.isDeal(termsOf(epoch), dealt)
    expect(pauses(coin.inSteps.isDeal(terms, dealt))).toBe(0)
    for (let epoch = 9; epoch < 17; epoch++) coin.isDeal(termsOf(epoch), dealt)
    expect(pauses(coin.inSteps.isDeal(terms, dealt))).toBe(1)
  })
})

test('a holder whom every deal has cheated has no share', () => {
  const terms = termsOf(1)
  const deals = [bob, carol].map((party) => ({ dealer: party.peer, deal: party.cheatingDeal(terms, [alice.peer]) }))
  expect(alice.coin.share({ terms, deals }, flip)).toBeNull()
})

test('a secret of other than 32 bytes is the caller’s mistake', () => {
  for (const length of [0, 31, 33]) {
    expect(() => createCoinCrypto({ self: alice.peer, secret: new Uint8Array(length) })).toThrow(CoinInputError)
  }
})

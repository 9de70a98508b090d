/** What the core may rely on in whoever answers its questions about the coin. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CoinParty } from '../sim/coin/coin-party.ts'
import type { CoinTerms, Dealt, HeldShare, KeySource, Toss } from '../src/core/coin/port.ts'
import type { PeerId } from '../src/core/gossip/event.ts'
import { faultsTolerated } from '../src/core/thresholds.ts'

export type CreateParty = (peer: PeerId, life?: number) => CoinParty

/** Some peers' Ed25519 keys, as far as the coin looks at them: 32 bytes. */
const peerName = (index: number): PeerId => index.toString(16).padStart(2, '0').repeat(32)
const sectionId = 'ab'.repeat(32)
const flip: Toss = { kind: 'flip', election: 3, round: 1 }
const garbage = fc.uint8Array({ maxLength: 5000 })

interface SectionSize {
  readonly voters?: number
  /** How many of them have registered a key; default all. */
  readonly holders?: number
  readonly epoch?: number
}

/** A section whose first n − f holders have dealt honestly. */
function createSection(createParty: CreateParty, { voters = 4, holders = voters, epoch = 9 }: SectionSize = {}) {
  const parties = Array.from({ length: holders }, (_, index) => createParty(peerName(index)))
  const terms: CoinTerms = {
    sectionId,
    epoch,
    threshold: faultsTolerated(voters),
    holders: parties.map(({ peer, coin }) => ({ peer, key: coin.registration().key })),
  }
  const needed = voters - terms.threshold
  const deals = parties.slice(0, needed).map((party) => honestDeal(party, terms))
  return { parties, terms, source: { terms, deals } satisfies KeySource }
}

function honestDeal({ peer, coin }: CoinParty, terms: CoinTerms): Dealt {
  return { dealer: peer, deal: coin.deal(terms) }
}

function held({ peer, coin }: CoinParty, source: KeySource, toss: Toss): HeldShare {
  const share = coin.share(source, toss)
  if (share === null) throw new Error(`${peer} has no share`)
  return { holder: peer, share }
}

/** Every peer's answer, which has to be the same. */
function agreed<T>(parties: readonly CoinParty[], ask: (party: CoinParty) => T): T {
  const [first, ...others] = parties.map(ask)
  for (const other of others) expect(other).toEqual(first)
  return first as T
}

export function describeCoinContract(name: string, createParty: CreateParty): void {
  describe(`${name}: registration`, () => {
    const [alice, bob] = [createParty(peerName(0)), createParty(peerName(1))]
    const { key, proof } = alice.coin.registration()

    test('is accepted of its owner and of nobody else', () => {
      expect(bob.coin.isRegistration(alice.peer, key, proof)).toBe(true)
      expect(bob.coin.isRegistration(bob.peer, key, proof)).toBe(false)
      expect(bob.coin.isRegistration(alice.peer, bob.coin.registration().key, proof)).toBe(false)
    })

    test('is the same after a restart', () => {
      expect(createParty(alice.peer).coin.registration()).toEqual({ key, proof })
    })

    test('of any bytes is refused without throwing', () => {
      fc.assert(
        fc.property(garbage, (bytes) => !bob.coin.isRegistration(alice.peer, key, bytes)),
        { numRuns: 50 },
      )
    })
  })

  describe(`${name}: a deal`, () => {
    const { parties, terms, source } = createSection(createParty)
    const [dealt] = source.deals as [Dealt]
    const accepts = (of: CoinTerms, deal: Dealt) => agreed(parties, ({ coin }) => coin.isDeal(of, deal))

    test('is accepted by everybody', () => {
      expect(source.deals.map((deal) => accepts(terms, deal))).toEqual([true, true, true])
    })

    test('is the same after a restart', () => {
      expect(createParty(dealt.dealer).coin.deal(terms)).toEqual(dealt.deal)
    })

    test('is another one in another epoch, and worth nothing there', () => {
      const later = { ...terms, epoch: terms.epoch + 1 }
      expect(parties[0]?.coin.deal(later)).not.toEqual(dealt.deal)
      expect(accepts(later, dealt)).toBe(false)
    })

    test('is worth nothing in another section, for other holders, or with another threshold', () => {
      expect(accepts({ ...terms, sectionId: 'cd'.repeat(32) }, dealt)).toBe(false)
      expect(accepts({ ...terms, holders: terms.holders.slice(0, 3) }, dealt)).toBe(false)
      const renamed = terms.holders.map(({ key }, index) => ({ key, peer: peerName(index + 10) }))
      expect(accepts({ ...terms, holders: renamed }, { ...dealt, dealer: peerName(10) })).toBe(false)
    })

    test('is worth nothing as somebody else’s', () => {
      expect(accepts(terms, { ...dealt, dealer: peerName(1) })).toBe(false)
      expect(accepts(terms, { ...dealt, dealer: peerName(77) })).toBe(false)
    })

    test('is refused with any byte changed, cut short or drawn out', () => {
      for (const at of [0, 1, 20, dealt.deal.length - 1]) {
        const changed = dealt.deal.slice()
        changed[at] = (changed[at] as number) ^ 4
        expect(accepts(terms, { ...dealt, deal: changed })).toBe(false)
      }
      expect(accepts(terms, { ...dealt, deal: dealt.deal.slice(0, -1) })).toBe(false)
      expect(accepts(terms, { ...dealt, deal: Uint8Array.from([...dealt.deal, 0]) })).toBe(false)
    })

    test('of any bytes is refused without throwing', () => {
      fc.assert(
        fc.property(garbage, (deal) => !parties[1]?.coin.isDeal(terms, { ...dealt, deal })),
        { numRuns: 50 },
      )
    })
  })

  describe(`${name}: a complaint`, () => {
    const { parties, terms } = createSection(createParty)
    const [alice, bob, carol] = parties as [CoinParty, CoinParty, CoinParty]
    const honest = honestDeal(alice, terms)
    const cheating = { dealer: alice.peer, deal: alice.cheatingDeal(terms, [bob.peer]) }
    const culprit = (dealt: Dealt, complainer: PeerId, complaint: Uint8Array) =>
      agreed(parties, ({ coin }) => coin.culprit(terms, dealt, complainer, complaint))

    test('is not made about a good share', () => {
      expect(parties.map(({ coin }) => coin.complaint(terms, honest))).toEqual([null, null, null, null])
    })

    test('is made by whom a deal cheats and by nobody else', () => {
      expect(carol.coin.isDeal(terms, cheating)).toBe(true)
      expect(parties.map(({ coin }) => coin.complaint(terms, cheating) !== null)).toEqual([false, true, false, false])
    })

    test('convicts the dealer that cheated', () => {
      expect(culprit(cheating, bob.peer, bob.coin.complaint(terms, cheating) as Uint8Array)).toBe('dealer')
    })

    test('is the same after a restart', () => {
      const complaint = bob.coin.complaint(terms, cheating)
      expect(createParty(bob.peer).coin.complaint(terms, cheating)).toEqual(complaint)
    })

    test('about a good share convicts whoever complains', () => {
      expect(culprit(honest, bob.peer, bob.complain(terms, honest))).toBe('complainer')
    })

    test('convicts whoever complains in another’s place, about another deal, or as no holder', () => {
      const complaint = bob.coin.complaint(terms, cheating) as Uint8Array
      expect(culprit(cheating, carol.peer, complaint)).toBe('complainer')
      expect(culprit(honest, bob.peer, complaint)).toBe('complainer')
      expect(culprit(cheating, peerName(77), complaint)).toBe('complainer')
    })

    test('of any bytes convicts whoever sent them, without throwing', () => {
      fc.assert(
        fc.property(garbage, (bytes) => carol.coin.culprit(terms, cheating, bob.peer, bytes) === 'complainer'),
        { numRuns: 50 },
      )
    })
  })

  describe(`${name}: a coin`, () => {
    const { parties, terms, source } = createSection(createParty)
    const [alice, bob] = parties as [CoinParty, CoinParty]
    const shares = parties.map((party) => held(party, source, flip))
    const [first, second, third, fourth] = shares as [HeldShare, HeldShare, HeldShare, HeldShare]
    const judged = (of: KeySource, toss: Toss, some: readonly HeldShare[]) =>
      agreed(parties, ({ coin }) => coin.areShares(of, toss, some))

    test('has one value, from whichever f + 1 holders’ shares', () => {
      for (const pair of [[first, second], [second, first], [third, fourth], shares]) {
        expect(agreed(parties, ({ coin }) => coin.combine(source, flip, pair))).toBe(
          alice.coin.combine(source, flip, shares),
        )
      }
    })

    test('is not made from f holders’ shares, however often they give them', () => {
      for (const few of [[], [first], [first, first]]) {
        expect(() => createParty(alice.peer).coin.combine(source, flip, few)).toThrow()
      }
    })

    test('is not made from bad shares', () => {
      const spoiled = { holder: bob.peer, share: bob.badShare(source, flip) }
      expect(() => createParty(alice.peer).coin.combine(source, flip, [first, spoiled])).toThrow()
    })

    test('is another one for every election, round, block and key', () => {
      const tosses: readonly Toss[] = [
        flip,
        { kind: 'flip', election: 3, round: 2 },
        { kind: 'flip', election: 4, round: 1 },
        { kind: 'block', height: 3 },
        { kind: 'block', height: 4 },
      ]
      const values = tosses.map((toss) => {
        return alice.coin.combine(source, toss, [held(alice, source, toss), held(bob, source, toss)])
      })
      const { source: later } = createSection(createParty, { epoch: terms.epoch + 1 })
      values.push(alice.coin.combine(later, flip, [held(alice, later, flip), held(bob, later, flip)]))
      expect(new Set(values).size).toBe(6)
      for (const value of values) expect(value).toMatch(/^[0-9a-f]{64}$/)
    })

    test('has valid shares of all holders, the same after a restart', () => {
      expect(judged(source, flip, shares)).toEqual([true, true, true, true])
      expect(held(createParty(bob.peer), source, flip)).toEqual(second)
    })

    test('has no share in another holder’s, toss’s or key’s place', () => {
      expect(judged(source, flip, [{ ...first, holder: bob.peer }, second])).toEqual([false, true])
      expect(judged(source, { kind: 'block', height: 3 }, [first])).toEqual([false])
      const { source: later } = createSection(createParty, { epoch: terms.epoch + 1 })
      expect(judged(later, flip, [first])).toEqual([false])
      expect(judged(source, flip, [{ ...first, holder: peerName(77) }])).toEqual([false])
    })

    test('tells a bad share among good ones, in its place, whoever else’s stands beside it', () => {
      const spoiled = { holder: bob.peer, share: bob.badShare(source, flip) }
      expect(judged(source, flip, [first, spoiled, third, fourth])).toEqual([true, false, true, true])
      expect(judged(source, flip, [second, spoiled, second])).toEqual([true, false, true])
    })

    test('takes any bytes for a bad share without throwing', () => {
      fc.assert(
        fc.property(garbage, (share) => alice.coin.areShares(source, flip, [{ holder: bob.peer, share }])[0] === false),
        { numRuns: 50 },
      )
    })

    test('gives each subject a bit of its own, about as often 0 as 1', () => {
      const value = alice.coin.combine(source, flip, shares)
      const bits = Array.from({ length: 256 }, (_, index) =>
        agreed(parties, ({ coin }) => coin.bit(value, peerName(index))),
      )
      const ones = bits.filter((bit) => bit).length
      expect(ones).toBeGreaterThan(80)
      expect(ones).toBeLessThan(176)
    })
  })

  describe(`${name}: a holder`, () => {
    test('whom a deal that counts has cheated has no share, and the others make the coin', () => {
      const { parties, terms } = createSection(createParty)
      const [alice, bob, carol, dave] = parties as [CoinParty, CoinParty, CoinParty, CoinParty]
      const cheating = { dealer: alice.peer, deal: alice.cheatingDeal(terms, [bob.peer]) }
      const source = { terms, deals: [cheating, honestDeal(bob, terms), honestDeal(carol, terms)] }
      expect(bob.coin.share(source, flip)).toBeNull()
      const value = bob.coin.combine(source, flip, [held(carol, source, flip), held(dave, source, flip)])
      expect(alice.coin.combine(source, flip, [held(alice, source, flip), held(carol, source, flip)])).toBe(value)
    })

    test('that lost its secret has no share and no complaint, and checks the others’ shares as before', () => {
      const { parties, terms, source } = createSection(createParty)
      const [alice, bob] = parties as [CoinParty, CoinParty]
      const reborn = createParty(alice.peer, 1)
      const cheating = { dealer: bob.peer, deal: bob.cheatingDeal(terms, [alice.peer]) }
      expect(reborn.coin.share(source, flip)).toBeNull()
      expect(reborn.coin.complaint(terms, cheating)).toBeNull()
      expect(reborn.coin.areShares(source, flip, [held(bob, source, flip)])).toEqual([true])
    })

    test('need not be every voter: 2f + 1 of them make a key and its coins', () => {
      for (const [voters, holders] of [
        [4, 3],
        [7, 5],
      ] as const) {
        const { parties, source } = createSection(createParty, { voters, holders })
        const shares = parties.map((party) => held(party, source, flip))
        const { threshold } = source.terms
        const [alice] = parties as [CoinParty]
        expect(alice.coin.combine(source, flip, shares.slice(0, threshold + 1))).toBe(
          createParty(peerName(1)).coin.combine(source, flip, shares.slice(-threshold - 1)),
        )
      }
    })
  })
}

import { describe, expect, test } from 'vitest'
import type { CoinParty } from '../../sim/coin/coin-party.ts'
import { createRealParty, type RealParty } from '../../test/coin-party.ts'
import { type CoreNetwork, createCoreNetwork, createTestCore } from '../../test/cores.ts'
import { peerId } from '../../test/notation.ts'
import { type CoinState, noCoin } from '../core/coin/epochs.ts'
import type { CoinCrypto } from '../core/coin/port.ts'
import type { GossipEvent } from '../core/gossip/event.ts'
import type { Input } from '../core/io.ts'
import type { Parsec } from '../core/options.ts'
import type { AgreedState } from '../core/section/state.ts'
import { runSteps, type SteppedCoinCrypto, type Steps } from '../crypto/coin/index.ts'
import { createCoinAhead, inPieces, type LentCoin, lend } from './coin-ahead.ts'

/** Notes every question whose answer was not there yet, and in how many pauses it could have been computed. */
function watched(coin: SteppedCoinCrypto, late: (question: string) => void): SteppedCoinCrypto {
  const answer = <T>(question: string, steps: Steps<T>): T => {
    for (let pauses = 0; ; pauses++) {
      const step = steps.next()
      if (!step.done) continue
      if (pauses > 0) late(`${question} ${pauses}`)
      return step.value
    }
  }
  const { inSteps } = coin
  return {
    ...coin,
    isRegistration: (...asked) => answer('isRegistration', inSteps.isRegistration(...asked)),
    isDeal: (...asked) => answer('isDeal', inSteps.isDeal(...asked)),
    complaint: (...asked) => answer('complaint', inSteps.complaint(...asked)),
    culprit: (...asked) => answer('culprit', inSteps.culprit(...asked)),
    share: (...asked) => answer('share', inSteps.share(...asked)),
    areShares: (...asked) => answer('areShares', inSteps.areShares(...asked)),
    combine: (...asked) => answer('combine', inSteps.combine(...asked)),
  }
}

const eventsOf = (input: Input): readonly GossipEvent[] =>
  input.kind === 'message' && input.message.kind === 'events' ? input.message.events : []

/** Between two steps as the engine does it, but at once. */
function hosted(core: Parsec, self: string, coin: SteppedCoinCrypto, lent: LentCoin): Parsec {
  const ahead = createCoinAhead(self, coin, lent, core.ordering)
  return {
    ...core,
    step(input) {
      runSteps(ahead.before(eventsOf(input)) ?? nothing())
      const output = core.step(input)
      const owed = ahead.owed()
      if (owed === null) return output
      runSteps(owed)
      return { ...output, nextTimerMs: input.nowMs }
    },
  }
}

function* nothing(): Steps<void> {}

/** Sections of cores with the real coin; `with` replaces parts of a peer's. */
function section(founders: string, changes: Readonly<Record<string, (party: CoinParty) => Partial<CoinCrypto>>> = {}) {
  const network = createCoreNetwork(founders)
  const late: string[] = []
  for (const name of founders) {
    const party = createRealParty(peerId(name))
    const coin = watched(party.coin, (question) => late.push(`${name} ${question}`))
    const lent = lend(coin)
    const coinCrypto = { ...lent.crypto, ...changes[name]?.(party) }
    network.start(name, { coinCrypto }, (core) => hosted(core, peerId(name), coin, lent))
  }
  network.connect(founders)
  return { network, late }
}

const states = (network: CoreNetwork, names: string) => [...names].map((name) => network.core(name).status().coin.state)

describe('what the core asks about the coin', () => {
  test('is all computed before, while a key is made', () => {
    const { network, late } = section('ABCD')
    network.run(5_000)
    expect(states(network, 'ABCD')).toEqual(['active', 'active', 'active', 'active'])
    expect(late).toEqual([])
    expect(network.faults).toEqual([])
  }, 30_000)

  test('is all computed before, for a random value: the shares, and the value from those that complete it', () => {
    const { network, late } = section('ABCD')
    network.run(5_000)
    network.put('B', { kind: 'submit', transactions: [new Uint8Array(1)], draw: true })
    network.run(2_000)
    const height = network.blocks('B').length
    for (const name of 'ABCD') network.put(name, { kind: 'draw', height })
    network.run(2_000)
    for (const name of 'ABCD') expect(network.core(name).randomness(height)).toMatchObject({ isFair: true })
    expect(late).toEqual([])
  }, 30_000)

  test('is all computed before, while a history is restored piece by piece', () => {
    const { network } = section('ABCD')
    network.run(5_000)
    network.put('B', { kind: 'submit', transactions: [new Uint8Array(1)], draw: true })
    network.run(2_000)
    const { ordering } = network.core('A')
    const events = ordering.graph.vertices.map((vertex) => network.event(ordering.idOf(vertex)))
    const late: string[] = []
    const coin = watched(createRealParty(peerId('A')).coin, (question) => late.push(question))
    const lent = lend(coin)
    const core = createTestCore('A', 'ABCD', { coinCrypto: lent.crypto })
    const ahead = createCoinAhead(peerId('A'), coin, lent, core.ordering)
    for (const piece of inPieces(events, (event) => event)) {
      runSteps(ahead.before(piece) ?? nothing())
      core.step({ kind: 'restore', nowMs: 0, events: piece, ownTip: null })
      runSteps(ahead.owed() ?? nothing())
    }
    core.step({ kind: 'draw', nowMs: 0, height: ordering.blocks.length })
    expect(core.randomness(ordering.blocks.length)).toMatchObject({ isFair: true })
    expect(late).toEqual([])
  }, 30_000)

  test('is all computed before, when a dealer cheats', () => {
    // Their keys decide which of the four deals count: this one does.
    const { network, late } = section('ABCD', {
      A: (party) => ({ deal: (terms) => party.cheatingDeal(terms, [peerId('C')]) }),
    })
    network.run(5_000)
    expect(network.faults).toContain('D proves badDeal A')
    expect(
      network
        .core('A')
        .status()
        .members.map(({ peer }) => peer),
    ).not.toContain(peerId('A'))
    expect(late.filter((question) => !question.startsWith('A'))).toEqual([])
  }, 30_000)
})

test('a deal of an epoch that our blocks have not come to is checked once they have', () => {
  const parties = ['A', 'B', 'C', 'D'].map((name) => createRealParty(peerId(name)))
  const [self, dealer] = parties as [RealParty, RealParty]
  const holders = parties.map(({ peer, coin }) => ({ peer, key: coin.registration().key }))
  const terms = { sectionId: peerId('section'), epoch: 4, threshold: 1, holders }
  const forming = { terms, needed: 3, deals: [], dropped: new Set<string>(), cleans: new Map() }
  const stateAt = (height: number, coin: CoinState) => ({ height, election: height, coin }) as AgreedState
  const ordering = { state: stateAt(3, noCoin), stateOf: () => stateAt(0, noCoin) }
  const deal = dealer.coin.deal(terms)
  const items = [{ kind: 'deal', epoch: 4, deal } as const]
  const event = {
    id: 'e',
    creator: dealer.peer,
    body: { transactions: [], observations: [], coin: { items, shares: [] } },
  }
  const ahead = createCoinAhead(self.peer, self.coin, { takeOwing: () => [] }, ordering)
  expect(ahead.before([event as unknown as GossipEvent])).toBeNull()
  ordering.state = stateAt(4, { ...noCoin, forming })
  runSteps(ahead.owed() ?? nothing())
  expect(self.coin.inSteps.isDeal(terms, { dealer: dealer.peer, deal }).next()).toEqual({ done: true, value: true })
  expect(self.coin.inSteps.complaint(terms, { dealer: dealer.peer, deal }).next().done).toBe(true)
})

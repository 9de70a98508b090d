import { describe, expect, test } from 'vitest'
import type { CoinParty } from '../../../sim/coin/coin-party.ts'
import { createModelCoins } from '../../../sim/coin/model-coin.ts'
import { type CoreNetwork, createCoreNetwork } from '../../../test/cores.ts'
import { peerId, peerName } from '../../../test/notation.ts'
import type { CoinCrypto, CoinTerms } from './port.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** `with` replaces parts of a peer's coin: how it cheats, or what it lost. */
interface Setting {
  readonly founders: string
  readonly absent?: string
  readonly with?: Readonly<Record<string, (party: CoinParty) => Partial<CoinCrypto>>>
}

function section({ founders, absent = '', with: changes = {} }: Setting) {
  const coins = createModelCoins(7)
  const network = createCoreNetwork(founders)
  const start = (name: string, life = 0) => {
    const party = coins.party(peerId(name), life)
    return network.start(name, { coinCrypto: { ...party.coin, ...changes[name]?.(party) } })
  }
  const present = [...founders].filter((name) => !absent.includes(name)).join('')
  for (const name of present) start(name)
  network.connect(present)
  return { network, start, present }
}

function submit(network: CoreNetwork, name: string, text: string, draw = false): void {
  network.put(name, { kind: 'submit', transactions: [bytes(text)], draw })
}

/** As an application does that asks for it. */
function randomness(network: CoreNetwork, name: string, height: number) {
  network.put(name, { kind: 'draw', height })
  return network.core(name).randomness(height)
}

const keyItems = (network: CoreNetwork, name: string) =>
  network.created(name).flatMap(({ body }) => body.coin?.items.map(({ kind }) => kind) ?? [])

const coinOf = (network: CoreNetwork, name: string) => network.core(name).status().coin

const voters = (network: CoreNetwork, name: string) =>
  network.core(name).ordering.state.voters.map(peerName).sort().join('')

/** Blocks are the same as far as both have them. */
function expectAgreement(network: CoreNetwork, names: string): void {
  const [first, ...rest] = [...names].map((name) => network.blocks(name).map(({ hash }) => hash))
  for (const other of rest) {
    const common = Math.min(other.length, (first as string[]).length)
    expect(other.slice(0, common)).toEqual((first as string[]).slice(0, common))
  }
}

describe('four voters make a key for themselves', () => {
  test('each registers, deals and confirms once; then nobody has anything to say', () => {
    const { network } = section({ founders: 'ABCD' })
    network.run(5_000)
    for (const name of 'ABCD') {
      expect(coinOf(network, name)).toMatchObject({ state: 'active', flips: 0 })
      expect(keyItems(network, name).filter((kind) => kind === 'register')).toHaveLength(1)
    }
    const before = network.sent.length
    network.run(60_000)
    expect(network.sent.length).toBe(before)
    expect(network.faults).toEqual([])
  })

  test('while transactions become final', () => {
    const { network } = section({ founders: 'ABCD' })
    for (let i = 0; i < 20; i++) {
      submit(network, 'ABCD'[i % 4] as string, `payment ${i}`)
      network.run(15)
    }
    network.run(5_000)
    for (const name of 'ABCD') {
      expect(coinOf(network, name).state).toBe('active')
      expect(network.blocks(name).flatMap(({ items }) => items.flatMap((item) => item.transactions))).toHaveLength(20)
    }
    expectAgreement(network, 'ABCD')
  })

  test('up to three need none', () => {
    const { network } = section({ founders: 'ABC' })
    submit(network, 'A', 'payment')
    network.run(5_000)
    expect(coinOf(network, 'A')).toEqual({ state: 'none', epoch: null, flips: 0 })
    expect(keyItems(network, 'A')).toEqual([])
  })
})

describe('with voters missing', () => {
  test('n − f make a key without the absent one, and another with it when it comes', () => {
    const { network, start } = section({ founders: 'ABCD', absent: 'D' })
    network.run(5_000)
    expect(coinOf(network, 'A').state).toBe('active')
    const { epoch } = coinOf(network, 'A')
    start('D')
    for (const other of 'ABC') network.connect(`${other}D`)
    network.run(5_000)
    for (const name of 'ABCD') expect(coinOf(network, name).state).toBe('active')
    expect(coinOf(network, 'A').epoch).toBeGreaterThan(epoch as number)
    expect(network.faults).toEqual([])
  })

  test('a voter that vanishes after its deal is not needed', () => {
    const { network } = section({ founders: 'ABCD' })
    while (!keyItems(network, 'D').includes('deal')) network.run(1)
    network.run(1)
    network.isolate('D')
    network.run(5_000)
    expect(coinOf(network, 'A').state).toBe('active')
  })

  test('whoever lost its secret confirms nothing, and the others make the key', () => {
    let asked = 0
    const forget = (party: CoinParty) => ({
      registration: () => (asked++ === 0 ? party.coin.registration() : { key: '0'.repeat(64), proof: bytes('') }),
      complaint: () => null,
      share: () => null,
    })
    const { network } = section({ founders: 'ABCD', with: { D: forget } })
    network.run(5_000)
    expect(keyItems(network, 'D')).toEqual(['register', 'deal'])
    expect(coinOf(network, 'A').state).toBe('active')
  })

  test('with fewer than n − f registered there is no key, and elections go on', () => {
    const lie = (party: CoinParty) => ({ registration: () => ({ ...party.coin.registration(), proof: bytes('none') }) })
    const { network } = section({ founders: 'ABCDEFG', absent: 'FG', with: { E: lie } })
    submit(network, 'A', 'payment')
    network.run(5_000)
    for (const name of 'ABCDE') expect(coinOf(network, name)).toMatchObject({ state: 'forming', epoch: null })
    expect(network.blocks('E').flatMap(({ items }) => items.flatMap((item) => item.transactions))).toHaveLength(1)
    expect(network.faults).toEqual([])
  })
})

describe('a dealer that cheats is found out and removed, and the key is made without it', () => {
  test('in public: its deal does not verify', () => {
    const { network } = section({ founders: 'ABCD', with: { D: () => ({ deal: () => bytes('no deal') }) } })
    network.run(10_000)
    expect(new Set(network.faults.filter((fault) => !fault.startsWith('D')))).toEqual(
      new Set(['A proves badDeal D', 'B proves badDeal D', 'C proves badDeal D']),
    )
    for (const name of 'ABC') expect(voters(network, name)).toBe('ABC')
    expectAgreement(network, 'ABC')
  })

  test('in secret: its victim complains', () => {
    const cheat = (party: CoinParty) => ({
      deal: (terms: Parameters<CoinCrypto['deal']>[0]) => party.cheatingDeal(terms, [peerId('B')]),
    })
    const { network } = section({ founders: 'ABCDEFG', with: { G: cheat } })
    network.run(10_000)
    expect(keyItems(network, 'B')).toContain('complaint')
    const kinds = new Set(network.faults.filter((fault) => !fault.startsWith('G')).map((fault) => fault.slice(2)))
    expect(kinds).toEqual(new Set(['proves badDeal G']))
    for (const name of 'ABCDEF') expect(voters(network, name)).toBe('ABCDEF')
    for (const name of 'ABCDEF') expect(coinOf(network, name).state).toBe('active')
  })

  test('in secret, and its victim was away until the key served: it complains then', () => {
    const cheat = (party: CoinParty) => ({
      deal: (terms: Parameters<CoinCrypto['deal']>[0]) => party.cheatingDeal(terms, [peerId('C')]),
    })
    const { network } = section({ founders: 'ABCD', with: { D: cheat } })
    while (network.core('C').ordering.state.coin.keys.size < 4) network.run(1)
    network.isolate('C')
    network.run(5_000)
    // D's deal is one of the three that make the key, and who is there has a good share of it.
    expect(coinOf(network, 'A')).toMatchObject({ state: 'active' })
    expect(network.core('A').ordering.state.coin.serving?.deals.map(({ dealer }) => peerName(dealer))).toContain('D')
    submit(network, 'A', 'roll', true)
    network.run(5_000)
    expect(randomness(network, 'A', network.blocks('A').length)).toMatchObject({ isFair: true })
    expect(network.faults).toEqual([])
    for (const other of 'ABD') network.connect(`${other}C`)
    network.run(10_000)
    expect(keyItems(network, 'C')).toContain('complaint')
    const kinds = new Set(network.faults.filter((fault) => !fault.startsWith('D')).map((fault) => fault.slice(2)))
    expect(kinds).toEqual(new Set(['proves badDeal D']))
    expect(voters(network, 'A')).toBe('ABC')
  })

  test.each([
    ['in secret', (party: CoinParty) => (terms: CoinTerms) => party.cheatingDeal(terms, [peerId('B')])],
    ['in public', () => () => bytes('no deal')],
  ])('%s, in a deal that comes too late to count: it is opened all the same', (_manner, dealOf) => {
    const { network } = section({ founders: 'ABCD', with: { D: (party) => ({ deal: dealOf(party) }) } })
    while (!keyItems(network, 'D').includes('deal')) network.run(1)
    network.isolate('D')
    network.run(5_000)
    expect(coinOf(network, 'A').state).toBe('active')
    expect(network.core('A').ordering.state.coin.serving?.deals.map(({ dealer }) => peerName(dealer))).not.toContain(
      'D',
    )
    expect(network.faults.filter((fault) => !fault.startsWith('D'))).toEqual([])
    for (const other of 'ABC') network.connect(`${other}D`)
    network.run(10_000)
    const kinds = new Set(network.faults.filter((fault) => !fault.startsWith('D')).map((fault) => fault.slice(2)))
    expect(kinds).toEqual(new Set(['proves badDeal D']))
    for (const name of 'ABC') expect(voters(network, name)).toBe('ABC')
  })

  test('whoever complains about a good share is the one to go', () => {
    const cheat = (party: CoinParty) => ({ complaint: party.complain })
    const { network } = section({ founders: 'ABCDEFG', with: { G: cheat } })
    network.run(10_000)
    const kinds = new Set(network.faults.filter((fault) => !fault.startsWith('G')).map((fault) => fault.slice(2)))
    expect(kinds).toEqual(new Set(['proves falseComplaint G']))
    for (const name of 'ABCDEF') expect(voters(network, name)).toBe('ABCDEF')
  })
})

describe('the random value of a block', () => {
  test('is the same at all peers, and nobody has it before the block is final', () => {
    const { network } = section({ founders: 'ABCD' })
    network.run(5_000)
    const height = network.blocks('A').length + 1
    submit(network, 'B', 'roll', true)
    while (network.blocks('A').length < height) {
      expect(network.core('A').randomness(height)).toBeNull()
      network.run(1)
    }
    network.run(5_000)
    const values = [...'ABCD'].map((name) => randomness(network, name, height))
    expect(values[0]).toMatchObject({ isFair: true, value: expect.stringMatching(/^[0-9a-f]{64}$/) })
    for (const value of values) expect(value).toEqual(values[0])
  })

  test('can be asked for later, once', () => {
    const { network } = section({ founders: 'ABCD' })
    network.run(5_000)
    expect(randomness(network, 'C', 1)).toBeNull()
    network.run(5_000)
    expect(randomness(network, 'D', 1)).toEqual(randomness(network, 'A', 1))
    expect(randomness(network, 'A', 1)).not.toBeNull()
    const draws = [...'ABCD'].flatMap((name) => keyItems(network, name)).filter((kind) => kind === 'draw')
    expect(draws).toHaveLength(1)
  })

  test('asked for before there is a key, it comes with the key', () => {
    const { network } = section({ founders: 'ABCD' })
    submit(network, 'A', 'roll', true)
    network.run(5_000)
    const ordering = network.blocks('A').find(({ items }) => items.some((item) => item.transactions.length > 0))
    expect(randomness(network, 'B', ordering?.height ?? 0)).toMatchObject({ isFair: true })
  })

  test('is called unfair where no coin is needed', () => {
    const { network } = section({ founders: 'A' })
    submit(network, 'A', 'roll', true)
    network.run(5_000)
    expect(randomness(network, 'A', 1)).toMatchObject({ isFair: false })
  })

  test('does without a bad share, whose author is removed', () => {
    const cheat = (party: CoinParty): Partial<CoinCrypto> => ({ share: party.badShare })
    const { network } = section({ founders: 'ABCD', with: { D: cheat } })
    network.run(5_000)
    const height = network.blocks('A').length + 1
    submit(network, 'B', 'roll', true)
    network.run(100)
    for (const name of 'ABC') randomness(network, name, height)
    network.run(10_000)
    const values = [...'ABC'].map((name) => randomness(network, name, height))
    expect(values[0]).toMatchObject({ isFair: true })
    for (const value of values) expect(value).toEqual(values[0])
    expect(voters(network, 'A')).toBe('ABC')
    expect(network.faults.filter((fault) => !/proves badCoinShare D$/.test(fault))).toEqual([])
  })

  test('needs no share of a voter that lost its secret', () => {
    const { network } = section({ founders: 'ABCD', with: { D: () => ({ share: () => null }) } })
    network.run(5_000)
    submit(network, 'B', 'roll', true)
    network.run(5_000)
    expect(randomness(network, 'D', network.blocks('D').length)).toMatchObject({ isFair: true })
    expect(network.faults).toEqual([])
  })
})

import fc from 'fast-check'
import type { FinalBlock, PeerId } from 'parsec-web'
import { describe, expect, test } from 'vitest'
import { openingBalance, parseAction } from './actions.ts'
import {
  applyBlock,
  foundedLedger,
  type Ledger,
  ledgerHash,
  openingOf,
  openRequestsMost,
  sumOfBalances,
} from './ledger.ts'

const [ann, bob, eve] = ['aa', 'bb', 'ee'] as const

interface Content {
  readonly voters?: readonly PeerId[]
  readonly adds?: readonly PeerId[]
  readonly values?: readonly (readonly [PeerId, unknown])[]
}

function block(height: number, { voters = [ann], adds = [], values = [] }: Content): FinalBlock {
  return {
    height,
    hash: `hash ${height}`,
    previous: `hash ${height - 1}`,
    timeMs: height,
    transactions: values.map(([creator, value], index) => ({ id: `${height}.${index}`, creator, value })),
    changes: adds.map((peer) => ({ kind: 'add', peer }) as const),
    voters,
    members: [],
  }
}

function replay(...contents: Content[]): { ledger: Ledger; refusals: (string | null)[] } {
  const refusals: (string | null)[] = []
  const ledger = contents.reduce((before, content, index) => {
    const after = applyBlock(before, block(index + 1, content))
    refusals.push(...after.entries.map((entry) => entry.refusal))
    return after.ledger
  }, foundedLedger([]))
  return { ledger, refusals }
}

function balances(ledger: Ledger): Record<string, number> {
  return Object.fromEntries([...ledger.accounts].map(([peer, account]) => [peer, account.balance]))
}

const pay = (to: PeerId, amount: number) => ({ kind: 'pay', to, amount, note: '' })
const ask = (of: PeerId, amount: number) => ({ kind: 'request', of, amount, note: '' })
const answer = (request: string, accept: boolean) => ({ kind: 'answer', request, accept })
const withdraw = (request: string) => ({ kind: 'withdraw', request })

describe('a section that re-forms another', () => {
  const former = replay(
    { voters: [ann], adds: [bob] },
    {
      values: [
        [ann, pay(bob, 30)],
        [bob, { kind: 'profile', name: 'Bo' }],
      ],
    },
  )
  const reformed = foundedLedger([], { reforms: true })

  test('starts with the accounts that the former one ended with', () => {
    const { ledger, entries } = applyBlock(reformed, block(1, { values: [[ann, openingOf(former.ledger)]] }))
    expect(entries.map(({ refusal }) => refusal)).toEqual([null])
    expect([...ledger.accounts]).toEqual([...former.ledger.accounts])
  })

  test('takes them once, and before all else', () => {
    const opening = openingOf(former.ledger)
    const once = applyBlock(
      reformed,
      block(1, {
        values: [
          [ann, opening],
          [ann, opening],
        ],
      }),
    )
    expect(once.entries.map(({ refusal }) => refusal)).toEqual([null, 'notAtTheStart'])
    const late = applyBlock(
      reformed,
      block(1, {
        values: [
          [ann, { kind: 'profile', name: 'A' }],
          [ann, opening],
        ],
      }),
    )
    expect(late.entries.map(({ refusal }) => refusal)).toEqual([null, 'notAtTheStart'])
  })

  test('and no other section takes any', () => {
    expect(replay({ values: [[ann, openingOf(former.ledger)]] }).refusals).toEqual(['notAtTheStart'])
  })

  test.each([
    ['with coins that nobody had', [[ann, { balance: 101, name: null }]]],
    [
      'with an account twice',
      [
        [ann, { balance: 100, name: null }],
        [ann, { balance: 100, name: null }],
      ],
    ],
    ['with a name that is none', [[ann, { balance: 100, name: '' }]]],
    ['with something else', [7]],
    ['with nothing', undefined],
  ])('%s they are malformed', (_what, accounts) => {
    expect(parseAction({ kind: 'opening', accounts })).toBe(null)
  })
})

describe('accounts', () => {
  test('a founder, who votes though no block adds it, has an account from the first block on', () => {
    const { ledger } = replay({ voters: [ann] })
    expect(balances(ledger)).toEqual({ aa: openingBalance })
  })

  test('a ledger started with the founders and one started without are the same after the first block', () => {
    const first = block(1, { adds: [bob] })
    const hashes = [foundedLedger([ann]), foundedLedger([])].map((ledger) =>
      ledgerHash(applyBlock(ledger, first).ledger),
    )
    expect(hashes[0]).toBe(hashes[1])
    expect(balances(foundedLedger([ann]))).toEqual({ aa: 100 })
  })

  test('a member that joins finds 100 coins', () => {
    expect(balances(replay({ adds: [bob] }).ledger)).toEqual({ aa: 100, bb: 100 })
  })

  test('an account is opened after the transactions of the block that adds its holder', () => {
    expect(replay({ adds: [bob], values: [[ann, pay(bob, 1)]] }).refusals).toEqual(['unknownPeer'])
  })

  test('whoever was removed and comes back finds the old balance, not another 100 coins', () => {
    const spent = { voters: [ann, bob], values: [[bob, pay(ann, 60)]] as const }
    const { ledger } = replay({ adds: [bob] }, spent, { voters: [ann] }, { adds: [bob], voters: [ann, bob] })
    expect(balances(ledger)).toEqual({ aa: 160, bb: 40 })
  })
})

describe('payments', () => {
  test('take effect in the order of the block', () => {
    const chain: Content = {
      voters: [ann, bob, eve],
      values: [
        [ann, pay(bob, 100)],
        [bob, pay(eve, 200)],
        [eve, pay(ann, 300)],
      ],
    }
    const { ledger, refusals } = replay(chain)
    expect(refusals).toEqual([null, null, null])
    expect(balances(ledger)).toEqual({ aa: 300, bb: 0, ee: 0 })
  })

  test('the same payments in another order may be overdrafts', () => {
    const { refusals } = replay({
      voters: [ann, bob],
      values: [
        [bob, pay(ann, 200)],
        [ann, pay(bob, 100)],
      ],
    })
    expect(refusals).toEqual(['overdraft', null])
  })

  test('an overdraft changes nothing', () => {
    const { ledger, refusals } = replay({ voters: [ann, bob], values: [[ann, pay(bob, 101)]] })
    expect(refusals).toEqual(['overdraft'])
    expect(balances(ledger)).toEqual({ aa: 100, bb: 100 })
  })

  test('nobody pays himself, somebody unknown, or without an account', () => {
    const { refusals } = replay({
      values: [
        [ann, pay(ann, 1)],
        [ann, pay(eve, 1)],
        [eve, pay(ann, 1)],
      ],
    })
    expect(refusals).toEqual(['toSelf', 'unknownPeer', 'noAccount'])
  })

  test.each([
    ['nothing', null],
    ['text', 'pay'],
    ['an unknown kind', { kind: 'mint', amount: 1 }],
    ['a negative amount', pay(bob, -1)],
    ['nothing at all', pay(bob, 0)],
    ['a part of a coin', pay(bob, 0.5)],
    ['more than can be counted', pay(bob, 2 ** 53)],
    ['not a number', pay(bob, Number.NaN)],
    ['no payee', { kind: 'pay', amount: 1, note: '' }],
    ['a note too long', { ...pay(bob, 1), note: 'x'.repeat(61) }],
    ['a note that turns the reading direction', { ...pay(bob, 1), note: 'a\u202eb' }],
    ['an empty name', { kind: 'profile', name: '' }],
    ['a payee longer than any key', pay('a'.repeat(161), 1)],
    ['a request for nothing', { ...ask(bob, 1), amount: 0 }],
    ['an answer that is neither', { kind: 'answer', request: '1.0', accept: 'perhaps' }],
    ['a withdrawal of nothing', { kind: 'withdraw' }],
  ])('%s is refused as malformed', (_what, value) => {
    expect(parseAction(value)).toBeNull()
    expect(replay({ voters: [ann, bob], values: [[ann, value]] }).refusals).toEqual(['malformed'])
  })
})

describe('requests', () => {
  const voters = [ann, bob, eve]
  // The id of the first transaction of block 1.
  const asked = { voters, values: [[ann, ask(bob, 30)]] as const }

  test('move nothing until they are accepted, and then are the payment', () => {
    const before = replay(asked)
    expect(balances(before.ledger)).toEqual({ aa: 100, bb: 100, ee: 100 })
    expect([...before.ledger.requests]).toEqual([['1.0', { by: ann, of: bob, amount: 30, note: '' }]])
    const { ledger, refusals } = replay(asked, { voters, values: [[bob, answer('1.0', true)]] })
    expect(refusals).toEqual([null, null])
    expect(balances(ledger)).toEqual({ aa: 130, bb: 70, ee: 100 })
    expect(ledger.requests.size).toBe(0)
  })

  test('are gone once they are declined, or withdrawn by who asked', () => {
    for (const end of [[bob, answer('1.0', false)] as const, [ann, withdraw('1.0')] as const]) {
      const { ledger, refusals } = replay(asked, { voters, values: [end] })
      expect(refusals).toEqual([null, null])
      expect(ledger.requests.size).toBe(0)
      expect(balances(ledger)).toEqual({ aa: 100, bb: 100, ee: 100 })
    }
  })

  test('are answered once, whichever answer comes first', () => {
    const twice = [answer('1.0', true), answer('1.0', false), answer('1.0', true)].map((each) => [bob, each] as const)
    const { ledger, refusals } = replay(asked, { voters, values: twice })
    expect(refusals).toEqual([null, null, 'noSuchRequest', 'noSuchRequest'])
    expect(balances(ledger)).toEqual({ aa: 130, bb: 70, ee: 100 })
  })

  test('are answered by who was asked, and withdrawn by who asked', () => {
    const values = [
      [ann, answer('1.0', true)],
      [eve, answer('1.0', true)],
      [bob, withdraw('1.0')],
      [eve, answer('7.7', true)],
    ] as const
    const { refusals } = replay(asked, { voters, values })
    expect(refusals.slice(1)).toEqual(['notYours', 'notYours', 'notYours', 'noSuchRequest'])
  })

  test('stay open where the coins are not there, and are accepted once they are', () => {
    const { ledger, refusals } = replay(
      { voters, values: [[ann, ask(bob, 130)]] },
      {
        voters,
        values: [
          [bob, answer('1.0', true)],
          [eve, pay(bob, 40)],
          [bob, answer('1.0', true)],
        ],
      },
    )
    expect(refusals).toEqual([null, 'overdraft', null, null])
    expect(balances(ledger)).toEqual({ aa: 230, bb: 10, ee: 60 })
  })

  test('go to another account', () => {
    const values = [
      [ann, ask(ann, 1)],
      [ann, ask('nobody', 1)],
    ] as const
    expect(replay({ voters, values }).refusals).toEqual(['toSelf', 'unknownPeer'])
  })

  test('of one member are bounded, and an answer makes room', () => {
    const many = Array.from({ length: openRequestsMost + 1 }, () => [ann, ask(bob, 1)] as const)
    const first = replay({ voters, values: many })
    expect(first.refusals.filter(Boolean)).toEqual(['tooManyRequests'])
    expect(first.ledger.requests.size).toBe(openRequestsMost)
    const room = {
      voters,
      values: [
        [eve, ask(bob, 1)],
        [bob, answer('1.0', false)],
        [ann, ask(bob, 1)],
      ] as const,
    }
    expect(replay({ voters, values: many }, room).refusals.slice(-3)).toEqual([null, null, null])
  })

  test('are in the ledger’s hash', () => {
    expect(ledgerHash(replay(asked).ledger)).not.toBe(ledgerHash({ ...replay(asked).ledger, requests: new Map() }))
  })
})

describe('the ledger as a whole', () => {
  const peers = fc.constantFrom<PeerId>(ann, bob, eve, 'nobody')
  const action = fc.record({
    kind: fc.constant('pay'),
    to: peers,
    amount: fc.integer({ min: -5, max: 150 }),
    note: fc.string(),
  })
  const request = fc.record({ kind: fc.constant('request'), of: peers, amount: fc.nat(150), note: fc.constant('') })
  const id = fc.tuple(fc.nat(7), fc.nat(7)).map((parts) => parts.join('.'))
  const reply = fc.record({ kind: fc.constantFrom('answer', 'withdraw'), request: id, accept: fc.boolean() })
  const value = fc.oneof(action, request, reply, fc.anything())
  const contents = fc.record({
    voters: fc.subarray<PeerId>([ann, bob, eve]),
    adds: fc.subarray<PeerId>([bob, eve]),
    values: fc.array(fc.tuple(peers, value), { maxLength: 8 }),
  })

  test('conserves coins and never goes below zero, whatever the transactions are', () => {
    fc.assert(
      fc.property(fc.array(contents, { maxLength: 8 }), (blocks) => {
        const { ledger } = replay(...blocks)
        expect(sumOfBalances(ledger)).toBe(openingBalance * ledger.accounts.size)
        for (const account of ledger.accounts.values()) expect(account.balance).toBeGreaterThanOrEqual(0)
      }),
      { verbose: true },
    )
  })

  test('has one hash wherever the same blocks were applied, and another after any change', () => {
    const history: Content[] = [{ adds: [bob] }, { voters: [ann, bob], values: [[ann, pay(bob, 3)]] }]
    expect(ledgerHash(replay(...history).ledger)).toBe(ledgerHash(replay(...history).ledger))
    const named = { voters: [ann, bob], values: [[ann, { kind: 'profile', name: 'Ann' }]] as const }
    const hashes = [history, [...history, named], [...history, {}]].map((blocks) =>
      ledgerHash(replay(...blocks).ledger),
    )
    expect(new Set(hashes).size).toBe(3)
  })
})

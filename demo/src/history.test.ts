import type { FinalBlock } from 'parsec-web'
import { describe, expect, test } from 'vitest'
import { searchArchive } from './archive.ts'
import { blockOf } from './fixtures.ts'
import {
  type AppliedBlock,
  everything,
  type Query,
  recentBlocksMost,
  recentEntriesMost,
  rowsOf,
  search,
  withBlock,
} from './history.ts'
import { applyBlock, foundedLedger } from './ledger.ts'

const [ann, bob, eve] = ['aa', 'bb', 'ee'] as const
const names: Readonly<Record<string, string>> = { aa: 'Ann', bb: 'Bob', ee: 'Eve' }
const nameOf = (peer: string) => names[peer] ?? peer
const pay = (to: string, amount: number, note = '') => ({ kind: 'pay', to, amount, note })

const blocks: readonly FinalBlock[] = [
  blockOf(1, {
    voters: [ann, bob, eve],
    values: [
      [ann, pay(bob, 12, 'Tea for two')],
      [bob, pay(eve, 500, 'tea')],
    ],
  }),
  blockOf(2, { values: [[eve, { kind: 'request', of: ann, amount: 7, note: 'tickets' }]] }),
  blockOf(3, { values: [[ann, { kind: 'answer', request: '2.0', accept: true }]] }),
]

function applied(all: readonly FinalBlock[]): readonly AppliedBlock[] {
  let ledger = foundedLedger([])
  return all.map((block) => {
    const { ledger: next, entries } = applyBlock(ledger, block)
    ledger = next
    return { block, entries }
  })
}

function found(query: Partial<Query>, most = 10): string[] {
  return search(rowsOf(applied(blocks), [], ann), { ...everything, ...query }, nameOf, most).rows.map(({ id }) => id)
}

describe('search', () => {
  test('without a question finds all, newest first', () => {
    expect(found({})).toEqual(['3.0', '2.0', '1.1', '1.0'])
  })

  test('finds notes and names, in whatever case, and amounts', () => {
    expect(found({ text: 'TEA' })).toEqual(['1.1', '1.0'])
    expect(found({ text: 'eve' })).toEqual(['3.0', '2.0', '1.1'])
    expect(found({ text: '12' })).toEqual(['1.0'])
  })

  test('finds what has all words', () => {
    expect(found({ text: '  tea   ann ' })).toEqual(['1.0'])
    expect(found({ text: 'tea tickets' })).toEqual([])
  })

  test('finds an answer by what the request said', () => {
    expect(found({ text: 'tickets' })).toEqual(['3.0', '2.0'])
  })

  test('by a member finds whatever it takes part in, on either side', () => {
    expect(found({ peer: bob })).toEqual(['1.1', '1.0'])
    expect(found({ peer: eve, text: 'tea' })).toEqual(['1.1'])
  })

  test('by state finds rejected and final ones', () => {
    expect(found({ state: 'rejected' })).toEqual(['1.1'])
    expect(found({ state: 'final' })).toEqual(['3.0', '2.0', '1.0'])
    expect(found({ state: 'pending' })).toEqual([])
  })

  test('says when there is more than was asked for', () => {
    const rows = () => rowsOf(applied(blocks), [], ann)
    expect(search(rows(), everything, nameOf, 3)).toMatchObject({ more: true, rows: { length: 3 } })
    expect(search(rows(), everything, nameOf, 4)).toMatchObject({ more: false, rows: { length: 4 } })
  })

  test('finds what is pending here before all that is final, and what is lost among the rejected', () => {
    const action = { kind: 'pay', to: bob, amount: 1, note: '' } as const
    const own = [
      { id: 'lost', action, request: null, latencyMs: null, fate: { kind: 'lost', reason: 'removed' } },
      { id: 'pending', action, request: null, latencyMs: null, fate: { kind: 'pending' } },
      { id: '1.0', action, request: null, latencyMs: 1, fate: { kind: 'final', height: 1 } },
    ] as const
    const ids = (query: Partial<Query>) =>
      search(rowsOf(applied(blocks), own, ann), { ...everything, ...query }, nameOf, 10).rows.map(({ id }) => id)
    expect(ids({})).toEqual(['pending', 'lost', '3.0', '2.0', '1.1', '1.0'])
    expect(ids({ state: 'pending' })).toEqual(['pending'])
    expect(ids({ state: 'rejected' })).toEqual(['lost', '1.1'])
  })
})

describe('what is kept at hand', () => {
  const many = (height: number, count: number) =>
    applied([blockOf(height, { voters: [ann], values: Array.from({ length: count }, () => [ann, pay(bob, 1)]) })])

  test('is bounded in blocks', () => {
    let recent: readonly AppliedBlock[] = []
    for (let height = 1; height <= recentBlocksMost + 10; height++) {
      recent = withBlock(recent, many(height, 1)[0] as AppliedBlock)
    }
    expect(recent.map(({ block }) => block.height).slice(0, 2)).toEqual([11, 12])
    expect(recent).toHaveLength(recentBlocksMost)
  })

  test('is bounded in transactions, but for the last block', () => {
    let recent: readonly AppliedBlock[] = []
    for (let height = 1; height <= 4; height++) {
      recent = withBlock(recent, many(height, recentEntriesMost / 2)[0] as AppliedBlock)
    }
    expect(recent.map(({ block }) => block.height)).toEqual([3, 4])
    recent = withBlock(recent, many(5, 2 * recentEntriesMost)[0] as AppliedBlock)
    expect(recent.map(({ block }) => block.height)).toEqual([5])
  })
})

describe('the search of all blocks', () => {
  const section = {
    status: { height: blocks.length, previousSection: null },
    async *blocks() {
      yield* blocks
      // The section goes on, and nobody waits for that.
      await new Promise(() => {})
    },
  } as unknown as Parameters<typeof searchArchive>[0]

  test('finds the same as in the blocks at hand, refusals included', async () => {
    for (const query of [everything, { ...everything, state: 'rejected' }, { ...everything, text: 'tea' }] as const) {
      const archived = await searchArchive(section, query, nameOf, 10, () => true)
      expect(archived).toEqual(search(rowsOf(applied(blocks), [], ann), query, nameOf, 10))
    }
  })

  test('keeps the newest where there are too many', async () => {
    const archived = await searchArchive(section, everything, nameOf, 2, () => true)
    expect(archived?.rows.map(({ id }) => id)).toEqual(['3.0', '2.0'])
    expect(archived?.more).toBe(true)
  })

  test('ends without an answer once nobody wants it', async () => {
    expect(await searchArchive(section, everything, nameOf, 2, () => false)).toBeNull()
  })
})

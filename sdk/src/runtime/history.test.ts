import { describe, expect, test } from 'vitest'
import type { Block } from '../core/section/block.ts'
import { ParsecError } from './errors.ts'
import { createBlockTeller, readBlock } from './final-block.ts'
import { createHistory, MAX_PENDING, MAX_PENDING_BYTES } from './history.ts'
import { createIdentifier, encodeTransaction, NONCE_BYTES } from './value.ts'

const me = 'aa'.repeat(32)
const other = 'bb'.repeat(32)
const random = (length: number) => new Uint8Array(length)
const hash = (value: number) => `${value}`.padStart(64, '0')
const transaction = (creator: string, value: number) =>
  encodeTransaction(createIdentifier(creator), new Uint8Array(NONCE_BYTES).fill(value), value)

/** Block `height`, with transactions of this creator. */
function block(
  height: number,
  creator = other,
  values: readonly number[] = [height],
  changes: Partial<Block> = {},
): Block {
  const transactions = values.map((value) => transaction(creator, value).bytes)
  return {
    ...{ sectionId: hash(0), height, hash: hash(height), previous: hash(height - 1), timeMs: height, voters: [me] },
    ...{ items: [{ event: hash(9), creator, transactions }], observations: [], ...changes },
  }
}

function history() {
  let nowMs = 100
  const created = createHistory(me, () => nowMs)
  const tell = createBlockTeller(random)
  const append = (...blocks: readonly Block[]) => {
    for (const appended of blocks) created.append(readBlock(tell(appended, [me, other])))
  }
  return {
    history: created,
    append,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const closed = new ParsecError('closed', 'closed')

describe('listeners', () => {
  test('each gets every block from the first on, in order, whenever it starts to listen', async () => {
    const { history: past, append } = history()
    const heard: string[] = []
    append(block(1))
    past.follow(({ height }) => heard.push(`early ${height}`))
    await turn()
    append(block(2))
    past.follow(({ height }) => heard.push(`late ${height}`))
    await turn()
    append(block(3))
    expect(heard).toEqual(['early 1', 'early 2', 'late 1', 'late 2', 'early 3', 'late 3'])
  })

  test('is not called before `on` has returned', async () => {
    const { history: past, append } = history()
    append(block(1))
    const heard: number[] = []
    past.follow(({ height }) => heard.push(height))
    expect(heard).toEqual([])
    await turn()
    expect(heard).toEqual([1])
  })

  test('hears nothing once it has ended its subscription, even in the middle of the past', async () => {
    const { history: past, append } = history()
    append(block(1), block(2), block(3))
    const heard: number[] = []
    const off = past.follow(({ height }) => {
      heard.push(height)
      if (height === 2) off()
    })
    await turn()
    append(block(4))
    expect(heard).toEqual([1, 2])
  })
})

describe('iteration', () => {
  test('starts at a height and goes on with what comes', async () => {
    const { history: past, append } = history()
    append(block(1), block(2))
    const seen: number[] = []
    const done = (async () => {
      for await (const { height } of past.iterate(2)) seen.push(height)
    })()
    await turn()
    append(block(3))
    await turn()
    expect(seen).toEqual([2, 3])
    past.end(closed)
    await done
  })

  test('gives all that is there before it ends', async () => {
    const { history: past, append } = history()
    append(block(1), block(2))
    past.end(closed)
    const seen: number[] = []
    for await (const { height } of past.iterate(0)) seen.push(height)
    expect(seen).toEqual([1, 2])
  })

  test('of two readers each sees every block', async () => {
    const { history: past, append } = history()
    const [one, two] = [past.iterate(1), past.iterate(1)]
    const first = [one.next(), two.next()]
    append(block(1))
    expect((await Promise.all(first)).map(({ value }) => value.height)).toEqual([1, 1])
  })
})

describe('receipts', () => {
  test('resolve with height, place in the block and the time that passed', async () => {
    const { history: past, append, pass } = history()
    const receipt = past.open(transaction(me, 8))
    pass(30)
    append(block(1, other), block(2, me, [7, 8]))
    await expect(receipt.final).resolves.toEqual({ height: 2, index: 1, latencyMs: 30 })
  })

  test("do not resolve by another's transaction of the same bytes", async () => {
    const { history: past, append } = history()
    const receipt = past.open(transaction(me, 8))
    append(block(1, other, [8]), block(2, me, [8]))
    await expect(receipt.final).resolves.toMatchObject({ height: 2 })
  })

  test('are rejected when we shall not see it, and nothing is unhandled if nobody waits', async () => {
    const { history: past } = history()
    const receipt = past.open(transaction(me, 8))
    past.end(closed)
    await expect(receipt.final).rejects.toBe(closed)
  })

  test('are bounded, by number and by bytes: there is room again once something is final', () => {
    const { history: past, append } = history()
    for (let i = 1; i < MAX_PENDING; i++) past.open({ id: `${i}`, bytes: new Uint8Array() })
    expect(past.isFull).toBe(false)
    past.open(transaction(me, 8))
    expect(past.isFull).toBe(true)
    append(block(1, me, [8]))
    expect(past.isFull).toBe(false)
    past.open({ id: 'large', bytes: { length: MAX_PENDING_BYTES } as Uint8Array })
    expect(past.isFull).toBe(true)
    past.end(closed)
    expect(past.isFull).toBe(false)
  })

  test('outlive a section that yields', async () => {
    const { history: past, append } = history()
    const receipt = past.open(transaction(me, 8))
    past.restart()
    expect(past.blocks).toEqual([])
    append(block(1, me, [8]))
    await expect(receipt.final).resolves.toMatchObject({ height: 1 })
  })
})

describe('a final block, as the application sees it', () => {
  test('holds transactions in the agreed order, by creator, and values that were none as undefined', () => {
    const { history: past, append } = history()
    const junk = { event: hash(8), creator: other, transactions: [new Uint8Array(3)] }
    const items = [...block(1, me, [1, 2]).items, junk]
    append(block(1, me, [], { items }))
    expect(past.blocks[0]?.transactions.map(({ creator, value }) => [creator, value])).toEqual([
      [me, 1],
      [me, 2],
      [other, undefined],
    ])
  })

  test('tells changes of members and voters, and nothing of votes', () => {
    const { history: past, append } = history()
    append(
      block(1, me, [], {
        observations: [
          { kind: 'add', peer: other, since: 0 },
          { kind: 'voters', promote: [other], demote: [], since: 0 },
          { kind: 'remove', peer: me, since: 1 },
          { kind: 'expel', peer: me },
          { kind: 'vote', value: new Uint8Array(1) },
        ],
      }),
    )
    expect(past.blocks[0]?.changes).toEqual([
      { kind: 'add', peer: other },
      { kind: 'voters', promote: [other], demote: [] },
      { kind: 'remove', peer: me },
      { kind: 'expel', peer: me },
    ])
  })
})

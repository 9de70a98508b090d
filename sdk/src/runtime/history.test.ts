import { describe, expect, test } from 'vitest'
import type { Block } from '../core/section/block.ts'
import { ParsecError } from './errors.ts'
import { createBlockTeller, type ToldBlock } from './final-block.ts'
import { createHistory, MAX_PENDING, MAX_PENDING_BYTES } from './history.ts'
import { MAX_RECENT_BLOCKS } from './recent-blocks.ts'
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
  const stored: ToldBlock[] = []
  const asked: [number, number][] = []
  // What the host answers with.
  const host = {
    readBack: async (from: number, to: number): Promise<readonly ToldBlock[]> => stored.slice(from - 1, to),
  }
  const created = createHistory({
    self: me,
    nowMs: () => nowMs,
    readBack(from, to) {
      asked.push([from, to])
      return host.readBack(from, to)
    },
  })
  const { tell } = createBlockTeller(random)
  const append = (...blocks: readonly Block[]) => {
    for (const appended of blocks) {
      const told = tell(appended, [me, other])
      stored.push(told)
      created.append(told)
    }
  }
  return {
    history: created,
    append,
    /** So many blocks more than are held, without transactions; the first is held as well. */
    appendMore(count: number) {
      for (let left = MAX_RECENT_BLOCKS + count; left > 0; left--)
        append(block(created.height + 1, other, [], { items: [] }))
    },
    host,
    asked,
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

describe('blocks that are not held any more', () => {
  const upTo = (height: number) => Array.from({ length: height }, (_, i) => i + 1)

  test('are the oldest but the first', () => {
    const { history: past, appendMore } = history()
    appendMore(10)
    const held = [1, 2, 10, 11, past.height, past.height + 1].map((height) => past.block(height)?.height)
    expect(held).toEqual([1, undefined, undefined, 11, past.height, undefined])
  })

  test('are read back for a listener that comes late, a few at a time; none is missed, none comes twice', async () => {
    const { history: past, append, appendMore, asked } = history()
    appendMore(100)
    const heard: number[] = []
    past.follow(({ height }) => heard.push(height))
    await Promise.resolve()
    append(block(past.height + 1))
    expect(heard).toEqual([1])
    await turn()
    append(block(past.height + 1))
    expect(heard).toEqual(upTo(past.height))
    // The last one moved on meanwhile.
    expect(asked).toEqual([
      [2, 65],
      [66, 101],
    ])
  })

  test('are not told to a listener that has ended its subscription', async () => {
    const { history: past, appendMore } = history()
    appendMore(100)
    const heard: number[] = []
    const off = past.follow(({ height }) => {
      heard.push(height)
      if (height === 3) off()
    })
    await turn()
    expect(heard).toEqual([1, 2, 3])
  })

  test('are read back for an iteration that starts or falls behind', async () => {
    const { history: past, append, appendMore } = history()
    append(block(1), block(2))
    const seen: number[] = []
    const slow = past.iterate(1)
    for (let i = 0; i < 2; i++) seen.push((await slow.next()).value.height)
    appendMore(100)
    while (seen.length < past.height) seen.push((await slow.next()).value.height)
    expect(seen).toEqual(upTo(past.height))
    const late = past.iterate(50)
    expect((await late.next()).value).toMatchObject({ height: 50, hash: hash(50), members: [me, other] })
  })

  test('are to be had one by one', async () => {
    const { history: past, appendMore, asked } = history()
    appendMore(10)
    const read = await Promise.all([1, 5, past.height].map((height) => past.read(height)))
    expect(read.map(({ height }) => height)).toEqual([1, 5, past.height])
    expect(asked).toEqual([[5, 5]])
    for (const height of [0, 1.5, Number.NaN]) {
      await expect(past.read(height)).rejects.toMatchObject({ code: 'badOptions' })
    }
  })

  test('end an iteration with what kept them from being read, but for the section being closed', async () => {
    const { history: past, appendMore, host } = history()
    appendMore(10)
    host.readBack = async () => Promise.reject(new ParsecError('storage', 'damaged'))
    await expect(past.iterate(2).next()).rejects.toMatchObject({ code: 'storage' })
    await expect(past.read(2)).rejects.toMatchObject({ code: 'storage' })
    host.readBack = async () => Promise.reject(closed)
    expect(await past.iterate(2).next()).toMatchObject({ done: true })
    await expect(past.read(2)).rejects.toBe(closed)
  })

  test('of a section that we left are not to be had: listeners go on with the new one', async () => {
    const { history: past, append, appendMore, asked } = history()
    append(block(1))
    const slow = past.iterate(1)
    await slow.next()
    appendMore(10)
    const heard: string[] = []
    past.follow((each) => heard.push(each.hash))
    const left = new ParsecError('superseded', 'left')
    past.moveOn(left)
    append({ ...block(1), hash: hash(77) })
    await turn()
    // The first one was held.
    expect(heard).toEqual([hash(1), hash(77)])
    await expect(slow.next()).rejects.toBe(left)
    expect(asked).toEqual([])
  })

  test('and were under way when we left it are the last of it that a listener hears', async () => {
    const { history: past, append, appendMore, host } = history()
    appendMore(100)
    const read = host.readBack
    host.readBack = async (from, to) => {
      const blocks = await read(from, to)
      past.moveOn(closed)
      append({ ...block(1), hash: hash(77) })
      return blocks
    }
    const heard: string[] = []
    past.follow((each) => heard.push(each.hash))
    await turn()
    expect(heard).toEqual([...upTo(65).map(hash), hash(77)])
  })
})

describe('a block to come', () => {
  test('is waited for', async () => {
    const { history: past, append } = history()
    const read = past.read(2)
    append(block(1), block(2))
    await expect(read).resolves.toMatchObject({ height: 2 })
  })

  test('is so through a section that yields, and not once we leave it or the last one has come', async () => {
    const { history: past, append } = history()
    const through = past.read(1)
    past.restart()
    append({ ...block(1), hash: hash(77) })
    await expect(through).resolves.toMatchObject({ hash: hash(77) })
    const left = new ParsecError('superseded', 'left')
    const until = past.read(2)
    past.moveOn(left)
    await expect(until).rejects.toBe(left)
    const last = past.read(1)
    past.end(closed)
    await expect(last).rejects.toBe(closed)
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
    expect([past.height, past.block(1)]).toEqual([0, undefined])
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
    expect(past.block(1)?.transactions.map(({ creator, value }) => [creator, value])).toEqual([
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
    expect(past.block(1)?.changes).toEqual([
      { kind: 'add', peer: other },
      { kind: 'voters', promote: [other], demote: [] },
      { kind: 'remove', peer: me },
      { kind: 'expel', peer: me },
    ])
  })
})

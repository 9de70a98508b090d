import { expect, test } from 'vitest'
import type { Block } from '../core/section/block.ts'
import { createBlockTeller, idsBy, readBlock } from './final-block.ts'
import { createIdentifier, encodeTransaction, NONCE_BYTES } from './value.ts'

const [alice, bob] = ['aa'.repeat(32), 'bb'.repeat(32)] as const
const random = (length: number) => new Uint8Array(length)
const hash = (value: number) => `${value}`.padStart(64, '0')
const signed = (creator: string, nonce: number, value: unknown) =>
  encodeTransaction(createIdentifier(creator), new Uint8Array(NONCE_BYTES).fill(nonce), value)

function block(height: number, items: readonly (readonly [creator: string, ...transactions: Uint8Array[]])[]): Block {
  return {
    ...{ sectionId: hash(0), height, hash: hash(height), previous: hash(height - 1), timeMs: 5, voters: [alice] },
    items: items.map(([creator, ...transactions], i) => ({ event: hash(i), creator, transactions })),
    observations: [],
  }
}

test('a told block is read as it was decided: in order, each with its author and its id', () => {
  const [one, two, three] = [signed(alice, 1, 'one'), signed(bob, 1, { two: [2] }), signed(alice, 2, undefined)]
  const told = createBlockTeller(random).tell(
    block(1, [
      [alice, one.bytes],
      [bob, two.bytes],
      [alice, three.bytes],
    ]),
    [alice, bob],
  )
  expect(readBlock(structuredClone(told))).toEqual({
    ...{ height: 1, hash: hash(1), previous: hash(0), timeMs: 5, changes: [], voters: [alice], members: [alice, bob] },
    transactions: [
      { creator: alice, id: one.id, value: 'one' },
      { creator: bob, id: two.id, value: { two: [2] } },
      { creator: alice, id: three.id, value: null },
    ],
  })
  expect(idsBy(told, alice)).toEqual([one.id, three.id])
})

test('what its author signed twice stands where it was decided first', () => {
  const again = signed(alice, 1, 'again')
  const { tell } = createBlockTeller(random)
  const values = [
    block(1, [[alice, again.bytes, again.bytes]]),
    block(2, [
      [alice, again.bytes],
      [bob, again.bytes],
    ]),
  ].map((decided) => readBlock(tell(decided, [])).transactions.map(({ creator, value }) => [creator, value]))
  expect(values).toEqual([[[alice, 'again']], [[bob, 'again']]])
})

test('a block is told again as it was told first, whatever was signed twice in it and since', () => {
  const [one, two, three] = [1, 2, 3].map((nonce) => signed(alice, nonce, nonce).bytes) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const blocks = [
    block(1, [[alice, one, one, two]]),
    block(2, [
      [alice, two],
      [bob, one],
      [alice, three, one],
    ]),
    block(3, [[alice, three]]),
  ]
  const teller = createBlockTeller(random)
  const told = blocks.map((each) => teller.tell(each, [alice]))
  expect(teller.height).toBe(3)
  expect(told.map(({ ids }) => ids.length)).toEqual([2, 2, 0])
  expect(blocks.map((each) => teller.retell(each, [alice]))).toEqual(told)
})

test('bytes that are no value are undefined, and shift nothing', () => {
  const good = signed(bob, 2, 7)
  const told = createBlockTeller(random).tell(
    block(1, [
      [alice, Uint8Array.of(1)],
      [bob, good.bytes],
    ]),
    [],
  )
  expect(readBlock(told).transactions.map(({ value }) => value)).toEqual([undefined, 7])
})

test('values are their readers’ own: to change one changes no other', () => {
  const two = [1, 2].map((nonce) => signed(alice, nonce, new Uint8Array([nonce])).bytes)
  const [first, second] = readBlock(createBlockTeller(random).tell(block(1, [[alice, ...two]]), [])).transactions
  const [one, other] = [first?.value, second?.value] as [Uint8Array, Uint8Array]
  expect(one.buffer).not.toBe(other.buffer)
})

import { expect, test } from 'vitest'
import type { ToldBlock } from './final-block.ts'
import { createRecentBlocks, MAX_RECENT_BLOCKS, MAX_RECENT_BYTES } from './recent-blocks.ts'

/** With one transaction of so many bytes. */
function told(height: number, length: number): ToldBlock {
  return {
    ...{
      height,
      hash: `${height}`,
      previous: `${height - 1}`,
      timeMs: height,
      changes: [],
      voters: ['a'],
      members: [],
    },
    ...{ authors: [{ creator: 'a', count: 1 }], ids: [`${height}`] },
    transactions: { bytes: new Uint8Array(length), lengths: Uint32Array.of(length) },
  }
}

const held = (recent: ReturnType<typeof createRecentBlocks>) =>
  Array.from({ length: recent.height + 2 }, (_, height) => height).filter((height) => recent.at(height))

test('holds nothing at first', () => {
  const recent = createRecentBlocks()
  expect([recent.height, recent.oldest, held(recent)]).toEqual([0, 1, []])
})

test('holds the newest as far as there is room for their bytes, and the first', () => {
  const recent = createRecentBlocks()
  for (let height = 1; height <= 6; height++) recent.push(told(height, Math.floor(MAX_RECENT_BYTES / 3)))
  expect([recent.height, recent.oldest, held(recent)]).toEqual([6, 5, [1, 5, 6]])
})

test('holds the newest, however large it is', () => {
  const recent = createRecentBlocks()
  recent.push(told(1, 1))
  recent.push(told(2, 1))
  recent.push(told(3, MAX_RECENT_BYTES + 1))
  expect([recent.oldest, held(recent)]).toEqual([3, [1, 3]])
  recent.push(told(4, 1))
  expect([recent.oldest, held(recent)]).toEqual([4, [1, 4]])
})

test('holds so many blocks, be they ever so small', () => {
  const recent = createRecentBlocks()
  for (let height = 1; height <= MAX_RECENT_BLOCKS + 2; height++) recent.push(told(height, 1))
  expect([recent.oldest, held(recent).length]).toEqual([3, MAX_RECENT_BLOCKS + 1])
})

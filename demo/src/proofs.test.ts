import type { FinalBlock, SectionStatus } from 'parsec-web'
import type { HistoryVerdict } from 'parsec-web/verify'
import { expect, test } from 'vitest'
import { blockOf } from './fixtures.ts'
import { forged, relationOf } from './proofs.ts'

const valid = { valid: true, sectionId: 's', height: 3, blockHash: 'hash 3' } as HistoryVerdict
const section = (...own: readonly FinalBlock[]) => ({
  id: 's',
  status: { height: own.at(-1)?.height ?? 0 } as SectionStatus,
  readBlock: async (height: number) => own.find((block) => block.height === height) as FinalBlock,
})

test('a forgery differs in one bit, and the original stays as it was', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5)
  expect([...forged(bytes)]).toEqual([1, 2, 2, 4, 5])
  expect([...bytes]).toEqual([1, 2, 3, 4, 5])
})

test('a history is ours where it ends in our block, or beyond what we have', async () => {
  expect(await relationOf(valid, section(blockOf(3)))).toBe('ours')
  expect(await relationOf(valid, section())).toBe('ours')
})

test('another block at the same height of the same section contradicts', async () => {
  expect(await relationOf(valid, section({ ...blockOf(3), hash: 'another' }))).toBe('contradicts')
})

test('a history of another section, or without a section here, is foreign', async () => {
  expect(await relationOf({ ...valid, sectionId: 't' } as HistoryVerdict, section(blockOf(3)))).toBe('foreign')
  expect(await relationOf(valid, null)).toBe('foreign')
})

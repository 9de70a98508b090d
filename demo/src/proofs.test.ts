import type { FinalBlock } from 'parsec-web'
import type { HistoryVerdict } from 'parsec-web/verify'
import { expect, test } from 'vitest'
import { blockOf } from './fixtures.ts'
import { forged, relationOf } from './proofs.ts'

const valid = { valid: true, sectionId: 's', height: 3, blockHash: 'hash 3' } as HistoryVerdict
const section = (own: FinalBlock | undefined) => ({ id: 's', block: () => own })

test('a forgery differs in one bit, and the original stays as it was', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5)
  expect([...forged(bytes)]).toEqual([1, 2, 2, 4, 5])
  expect([...bytes]).toEqual([1, 2, 3, 4, 5])
})

test('a history is ours where it ends in our block, or beyond what we have', () => {
  expect(relationOf(valid, section(blockOf(3)))).toBe('ours')
  expect(relationOf(valid, section(undefined))).toBe('ours')
})

test('another block at the same height of the same section contradicts', () => {
  expect(relationOf(valid, section({ ...blockOf(3), hash: 'another' }))).toBe('contradicts')
})

test('a history of another section, or without a section here, is foreign', () => {
  expect(relationOf({ ...valid, sectionId: 't' } as HistoryVerdict, section(blockOf(3)))).toBe('foreign')
  expect(relationOf(valid, null)).toBe('foreign')
})

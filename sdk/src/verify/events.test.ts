import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeFile, encodeFile, type FileParts } from '../wire/index.ts'
import { readEvents } from './events.ts'

const golden = new Uint8Array(readFileSync(new URL('../../test/golden/exported-events.bin', import.meta.url)))
const { preamble, records } = partsOf(golden)

function partsOf(file: Uint8Array): FileParts {
  const decoded = decodeFile('events', file)
  if ('error' in decoded) throw new Error(decoded.error.detail)
  return decoded.ok
}

describe('an event log of version 1', () => {
  test('replays to the same elections and blocks', () => {
    const verdict = readEvents(golden)
    if (!verdict.valid) throw new Error(verdict.detail)
    const { events, elections, blocks, roles } = verdict.graph
    expect(events.length).toBe(87)
    expect(blocks.map(({ height }) => height)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(elections.map(({ outcome, voters }) => `${outcome} ${voters.length}`)).toEqual([
      ...Array(4).fill('block 1'),
      ...Array(4).fill('block 4'),
      'open 4',
    ])
    const deciding = roles.filter(({ decides, election }) => decides && election === 7)
    expect(new Set(deciding.map(({ event }) => event)).size).toBe(4)
  })

  test.each([
    ['a parent that is missing', [...records.slice(0, 5), ...records.slice(6)], 6, 'missingParent'],
    ['an event that stands there twice', [...records.slice(0, 3), ...records.slice(2)], 4, 'illFormed'],
    ['an event that cannot be read', [...records.slice(0, 3), Uint8Array.of(1, 2)], 4, 'malformed'],
    ['an event of another version', [(records[0] ?? golden).with(2, 9)], 1, 'unsupportedVersion'],
  ])('%s fails at its record', (_, changed, record, reason) => {
    const file = encodeFile('events', preamble, changed)
    expect(readEvents(file)).toMatchObject({ valid: false, record, reason })
  })

  test('fails as a whole when cut off, longer, or not one', () => {
    expect(readEvents(golden.subarray(0, -1))).toMatchObject({ record: records.length, reason: 'truncated' })
    expect(readEvents(Uint8Array.of(...golden, 0))).toMatchObject({ record: 88, reason: 'trailingBytes' })
    expect(readEvents(new Uint8Array(3))).toMatchObject({ record: 0, reason: 'malformed' })
    const other = encodeFile('events', { ...preamble, sectionId: 'ab'.repeat(32) }, records)
    expect(readEvents(other)).toMatchObject({ record: 0, reason: 'wrongGenesis' })
  })
})

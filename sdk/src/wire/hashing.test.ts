import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { GossipEvent } from '../core/gossip/event.ts'
import type { BlockContent, Genesis } from '../core/section/block.ts'
import { blockHeader, decodeBlockHeader, encodeBlockHeader } from './block.ts'
import { encodeEvent } from './event.ts'
import { decodeGenesis, encodeGenesis } from './genesis.ts'
import { createHashing } from './hashing.ts'

const repeat = (byte: string) => byte.repeat(32)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const hashing = createHashing()

function sha256(purpose: string, ...parts: readonly string[]): string {
  return createHash('sha256').update(`parsec-web/${purpose}/1\0`).update(parts.join(''), 'hex').digest('hex')
}

const genesis: Genesis = {
  founders: [repeat('0a'), repeat('0b')],
  createdAtMs: 0x0123_4567_89ab,
  salt: repeat('cc'),
  previousSection: { sectionId: repeat('dd'), height: 7, blockHash: repeat('ee') },
  maxVoters: 13,
}
const genesisHex = [
  '01',
  '0002',
  repeat('0a'),
  repeat('0b'),
  '0123456789ab',
  repeat('cc'),
  '01',
  repeat('dd'),
  '00000007',
  repeat('ee'),
  '000d',
].join('')

const block: BlockContent = {
  sectionId: repeat('a1'),
  height: 2,
  previous: repeat('b2'),
  timeMs: 0x0123_4567_89ac,
  voters: [repeat('01'), repeat('02')],
  items: [
    { event: repeat('e1'), creator: repeat('01'), transactions: [Uint8Array.of(1, 2), Uint8Array.of(3)] },
    { event: repeat('e2'), creator: repeat('02'), transactions: [] },
  ],
  observations: [{ kind: 'add', peer: repeat('03'), since: 0 }],
}
const observationKey = sha256('observation', '01', repeat('03'), '00000000')
const itemHashes = [
  sha256(
    'block-item',
    repeat('e1'),
    repeat('01'),
    sha256('block-transactions', '00000002', '00000002', '0102', '00000001', '03'),
  ),
  sha256('block-item', repeat('e2'), repeat('02'), sha256('block-transactions', '00000000')),
]
const blockHex = [
  '01',
  repeat('a1'),
  '00000002',
  repeat('b2'),
  '0123456789ac',
  sha256('block-voters', repeat('01'), repeat('02')),
  sha256('block-items', ...itemHashes),
  sha256('block-observations', observationKey),
].join('')

describe('version 1 of the hashes', () => {
  test('section id: the genesis has these bytes', () => {
    expect(hex(encodeGenesis(genesis))).toBe(genesisHex)
    expect(hashing.genesis(genesis)).toBe(sha256('genesis', genesisHex))
    expect(hashing.genesis(genesis)).toBe('c02c10af4a0801b39787935735c378a9cd8b6445dd9a172183f717facc4d5278')
  })
  test('block hash: covers voters, items with the hash of their transactions, observations, by a header of constant size', () => {
    expect(hex(encodeBlockHeader(blockHeader(block)))).toBe(blockHex)
    expect(hashing.block(block)).toBe(sha256('block', blockHex))
    expect(hashing.block(block)).toBe('5c27c2b55c9225ee24f4841137cbfcadd389f46aa1b80417a1d672bcbdc04053')
  })
  test('observation key', () => {
    expect(hashing.observation({ kind: 'expel', peer: repeat('03') })).toBe(sha256('observation', '06', repeat('03')))
    expect(hashing.observation({ kind: 'add', peer: repeat('03'), since: 0 })).toBe(observationKey)
  })
  test('tie-break: previous block, then id', () => {
    expect(hashing.tieBreak(repeat('01'), repeat('02'))).toBe(sha256('tie-break', repeat('01'), repeat('02')))
  })
  test('predictable coin: last block, election, round, subject', () => {
    expect(hashing.coin(repeat('01'), 3, 4, repeat('02'))).toBe(
      sha256('predictable-coin', repeat('01'), '00000003', '00000004', repeat('02')),
    )
  })
})

describe('a block hash changes with', () => {
  const changed: readonly (readonly [string, BlockContent])[] = [
    ['the voters', { ...block, voters: [repeat('01')] }],
    ['the order of the items', { ...block, items: block.items.toReversed() }],
    [
      'a boundary between transactions',
      {
        ...block,
        items: block.items.map((item) => ({ ...item, transactions: [Uint8Array.of(1), Uint8Array.of(2, 3)] })),
      },
    ],
    ['an observation', { ...block, observations: [] }],
    ['the time', { ...block, timeMs: block.timeMs + 1 }],
  ]
  test.each(changed)('%s', (_, other) => {
    expect(hashing.block(other)).not.toBe(hashing.block(block))
  })
})

describe('what is hashed in advance', () => {
  const event = (transactions: readonly Uint8Array[]): GossipEvent => ({
    ...{ sectionId: repeat('a1'), creator: repeat('01'), seq: 0, selfParent: null, otherParents: [], createdAtMs: 1 },
    attest: { height: 0, blockHash: repeat('a1') },
    body: { transactions, observations: [] },
    id: '',
  })
  const many = Array.from({ length: 1_000 }, (_, i) => Uint8Array.of(i >> 8, i & 0xff))

  test('gives the same block', async () => {
    const ahead = createHashing()
    const transactions = [...many]
    await ahead.prepare(event(transactions))
    const items = [{ event: repeat('e1'), creator: repeat('01'), transactions }]
    const alike = items.map((item) => ({ ...item, transactions: many }))
    expect(ahead.block({ ...block, items })).toBe(hashing.block({ ...block, items: alike }))
    expect(ahead.block({ ...block, items })).not.toBe(hashing.block(block))
  })
  test('is encoded once, and anew where another event has the same body', () => {
    const own = createHashing()
    const draft = event(many)
    const first = { ...draft, id: own.event(draft) }
    expect(own.encoded(first)).toBe(own.encoded(first))
    const second = { ...first, seq: 1, selfParent: first.id }
    expect(own.encoded({ ...second, id: hashing.event(second) })).toEqual(encodeEvent(second))
  })
})

describe('a genesis is refused', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['of another version', genesisHex.replace(/^01/, '02')],
    ['without founders', genesisHex.replace(`0002${repeat('0a')}${repeat('0b')}`, '0000')],
    ['with founders out of order', genesisHex.replace(repeat('0a'), repeat('0c'))],
    ['for no voters', genesisHex.replace(/000d$/, '0000')],
    ['for more voters than the limit', genesisHex.replace(/000d$/, '0101')],
    ['with trailing bytes', `${genesisHex}00`],
    ['that is empty', ''],
  ]
  test.each(refused)('%s', (_, bytes) => {
    expect(decodeGenesis(Buffer.from(bytes, 'hex'))).toHaveProperty('error')
  })
})

test('genesis and block header come back as they were', () => {
  expect(decodeGenesis(encodeGenesis(genesis))).toEqual({ ok: genesis })
  expect(decodeBlockHeader(encodeBlockHeader(blockHeader(block)))).toEqual({ ok: blockHeader(block) })
})

test('a block of height 0 cannot be encoded: that is the genesis', () => {
  expect(() => hashing.block({ ...block, height: 0 })).toThrowError(expect.objectContaining({ code: 'unencodable' }))
})

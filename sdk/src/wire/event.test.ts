import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { EventContent } from '../core/gossip/event.ts'
import type { Observation } from '../core/section/observation.ts'
import { decodeHeader, decodeSealedEvent, encodeEvent, sealedBytes } from './event.ts'
import { limits } from './limits.ts'

const repeat = (byte: string) => byte.repeat(32)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const signature = new Uint8Array(64).fill(0xee)

const content: EventContent = {
  sectionId: repeat('a1'),
  creator: repeat('b2'),
  seq: 258,
  selfParent: repeat('c3'),
  otherParents: [repeat('d4'), repeat('05')],
  createdAtMs: 0x0123_4567_89ab,
  attest: { height: 7, blockHash: repeat('e6') },
  body: {
    transactions: [Uint8Array.of(1, 2, 3), new Uint8Array()],
    observations: [
      { kind: 'add', peer: repeat('01'), since: 0 },
      { kind: 'remove', peer: repeat('02'), since: 3 },
      { kind: 'voters', promote: [repeat('03'), repeat('04')], demote: [], since: 9 },
      { kind: 'accusation', accused: repeat('06'), malice: 'fork', evidence: [repeat('07'), repeat('08')] },
      { kind: 'vote', value: Uint8Array.of(0xff) },
    ],
  },
}

const bodyHex = [
  ['0002', '00000003', '010203', '00000000'],
  ['0005'],
  ['01', repeat('01'), '00000000'],
  ['02', repeat('02'), '00000003'],
  ['03', '0002', repeat('03'), repeat('04'), '0000', '00000009'],
  ['04', repeat('06'), '01', '0002', repeat('07'), repeat('08')],
  ['05', '00000001', 'ff'],
]
  .flat()
  .join('')

const bodyHash = createHash('sha256').update('parsec-web/body/1\0').update(bodyHex, 'hex').digest('hex')

const headerHex = [
  '01',
  repeat('a1'),
  repeat('b2'),
  '00000102',
  ['01', repeat('c3')],
  ['02', repeat('d4'), repeat('05')],
  '0123456789ab',
  ['00000007', repeat('e6')],
  bodyHash,
]
  .flat()
  .join('')

function withObservation(observation: Observation): EventContent {
  return { ...content, body: { transactions: [], observations: [observation] } }
}

function withTransactions(transactions: readonly Uint8Array[]): EventContent {
  return { ...content, body: { transactions, observations: [] } }
}

function sealed(of: EventContent): Uint8Array {
  return sealedBytes({ ...encodeEvent(of), signature })
}

describe('version 1 of a gossip event', () => {
  test('has these bytes', () => {
    const encoded = encodeEvent(content)
    expect(hex(encoded.body)).toBe(bodyHex)
    expect(hex(encoded.header)).toBe(headerHex)
    expect(hex(sealed(content))).toBe(
      [
        (headerHex.length / 2).toString(16).padStart(4, '0'),
        headerHex,
        (bodyHex.length / 2).toString(16).padStart(8, '0'),
        bodyHex,
        'ee'.repeat(64),
      ].join(''),
    )
  })

  test('is named by SHA-256 over a domain tag and the header', () => {
    const id = createHash('sha256').update('parsec-web/event/1\0').update(headerHex, 'hex').digest('hex')
    expect(encodeEvent(content).id).toBe(id)
    expect(id).toBe('2ef05f405fb34f05775411803ee331067b75bdef4dfc41f945773dc93cefa6eb')
  })

  test('has no self-parent in a first event', () => {
    const first = encodeEvent({ ...content, seq: 0, selfParent: null, otherParents: [] })
    expect(hex(first.header).slice(2 * 65, 2 * 71)).toBe('000000000000')
  })
})

describe('a decoded event', () => {
  test('says what was encoded and keeps the very bytes', () => {
    const encoded = encodeEvent(content)
    const decoded = decodeSealedEvent(sealed(content))
    expect(decoded).toEqual({
      ok: { event: { ...content, id: encoded.id }, header: encoded.header, body: encoded.body, signature },
    })
  })

  test('does not keep the buffer it came in', () => {
    const bytes = sealed(content)
    const decoded = decodeSealedEvent(bytes)
    bytes.fill(0)
    expect(decoded).toMatchObject({ ok: { event: { body: content.body } } })
  })

  test('carries a transaction of a mebibyte and 20,000 small ones', () => {
    const large = withTransactions([new Uint8Array(limits.transactionBytes)])
    const many = withTransactions(Array.from({ length: limits.transactionsPerEvent }, () => Uint8Array.of(1)))
    expect(decodeSealedEvent(sealed(large))).toHaveProperty('ok')
    expect(decodeSealedEvent(sealed(many))).toHaveProperty('ok')
  })

  test('is read from its header alone where that is enough', () => {
    const { header, id } = encodeEvent(content)
    const { body: _, ...fields } = content
    expect(decodeHeader(header)).toEqual({ ok: { ...fields, bodyHash, id } })
  })
})

describe('is refused when decoding', () => {
  function damage(change: (bytes: Uint8Array) => void): unknown {
    const bytes = sealed(content)
    change(bytes)
    const decoded = decodeSealedEvent(bytes)
    return 'error' in decoded ? decoded.error.code : decoded
  }
  const headerStart = 2

  test('another version', () => {
    expect(damage((bytes) => bytes.set([2], headerStart))).toBe('unsupportedVersion')
  })
  test('a body that is not the one the header names', () => {
    expect(damage((bytes) => bytes.set([0x55], bytes.length - 65))).toBe('bodyMismatch')
  })
  test('a flag that is neither 0 nor 1', () => {
    expect(damage((bytes) => bytes.set([2], headerStart + 69))).toBe('malformed')
  })
  test('trailing bytes', () => {
    const bytes = sealed(content)
    expect(decodeSealedEvent(Uint8Array.of(...bytes, 0))).toMatchObject({ error: { code: 'malformed' } })
  })
  test('every truncation', () => {
    const bytes = sealed(content)
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeSealedEvent(bytes.subarray(0, length))).toHaveProperty('error')
    }
  })
  test('a count above its limit, before anything is read for it', () => {
    expect(damage((bytes) => bytes.set([65], headerStart + 102))).toBe('malformed')
  })
  test('more bytes than any event may have', () => {
    expect(decodeSealedEvent(new Uint8Array(3 * 1024 * 1024))).toMatchObject({ error: { code: 'tooLarge' } })
  })
})

describe('cannot be encoded', () => {
  const cases: readonly (readonly [string, EventContent])[] = [
    ['65 other-parents', { ...content, otherParents: Array.from({ length: 65 }, () => repeat('01')) }],
    ['20,001 transactions', withTransactions(Array.from({ length: 20_001 }, () => new Uint8Array()))],
    ['a transaction above its limit', withTransactions([new Uint8Array(limits.transactionBytes + 1)])],
    ['a body above its limit', withTransactions([1, 2].map(() => new Uint8Array(limits.transactionBytes)))],
    ['a fractional time', { ...content, createdAtMs: 1.5 }],
    ['a time before 1970', { ...content, createdAtMs: -1 }],
    ['a time above 48 bits', { ...content, createdAtMs: 2 ** 48 }],
    ['a negative sequence number', { ...content, seq: -1 }],
    ['a key in upper case', { ...content, creator: repeat('AB') }],
    ['a short key', { ...content, creator: 'ab' }],
    [
      'voters out of order',
      withObservation({ kind: 'voters', promote: [repeat('02'), repeat('01')], demote: [], since: 0 }),
    ],
    [
      'a voter named twice',
      withObservation({ kind: 'voters', promote: [repeat('01'), repeat('01')], demote: [], since: 0 }),
    ],
    ['an expulsion, which only blocks state', withObservation({ kind: 'expel', peer: repeat('01') })],
    ['a vote above its limit', withObservation({ kind: 'vote', value: new Uint8Array(limits.voteBytes + 1) })],
  ]
  test.each(cases)('%s', (_, impossible) => {
    expect(() => encodeEvent(impossible)).toThrowError(expect.objectContaining({ code: 'unencodable' }))
  })
})

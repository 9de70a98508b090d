import { describe, expect, test } from 'vitest'
import type { EventContent } from '../core/gossip/event.ts'
import { encodeEvent, type SealedEvent } from './event.ts'
import { limits } from './limits.ts'
import { decodeMessage, decodeMessageLater, encodeMessage, type PeerMessage, splitEvents } from './message.ts'

const repeat = (byte: string) => byte.repeat(32)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function sealedEvent(seq: number, transaction: Uint8Array = Uint8Array.of(seq)): SealedEvent {
  const content: EventContent = {
    sectionId: repeat('a1'),
    creator: repeat('b2'),
    seq,
    selfParent: seq === 0 ? null : repeat('c3'),
    otherParents: [],
    createdAtMs: 1,
    attest: { height: 0, blockHash: repeat('a1') },
    body: { transactions: [transaction], observations: [] },
  }
  const { header, body, id } = encodeEvent(content)
  return { event: { ...content, id }, header, body, signature: new Uint8Array(64) }
}

const genesis = { founders: [repeat('0a')], createdAtMs: 1, salt: repeat('0b'), previousSection: null, maxVoters: 13 }
const genesisHex = ['0001', repeat('0a'), '000000000001', repeat('0b'), '00', '000d'].join('')

const golden: readonly (readonly [PeerMessage, string])[] = [
  [{ kind: 'events', events: [], more: true }, '01 01 0000'],
  [{ kind: 'events', events: [], more: false }, '01 00 0000'],
  [{ kind: 'tips', tips: [repeat('01')] }, `02 0001 ${repeat('01')}`],
  [{ kind: 'want', ids: [repeat('01')], tips: [] }, `03 0001 ${repeat('01')} 0000`],
  [
    {
      kind: 'links',
      statement: { of: repeat('01'), sinceMs: 2, peers: [repeat('03')], signature: new Uint8Array(64).fill(4) },
    },
    `04 ${repeat('01')} 000000000002 0001 ${repeat('03')} ${'04'.repeat(64)}`,
  ],
  [
    { kind: 'section', sectionId: repeat('02'), genesis, height: 3, voters: 4, members: 5, hasHistory: true },
    `10 01 ${repeat('02')} 01 ${genesisHex} 00000003 0004 0005 01`,
  ],
  [
    { kind: 'section', sectionId: null, genesis: null, height: 0, voters: 0, members: 0, hasHistory: false },
    '10 00 00 00000000 0000 0000 00',
  ],
  [{ kind: 'join', invitation: Uint8Array.of(1, 2) }, '11 0002 0102'],
  [{ kind: 'join', invitation: new Uint8Array() }, '11 0000'],
  [{ kind: 'refused', reason: 'full' }, '12 04 66756c6c'],
  [{ kind: 'presence', asleep: true }, '13 01'],
]

describe('version 1 of a message', () => {
  test.each(golden)('%o has these bytes', (message, expected) => {
    const bytes = encodeMessage(message)
    expect(hex(bytes)).toBe(expected.replaceAll(' ', ''))
    expect(decodeMessage(bytes)).toEqual({ ok: message })
  })

  test('carries events as their creators made them', () => {
    const events = [sealedEvent(0), sealedEvent(1)]
    expect(decodeMessage(encodeMessage({ kind: 'events', events, more: true }))).toEqual({
      ok: { kind: 'events', events, more: true },
    })
  })
})

describe('a message is refused', () => {
  const code = (bytes: Uint8Array) => {
    const decoded = decodeMessage(bytes)
    return 'error' in decoded ? decoded.error.code : 'accepted'
  }
  test('of an unknown kind', () => {
    expect(code(Uint8Array.of(99))).toBe('malformed')
  })
  test('that is empty', () => {
    expect(code(new Uint8Array())).toBe('malformed')
  })
  test('above the size limit, unread', () => {
    expect(code(new Uint8Array(limits.messageBytes + 1))).toBe('tooLarge')
  })
  test('with more ids than the limit', () => {
    const bytes = new Uint8Array(3 + 32 * (limits.idsPerMessage + 1))
    bytes.set([2, 0x10, 0x01])
    expect(code(bytes)).toBe('malformed')
  })
  test('with a reason that could draw on a screen what it likes', () => {
    expect(code(Uint8Array.of(18, 1, 0x1b))).toBe('malformed')
    expect(code(Uint8Array.of(18, 3, 0xef, 0xbb, 0xbf))).toBe('malformed')
  })
  test('with an event of another version, by that name', () => {
    const bytes = encodeMessage({ kind: 'events', events: [sealedEvent(0)], more: false })
    bytes[6] = 2
    expect(code(bytes)).toBe('unsupportedVersion')
  })
  test('with a body that is not the one its header names', () => {
    const bytes = encodeMessage({ kind: 'events', events: [sealedEvent(0)], more: false })
    bytes[bytes.length - 65] = 0xff
    expect(code(bytes)).toBe('bodyMismatch')
  })
})

describe('a message with large bodies, which are hashed meanwhile', () => {
  const large = () =>
    encodeMessage({ kind: 'events', events: [sealedEvent(0), sealedEvent(1, new Uint8Array(100_000))], more: false })

  test('is read as at once', async () => {
    expect(await decodeMessageLater(large())).toEqual(decodeMessage(large()))
  })
  test('is refused with a body that is not the one its header names', async () => {
    const bytes = large()
    bytes[bytes.length - 65] = 0xff
    expect(await decodeMessageLater(bytes)).toMatchObject({ error: { code: 'bodyMismatch' } })
  })
  test('is refused where it ends early', async () => {
    expect(await decodeMessageLater(large().subarray(0, -1))).toMatchObject({ error: { code: 'malformed' } })
  })
})

describe('a list of events is split', () => {
  test('so that every part fits into a message, in order, none lost', () => {
    const events = Array.from({ length: 9 }, (_, seq) => sealedEvent(seq, new Uint8Array(limits.transactionBytes)))
    const parts = splitEvents(events)
    expect(parts.map((part) => part.length)).toEqual([3, 3, 3])
    expect(parts.flat()).toEqual(events)
    for (const part of parts) expect(() => encodeMessage({ kind: 'events', events: part, more: false })).not.toThrow()
  })
  test('at the limit of events in a message', () => {
    const event = sealedEvent(0)
    const parts = splitEvents(Array.from({ length: limits.eventsPerMessage + 1 }, () => event))
    expect(parts.map((part) => part.length)).toEqual([limits.eventsPerMessage, 1])
  })
  test('into nothing when there is none', () => {
    expect(splitEvents([])).toEqual([])
  })
})

test('a message above the limit cannot be encoded', () => {
  const events = Array.from({ length: 5 }, (_, seq) => sealedEvent(seq, new Uint8Array(limits.transactionBytes)))
  expect(() => encodeMessage({ kind: 'events', events, more: true })).toThrowError(
    expect.objectContaining({ code: 'unencodable' }),
  )
})

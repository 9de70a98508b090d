import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, type Message } from './messages.ts'

const peer = 'ab'.repeat(32)
const session = 'cd'.repeat(16)
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const golden: [Exclude<Message, { kind: 'malformed' | 'otherVersion' }>, string][] = [
  [
    { kind: 'hello', hello: { room: 'tee', peer, session, nonce: new Uint8Array(32).fill(7) } },
    `01${'0001'}${'0003746565'}${peer}${session}${'07'.repeat(32)}`,
  ],
  [{ kind: 'proof', signature: new Uint8Array(64).fill(9) }, `02${'09'.repeat(64)}`],
  [{ kind: 'accept' }, '03'],
  [{ kind: 'refuse', code: 'wrongVersion' }, '0400'],
  [{ kind: 'refuse', code: 'overload' }, '0406'],
  [{ kind: 'ping', id: 1 }, '0500000001'],
  [{ kind: 'pong', id: 2 ** 32 - 1, clockMs: 2 ** 40 + 1 }, '06ffffffff0000010000000001'],
  [{ kind: 'goodbye', reason: 'dropped' }, '0702'],
  [{ kind: 'frame', bytes: Uint8Array.of(1, 2) }, '080102'],
  [{ kind: 'neighbours', neighbours: [{ peer, session }] }, `0901${peer}${session}`],
  [{ kind: 'relay', peer, forward: true, signal: '{}' }, `0a${peer}01${'00027b7d'}`],
]

it.each(golden)('writes and reads %j as pinned', (message, bytes) => {
  expect(hex(encodeMessage(message))).toBe(bytes)
  expect(decodeMessage(encodeMessage(message))).toEqual(message)
})

it('takes every byte string for a message or for malformed, and throws at none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 12 }), (body, kind) => {
      const bytes = Uint8Array.of(kind, ...body)
      const message = decodeMessage(bytes)
      // What is understood is written in one way only.
      if (message.kind !== 'malformed' && message.kind !== 'otherVersion') expect(encodeMessage(message)).toEqual(bytes)
    }),
    { seed: 7, numRuns: 500 },
  )
})

it('refuses a message longer than a frame can make it', () => {
  const longest = new Uint8Array(MAX_MESSAGE_BYTES).fill(8)
  expect(decodeMessage(longest).kind).toBe('frame')
  expect(decodeMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1).fill(8)).kind).toBe('malformed')
})

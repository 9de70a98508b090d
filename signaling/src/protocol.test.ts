import { expect, test } from 'vitest'
import { encodePublish, parseFrame } from './protocol.ts'

const parse = (value: unknown) => parseFrame(JSON.stringify(value))

test('reads the four message types', () => {
  expect(parse({ type: 'subscribe', topics: ['a', 'b'] })).toEqual({
    kind: 'subscribe',
    topics: ['a', 'b'],
    wantsCount: false,
  })
  expect(parse({ type: 'unsubscribe', topics: ['a'] })).toEqual({ kind: 'unsubscribe', topics: ['a'] })
  expect(parse({ type: 'publish', topic: 'a', data: 1 })).toMatchObject({ kind: 'publish', topic: 'a' })
  expect(parse({ type: 'ping' })).toEqual({ kind: 'ping' })
})

test('only a subscribe that says so wants the count', () => {
  expect(parse({ type: 'subscribe', topics: ['a'], parsec: true })).toMatchObject({ wantsCount: true })
  expect(parse({ type: 'subscribe', topics: ['a'], parsec: 1 })).toMatchObject({ wantsCount: false })
})

test('takes absent topics for none and skips entries that are no strings, as the reference server does', () => {
  expect(parse({ type: 'subscribe' })).toMatchObject({ topics: [] })
  expect(parse({ type: 'subscribe', topics: ['a', 1, null, ['b']] })).toMatchObject({ topics: ['a'] })
})

test.each([
  null,
  1,
  'text',
  [],
  {},
  { type: 'unknown' },
  { type: 7 },
  { type: 'publish' },
  { type: 'publish', topic: 1 },
])('ignores %j', (value) => {
  expect(parse(value)).toEqual({ kind: 'ignored' })
})

test.each([
  '',
  '{',
  'undefined',
  '{"type":"ping"}x',
  '\u0000',
  '{"type":"subscribe","topics":"a"}',
  '{"type":"unsubscribe","topics":{}}',
])('finds %j malformed', (frame) => {
  expect(parseFrame(frame)).toEqual({ kind: 'malformed' })
})

test('relays every field of a publish and overwrites clients', () => {
  const message = { type: 'publish', topic: 'a', clients: 99, data: { to: 'x' }, extra: [1] }
  expect(JSON.parse(String(encodePublish(message, 2)))).toEqual({ ...message, clients: 2 })
})

test('a message nested too deep to be written is refused, not thrown', () => {
  let data: unknown = []
  for (let depth = 0; depth < 60_000; depth++) data = [data]
  expect(encodePublish({ type: 'publish', topic: 'a', data }, 1)).toBeNull()
})

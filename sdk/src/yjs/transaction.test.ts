import { expect, test } from 'vitest'
import { clientIdOf } from './client-id.ts'
import { limits } from './limits.ts'
import { createAssembly, type Part, readPart, toTransactions, type WholeUpdate } from './transaction.ts'

const nonce = new Uint8Array(8).fill(7)
const large = Uint8Array.from({ length: 2 * limits.partBytes + 1 }, (_, index) => index & 0xff)
const partsOf = (bytes: Uint8Array) =>
  toTransactions('default', nonce, bytes).map((value) => readPart('default', value) as Part)

// Byte by byte, as vitest compares, a megabyte takes seconds.
const expectLarge = (whole: unknown) => expect(Buffer.compare((whole as WholeUpdate).bytes, large)).toBe(0)

test('a client id follows from section, author, document and nonce, and no id that Yjs draws is one', () => {
  const id = { section: 'section', name: 'default' }
  expect(clientIdOf(id, 'ann', nonce)).toBe(8449254664140017)
  expect(clientIdOf({ ...id, section: 'another' }, 'ann', nonce)).not.toBe(clientIdOf(id, 'ann', nonce))
  expect(clientIdOf({ ...id, name: 'another' }, 'ann', nonce)).not.toBe(clientIdOf(id, 'ann', nonce))
  expect(clientIdOf(id, 'ben', nonce)).not.toBe(clientIdOf(id, 'ann', nonce))
  for (let byte = 0; byte < 256; byte++) {
    const client = clientIdOf(id, 'ann', new Uint8Array(8).fill(byte))
    expect(client).toBeGreaterThanOrEqual(2 ** 32)
    expect(Number.isSafeInteger(client)).toBe(true)
  }
})

test('a large update travels in parts and is whole with the last', () => {
  const { add } = createAssembly()
  const parts = partsOf(large)
  expect(parts).toHaveLength(3)
  expect(parts.slice(0, 2).map((part) => add('ann', part))).toEqual([null, null])
  expectLarge(add('ann', parts[2] as Part))
})

test('parts of several authors do not mix', () => {
  const { add } = createAssembly()
  const [first, second, third] = partsOf(large) as [Part, Part, Part]
  expect([add('ann', first), add('ben', first), add('ann', second)]).toEqual([null, null, null])
  expect(add('ben', third)).toBe('badParts')
  expectLarge(add('ann', third))
})

test('a part that is out of order, of another update, too large or of too many ends its update', () => {
  const [first, second, third] = partsOf(large) as [Part, Part, Part]
  for (const bad of [
    third,
    { ...second, nonce: new Uint8Array(8) },
    { ...second, parts: 4 },
    { ...second, bytes: large },
  ]) {
    const { add } = createAssembly()
    add('ann', first)
    expect(add('ann', bad)).toBe('badParts')
    expect(add('ann', second)).toBe('badParts')
  }
  expect(createAssembly().add('ann', { ...first, parts: 17 })).toBe('badParts')
  expect(createAssembly().add('ann', { ...first, parts: 0 })).toBe('badParts')
})

test('a first part starts anew', () => {
  const { add } = createAssembly()
  const parts = partsOf(large)
  add('ann', parts[0] as Part)
  expectLarge(parts.map((part) => add('ann', part)).at(-1))
})

test('values of another kind or document are none of ours; ours with a field that is off are malformed', () => {
  const [part] = partsOf(Uint8Array.of(1)) as [Part]
  for (const other of [null, 1, 'text', [], {}, { ...part, kind: 'other' }, { ...part, doc: 'other' }]) {
    expect(readPart('default', other)).toBeNull()
  }
  for (const field of ['nonce', 'bytes', 'part', 'parts']) {
    for (const value of [undefined, -1, 0.5, 'x', []]) {
      expect(readPart('default', { ...part, [field]: value })).toBe('malformed')
    }
  }
  expect(readPart('default', { ...part, nonce: new Uint8Array(9) })).toBe('malformed')
})

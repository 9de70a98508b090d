import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import { limits } from '../wire/index.ts'
import {
  createIdentifier,
  createNonces,
  decodeValue,
  encodeTransaction,
  holdsValue,
  isPlain,
  MAX_DEPTH,
  NONCE_BYTES,
} from './value.ts'

const alice = 'aa'.repeat(32)
const bob = 'bb'.repeat(32)
const nonce = new Uint8Array(NONCE_BYTES).fill(7)
const packr = new Packr({ useRecords: false, mapsAsObjects: true })

const encode = (own: Uint8Array, value: unknown) => encodeTransaction(createIdentifier(alice), own, value)
const decode = (transaction: Uint8Array) =>
  holdsValue(transaction) ? decodeValue(transaction, 0, transaction.length) : undefined
const roundTrip = (value: unknown) => decode(encode(nonce, value).bytes)
const decoded = (...packed: number[]) => decode(new Uint8Array([...nonce, ...packed]))

/** Arrays inside each other, so many. */
function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

describe('values that travel', () => {
  test.each([
    ...[null, true, false, 0, -1, 127, 128, -128, 65_535, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53 - 1), 0.1, -0.5],
    ...[1e300, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 63n, '', 'é漢😀', 'x'.repeat(70_000)],
    ...[
      new Uint8Array([0, 255]),
      new Uint8Array(300),
      new Uint8Array(70_000),
      new Date(0),
      new Date(1_700_000_000_123),
    ],
    ...[[], {}, [1, [2, [3]]], { a: { b: [null, { c: 'd' }] } }, Array.from({ length: 70_000 }, (_, i) => i)],
    Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key${i}`, i])),
  ])('case %#', (value) => {
    const back = roundTrip(value)
    expect(back instanceof Uint8Array ? new Uint8Array(back) : back).toEqual(value)
  })

  test('undefined travels as null', () => {
    expect(roundTrip(undefined)).toBe(null)
    expect(roundTrip({ a: undefined })).toEqual({ a: null })
  })

  test('anything made of plain values, at random', () => {
    const plain = fc.jsonValue({ maxDepth: 8 })
    fc.assert(
      fc.property(plain, (value) => {
        expect(roundTrip(value)).toEqual(value)
      }),
      {
        seed: 50,
        numRuns: 300,
      },
    )
  })

  test(`${MAX_DEPTH} arrays and maps inside each other`, () => {
    expect(roundTrip(nested(MAX_DEPTH))).toEqual(nested(MAX_DEPTH))
  })
})

describe('a caller is told `badValue`', () => {
  const circle: unknown[] = []
  circle.push(circle)
  class Point {
    x = 1
  }
  test.each([
    ['a Map', new Map()],
    ['a Set', new Set([1])],
    ['an instance of a class', new Point()],
    ['an array of 16-bit numbers', new Uint16Array(1)],
    ['a key that would become the prototype', JSON.parse('{"__proto__": 1}')],
    ['an error', new Error('no')],
    ['a regular expression', /a/],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['an integer that takes more than 64 bits', 2n ** 70n],
    ['a value that holds itself', circle],
    [`${MAX_DEPTH + 1} arrays inside each other`, nested(MAX_DEPTH + 1)],
    ['more bytes than a transaction may have', new Uint8Array(limits.transactionBytes)],
  ])('for %s', (_what, value) => {
    expect(() => encode(nonce, value)).toThrow(expect.objectContaining({ code: 'badValue' }))
  })

  test('one byte less is not too much', () => {
    const room = limits.transactionBytes - NONCE_BYTES - 5
    expect(encode(nonce, new Uint8Array(room)).bytes).toHaveLength(limits.transactionBytes)
  })
})

describe('the id of a transaction', () => {
  const { id } = encode(nonce, 1)

  test("is its nonce's and its creator's: nobody can take another's", () => {
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(encodeTransaction(createIdentifier(bob), nonce, 1).id).not.toBe(id)
    expect(encode(new Uint8Array(NONCE_BYTES), 1).id).not.toBe(id)
  })

  test('ends with the number in its series, before which all of a series have the same', () => {
    const identify = createIdentifier(alice)
    const at = (series: number, number: number) => identify(Uint8Array.of(...Array(8).fill(series), 0, 0, 1, number))
    expect([at(1, 0).slice(24), at(1, 255).slice(24)]).toEqual(['00000100', '000001ff'])
    expect(at(1, 0).slice(0, 24)).toBe(at(1, 9).slice(0, 24))
    expect(at(2, 0).slice(0, 24)).not.toBe(at(1, 0).slice(0, 24))
    expect(at(1, 0)).toBe(createIdentifier(alice)(Uint8Array.of(...Array(8).fill(1), 0, 0, 1, 0)))
  })

  test('is there for too few bytes as well', () => {
    expect(createIdentifier(alice)(new Uint8Array())).toBe(createIdentifier(alice)(new Uint8Array(NONCE_BYTES)))
    expect(createIdentifier(alice)(Uint8Array.of(5))).toMatch(/^[0-9a-f]{32}$/)
  })

  test('is the same for author and reader, even where the bytes are no value', () => {
    expect(createIdentifier(alice)(new Uint8Array([...nonce, 0x01]))).toBe(id)
    expect(createIdentifier(alice)(new Uint8Array([...nonce, 0xc1]))).toBe(id)
  })
})

describe("bytes that are no value: their author's fault, undefined in every tab", () => {
  test.each([
    ['nothing', []],
    ['a value and something more', [0x01, 0x01]],
    ['a string that ends early', [0xa5, 0x61]],
    ['an array that ends early', [0x92, 0x01]],
    ['a map without its last value', [0x81, 0xa1, 0x61]],
    ['a length that ends early', [0xdc, 0x00]],
    ['an array of four thousand million', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['bytes of four thousand million', [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ['the format that is never used', [0xc1]],
    ['an extension that is no date', [0xd4, 0x01, 0x00]],
    ["the library's own extension for records", [0xd4, 0x72, 0x40]],
    ['a long extension', [0xc8, 0x00, 0x01, 0x05, 0x00]],
  ])('%s', (_what, packed) => {
    expect(decoded(...packed)).toBeUndefined()
  })

  test('a nonce that ends early', () => {
    expect(decode(nonce.subarray(1))).toBeUndefined()
  })

  test('depth is bounded before anything is unpacked', () => {
    const deep = (depth: number) => {
      const bytes = new Uint8Array(NONCE_BYTES + depth + 1).fill(0x91, NONCE_BYTES)
      bytes[NONCE_BYTES + depth] = 0x01
      return decode(bytes)
    }
    expect(deep(MAX_DEPTH)).toEqual(nested(MAX_DEPTH))
    expect(deep(MAX_DEPTH + 1)).toBeUndefined()
    expect(deep(500_000)).toBeUndefined()
  })

  test('a key of a map cannot reach the prototype', () => {
    const value = decoded(0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 0x81, 0xa1, 0x78, 0x01)
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect((value as { x?: unknown }).x).toBeUndefined()
  })
})

describe('fuzz', () => {
  const formats = fc.constantFrom(
    0x81,
    0x92,
    0xa1,
    0xc0,
    0xc4,
    0xc7,
    0xca,
    0xcb,
    0xcc,
    0xd1,
    0xd6,
    0xd7,
    0xd9,
    0xdc,
    0xde,
    0xff,
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.array(fc.oneof(formats, fc.nat(255)), { maxLength: 24 }).map((list) => Uint8Array.from(list)),
  )
  const options = { seed: 51, numRuns: 3_000 }

  test('decoding never throws', () => {
    fc.assert(
      fc.property(bytes, (packed) => void decode(packed)),
      options,
    )
  })

  test('what is called plain, the library unpacks', () => {
    fc.assert(
      fc.property(bytes, (packed) => {
        if (isPlain(packed)) expect(() => packr.unpack(packed.slice())).not.toThrow()
      }),
      options,
    )
  })

  test('what the library packs of plain values is called plain', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isPlain(packr.pack(value))).toBe(true)
      }),
      { seed: 52, numRuns: 300 },
    )
  })

  test('no prefix of a value is a value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
        const packed = packr.pack(value)
        expect(isPlain(packed.subarray(0, cut % packed.length))).toBe(false)
      }),
      { seed: 53, numRuns: 300 },
    )
  })
})

test('nonces are one series, random, and count', () => {
  const draws: number[] = []
  const next = createNonces((length) => {
    draws.push(length)
    return new Uint8Array(length).fill(draws.length)
  })
  const nonces = Array.from({ length: 600 }, () => Buffer.from(next()).toString('hex'))
  expect(draws).toEqual([8])
  expect([nonces[0], nonces[1], nonces[599]]).toEqual(
    ['00000000', '00000001', '00000257'].map((number) => '01'.repeat(8) + number),
  )
})

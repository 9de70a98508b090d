import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createIdSet } from './id-set.ts'

const random = (length: number) => sha256(new Uint8Array(1)).slice(0, length)
const idOf = (number: number) => bytesToHex(sha256(Uint8Array.of(number, number >> 8, number >> 16)).subarray(0, 16))

test('says of each id whether it was there, as a set of strings does', () => {
  const word = fc.constantFrom('00000000', '00000001', '80000000', 'ffffffff', 'deadbeef')
  const id = fc.tuple(word, word, word, word).map((words) => words.join(''))
  fc.assert(
    fc.property(fc.array(id, { maxLength: 400 }), fc.uint8Array({ minLength: 16, maxLength: 16 }), (ids, keys) => {
      const set = createIdSet(() => keys)
      const strings = new Set<string>()
      for (const each of ids) {
        expect(set.add(each)).toBe(!strings.has(each))
        strings.add(each)
      }
      expect(set.size).toBe(strings.size)
    }),
  )
})

test.each([
  ['that follow each other', (i: number) => idOf(i >> 13).slice(0, 24) + (i % 8192).toString(16).padStart(8, '0'), 1],
  ['that have nothing in common', idOf, 36],
])('still knows the first after many %s, and takes little for each', (_, idAt, mostBytes) => {
  const set = createIdSet(random)
  const many = Array.from({ length: 80_000 }, (_, i) => idAt(i))
  expect(many.every((id) => set.add(id))).toBe(true)
  expect(many.some((id) => set.add(id))).toBe(false)
  expect(set.size).toBe(many.length)
  expect(set.bytes / many.length).toBeLessThan(mostBytes)
})

test('does not mind the order, nor what is left out', () => {
  const set = createIdSet(random)
  const numbers = Array.from({ length: 500 }, (_, i) => (i * 7) % 500).filter((number) => number % 5 !== 0)
  const id = (number: number) => `${'ab'.repeat(12)}${number.toString(16).padStart(8, '0')}`
  expect(numbers.every((number) => set.add(id(number)))).toBe(true)
  expect(numbers.some((number) => set.add(id(number)))).toBe(false)
  expect(set.add(id(5))).toBe(true)
})

test('tells ids apart that differ in a single bit, wherever it is', () => {
  const set = createIdSet(random)
  for (const number of [0n, ...Array.from({ length: 128 }, (_, bit) => 1n << BigInt(bit))]) {
    const id = number.toString(16).padStart(32, '0')
    expect([set.add(id), set.add(id)]).toEqual([true, false])
  }
})

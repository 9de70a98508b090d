import { expect, test } from 'vitest'
import { integersFrom, randomnessOf } from './randomness.ts'

const value = 'ab'.repeat(32)

test('equal values give the same integers, and different ones others', () => {
  const draw = (from: string) => {
    const next = integersFrom({ value: from })
    return Array.from({ length: 20 }, () => next(1_000))
  }
  expect(draw(value)).toEqual(draw(value))
  expect(draw(value)).not.toEqual(draw('ac'.repeat(32)))
  expect(draw(value)).toMatchInlineSnapshot(`
    [
      490,
      650,
      895,
      283,
      22,
      454,
      629,
      649,
      729,
      116,
      63,
      307,
      514,
      467,
      83,
      751,
      415,
      632,
      143,
      27,
    ]
  `)
})

test('each face of a die comes up about equally often', () => {
  const next = integersFrom({ value })
  const counts = [0, 0, 0, 0, 0, 0]
  for (let roll = 0; roll < 6_000; roll++) {
    const face = next(6)
    counts[face] = (counts[face] as number) + 1
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
})

test.each([0, -1, 1.5, 2 ** 48 + 1, Number.NaN])('below %d there is no integer to draw', (below) => {
  expect(() => integersFrom({ value })(below)).toThrow(expect.objectContaining({ code: 'badOptions' }))
})

test("a transaction's value follows from the block's and its id, and is as fair as the block's", () => {
  const one = randomnessOf({ value, isFair: true }, 'one')
  expect(one).toEqual(randomnessOf({ value, isFair: true }, 'one'))
  expect(one.value).not.toBe(randomnessOf({ value, isFair: true }, 'two').value)
  expect(randomnessOf({ value, isFair: false }, 'one').isFair).toBe(false)
})

import { expect, test } from 'vitest'
import { deterministically } from './deterministic.ts'

const timeMs = Date.UTC(2020, 1, 29)

test('the clock stands at the given time, however it is read', () => {
  deterministically(timeMs, () => {
    expect(Date.now()).toBe(timeMs)
    expect(new Date().toISOString()).toBe('2020-02-29T00:00:00.000Z')
    expect(new Date()).toBeInstanceOf(Date)
    expect(Date()).toBe(new Date(timeMs).toString())
    expect(performance.now()).toBe(timeMs)
  })
})

test('dates that are not now are what they are', () => {
  deterministically(timeMs, () => {
    expect(new Date(5).getTime()).toBe(5)
    expect(Date.UTC(1970, 0, 2)).toBe(86_400_000)
    expect(Date.parse('1970-01-01T00:00:01Z')).toBe(1_000)
  })
})

test('randomness throws, and says what to use instead', () => {
  deterministically(timeMs, () => {
    const sources = [() => Math.random(), () => crypto.getRandomValues(new Uint8Array(1)), () => crypto.randomUUID()]
    for (const source of sources) expect(source).toThrow(expect.objectContaining({ code: 'nondeterministic' }))
  })
})

test('clock and randomness are as before when it returns and when it throws, also inside itself', () => {
  const { Date: date } = globalThis
  const { random } = Math
  const names = Object.getOwnPropertyNames(performance)
  const thrown = new Error('thrown')
  const check = () => {
    expect(globalThis.Date).toBe(date)
    expect(Math.random).toBe(random)
    expect(Object.getOwnPropertyNames(performance)).toEqual(names)
    expect(crypto.getRandomValues(new Uint8Array(4))).toHaveLength(4)
    expect(Object.getOwnPropertyDescriptor(globalThis, 'Date')?.enumerable).toBe(false)
  }
  expect(
    deterministically(1, () => {
      expect(deterministically(2, () => Date.now())).toBe(2)
      return Date.now()
    }),
  ).toBe(1)
  check()
  expect(() =>
    deterministically(1, () => {
      throw thrown
    }),
  ).toThrow(thrown)
  check()
})

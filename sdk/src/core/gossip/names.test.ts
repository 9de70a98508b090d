import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createNames } from './names.ts'

const idOf = (n: number) => createHash('sha256').update(`${n}`).digest('hex')

describe('the names of events', () => {
  test('are found, packed or not, and are what they were', () => {
    const names = createNames()
    const count = 5_000
    for (let n = 0; n < count; n++) {
      names.name(n, idOf(n))
      if (n % 700 === 0) names.retire(n - 100)
    }
    names.retire(count - 10)
    for (let n = 0; n < count; n++) {
      expect(names.find(idOf(n))).toBe(n)
      expect(names.idOf(n)).toBe(idOf(n))
    }
    expect(names.find(idOf(count))).toBeUndefined()
  })

  test('that begin alike are told apart', () => {
    const names = createNames()
    const alike = Array.from({ length: 50 }, (_, n) => `00000001${idOf(n).slice(8)}`)
    for (const [n, id] of alike.entries()) names.name(n, id)
    names.retire(alike.length)
    for (const [n, id] of alike.entries()) expect(names.find(id)).toBe(n)
    expect(names.find(`00000001${idOf(99).slice(8)}`)).toBeUndefined()
  })

  test('may come a little later than others: a draft is named when it is sealed', () => {
    const names = createNames()
    names.name(1, idOf(1))
    names.name(0, idOf(0))
    names.retire(2)
    expect([names.idOf(0), names.idOf(1)]).toEqual([idOf(0), idOf(1)])
  })
})

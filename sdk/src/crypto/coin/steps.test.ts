import { utf8ToBytes } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { createEpoch, createGroup } from '../../../test/coin.ts'
import { coinShare, combineShares, combineSharesSteps, verifyCoinShares, verifyCoinSharesSteps } from './coin.ts'
import { createDeal, createDealSteps } from './deal.ts'
import { runInSlices, type Steps } from './steps.ts'

function* countTo(end: number): Steps<number> {
  for (let i = 0; i < end; i++) yield
  return end
}

/** A clock that advances by `stepMs` every time it is read, and a count of the pauses. */
function fakeSlicing(stepMs: number, sliceMs?: number) {
  let nowMs = 0
  let pauses = 0
  const slicing = {
    nowMs: () => {
      nowMs += stepMs
      return nowMs
    },
    pause: async () => {
      pauses++
    },
    ...(sliceMs === undefined ? {} : { sliceMs }),
  }
  return { slicing, pauses: () => pauses }
}

function countSteps(steps: Steps<unknown>): number {
  let count = 1
  while (!steps.next().done) count++
  return count
}

describe('long computations', () => {
  test('pause after every step that ends beyond the slice', async () => {
    const slow = fakeSlicing(5)
    expect(await runInSlices(countTo(6), slow.slicing)).toBe(6)
    expect(slow.pauses()).toBe(6)
    const quick = fakeSlicing(1, 3)
    expect(await runInSlices(countTo(6), quick.slicing)).toBe(6)
    expect(quick.pauses()).toBe(2)
  })

  test('come to the same in slices', async () => {
    const { slicing } = fakeSlicing(5)
    const [now, later] = [createGroup(4, 'slices'), createGroup(4, 'slices')]
    const deal = createDeal({ ...now, dealer: 0 })
    expect(await runInSlices(createDealSteps({ ...later, dealer: 0 }), slicing)).toEqual(deal)
    const { key, holders } = createEpoch(now)
    const message = utf8ToBytes('slices')
    const shares = holders.map((own) => ({ index: own.index, bytes: coinShare(own, message) }))
    const check = verifyCoinShares(key, message, shares)
    expect(await runInSlices(verifyCoinSharesSteps(key, message, shares), slicing)).toEqual(check)
    expect(await runInSlices(combineSharesSteps(check.valid), slicing)).toBe(combineShares(check.valid))
  })

  test('take a step per commitment and receiver of a deal, and two or more per four coin shares', () => {
    const group = createGroup(4, 'steps')
    expect(countSteps(createDealSteps({ ...group, dealer: 0 }))).toBe(2 + 4 + 1)
    const { key, holders } = createEpoch(group)
    const message = utf8ToBytes('steps')
    const shares = holders.map((own) => ({ index: own.index, bytes: coinShare(own, message) }))
    expect(countSteps(verifyCoinSharesSteps(key, message, shares))).toBe(3)
    const bad = shares.map(({ index, bytes }) => ({ index: (index + 1) % 4, bytes }))
    expect(countSteps(verifyCoinSharesSteps(key, message, bad))).toBe(3 + 4)
  })
})

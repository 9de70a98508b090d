import { expect, test } from 'vitest'
import type { Action } from './actions.ts'
import { createActivity } from './activity.ts'
import { blockOf } from './fixtures.ts'
import type { Entry } from './ledger.ts'

const pay: Action = { kind: 'pay', to: 'bob', amount: 3, note: '' }

function paid(id: string, creator: string, refusal: Entry['refusal'] = null): Entry {
  return { id, creator, action: pay, request: null, refusal }
}

function withPayment(id = 't1') {
  const activity = createActivity()
  activity.submitted(id, pay, null)
  return activity
}

test('a payment is pending until a block holds it, then final at that height', () => {
  const activity = withPayment()
  expect(activity.rows()[0]?.fate).toEqual({ kind: 'pending' })
  activity.applied('ann', blockOf(6), [paid('t2', 'bob')])
  expect(activity.rows()[0]?.fate).toEqual({ kind: 'pending' })
  activity.applied('ann', blockOf(7), [paid('t1', 'ann')])
  expect(activity.rows()[0]?.fate).toEqual({ kind: 'final', height: 7 })
  expect(activity.tally).toEqual({ paid: 1, refused: 0, lost: 0 })
})

test('a refused payment says where and why', () => {
  const activity = withPayment()
  activity.applied('ann', blockOf(7), [paid('t1', 'ann', 'overdraft')])
  expect(activity.rows()[0]?.fate).toEqual({ kind: 'refused', height: 7, refusal: 'overdraft' })
  expect(activity.tally).toEqual({ paid: 0, refused: 1, lost: 0 })
})

test('payments of an earlier visit are taken from the blocks, those of others are not', () => {
  const activity = createActivity()
  const mine = activity.applied('ann', blockOf(7), [paid('t1', 'ann'), paid('t2', 'bob')])
  expect(mine.map(({ id }) => id)).toEqual(['t1'])
  expect(activity.rows().map(({ id, latencyMs }) => [id, latencyMs])).toEqual([['t1', null]])
})

test('the latency is kept whichever comes first, it or the block', () => {
  const before = withPayment()
  before.measured('t1', 12)
  before.applied('ann', blockOf(7), [paid('t1', 'ann')])
  const after = withPayment()
  after.applied('ann', blockOf(7), [paid('t1', 'ann')])
  after.measured('t1', 12)
  expect(before.rows()).toEqual(after.rows())
  expect(before.rows()[0]?.latencyMs).toBe(12)
})

test('a payment that cannot become final says so, and one that is final stays so', () => {
  const activity = withPayment()
  activity.lost('t1', 'removed')
  expect(activity.rows()[0]?.fate).toEqual({ kind: 'lost', reason: 'removed' })
  activity.applied('ann', blockOf(7), [paid('t2', 'ann')])
  activity.lost('t2', 'removed')
  expect(activity.rows().at(-1)?.fate.kind).toBe('final')
})

test('of the settled only the last are kept, of the pending all', () => {
  const activity = createActivity()
  for (let number = 0; number < 500; number++) {
    activity.submitted(`pending ${number}`, pay, null)
    activity.applied('ann', blockOf(number + 1), [paid(`settled ${number}`, 'ann')])
  }
  const rows = activity.rows()
  expect(rows.filter(({ fate }) => fate.kind === 'final').map(({ id }) => id)).toEqual(
    Array.from({ length: 200 }, (_, index) => `settled ${index + 300}`),
  )
  expect(rows.filter(({ fate }) => fate.kind === 'pending')).toHaveLength(500)
  expect(activity.tally.paid).toBe(500)
})

test('accepted requests count as payments, declined ones do not', () => {
  const activity = createActivity()
  const request = { by: 'bob', of: 'ann', amount: 3, note: '' }
  const answered = (id: string, accept: boolean): Entry => {
    return { id, creator: 'ann', action: { kind: 'answer', request: 'r', accept }, request, refusal: null }
  }
  activity.applied('ann', blockOf(7), [answered('t1', true), answered('t2', false)])
  expect(activity.tally).toEqual({ paid: 1, refused: 0, lost: 0 })
})

test('the median is a measured latency, and there is none before the first', () => {
  const activity = createActivity()
  expect(activity.medianLatencyMs()).toBeNull()
  for (const ms of [9, 2, 5]) activity.measured('t', ms)
  expect(activity.medianLatencyMs()).toBe(5)
})

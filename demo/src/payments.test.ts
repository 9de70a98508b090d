import type { FinalBlock } from 'parsec-web'
import { expect, test } from 'vitest'
import type { Entry } from './ledger.ts'
import { medianLatencyMs, type OwnPayments, withBlock, withLatency, withLoss, withSubmitted } from './payments.ts'

const block: FinalBlock = {
  height: 7,
  hash: 'h7',
  previous: 'h6',
  timeMs: 1,
  transactions: [],
  changes: [],
  voters: [],
  members: [],
}

function paid(id: string, creator: string, refusal: Entry['refusal'] = null): Entry {
  return { id, creator, action: { kind: 'pay', to: 'bob', amount: 3, note: '' }, refusal }
}

const submitted = withSubmitted([], { id: 't1', to: 'bob', amount: 3, note: '' })

test('a payment is pending until a block holds it, then final at that height', () => {
  expect(submitted[0]?.state).toEqual({ kind: 'pending' })
  expect(withBlock(submitted, 'ann', block, [paid('t2', 'ann')])[0]?.state.kind).toBe('pending')
  expect(withBlock(submitted, 'ann', block, [paid('t1', 'ann')])[0]?.state).toEqual({
    kind: 'final',
    height: 7,
    refusal: null,
  })
})

test('a refused payment is final too, and says why', () => {
  const [payment] = withBlock(submitted, 'ann', block, [paid('t1', 'ann', 'overdraft')])
  expect(payment?.state).toMatchObject({ kind: 'final', refusal: 'overdraft' })
})

test('own payments of an earlier visit are taken from the blocks, those of others are not', () => {
  const payments = withBlock([], 'ann', block, [paid('t1', 'ann'), paid('t2', 'bob')])
  expect(payments.map(({ id, latencyMs }) => [id, latencyMs])).toEqual([['t1', null]])
})

test('the latency is kept whichever comes first, it or the block', () => {
  const before = withBlock(withLatency(submitted, 't1', 12), 'ann', block, [paid('t1', 'ann')])
  const after = withLatency(withBlock(submitted, 'ann', block, [paid('t1', 'ann')]), 't1', 12)
  expect(before).toEqual(after)
  expect(before[0]?.latencyMs).toBe(12)
})

test('a payment that cannot become final says so', () => {
  expect(withLoss(submitted, 't1', 'removed')[0]?.state).toEqual({ kind: 'lost', reason: 'removed' })
})

test('the median is a measured latency, and there is none before the first', () => {
  const three: OwnPayments = ['a', 'b', 'c'].reduce<OwnPayments>(
    (payments, id) => withSubmitted(payments, { id, to: 'bob', amount: 1, note: '' }),
    [],
  )
  expect(medianLatencyMs(three)).toBeNull()
  expect(medianLatencyMs(withLatency(withLatency(withLatency(three, 'a', 9), 'b', 2), 'c', 5))).toBe(5)
})

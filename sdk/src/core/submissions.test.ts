import { describe, expect, test } from 'vitest'
import type { GossipEvent } from './gossip/event.ts'
import {
  createSubmissions,
  MAX_TRANSACTION_BYTES_PER_EVENT,
  MAX_TRANSACTIONS_PER_EVENT,
  MAX_UNDECIDED_BYTES,
  MAX_UNDECIDED_TRANSACTIONS,
  type Submissions,
} from './submissions.ts'

const numbered = (count: number, bytes = 2) =>
  Array.from({ length: count }, (_, i) => {
    const transaction = new Uint8Array(bytes)
    new DataView(transaction.buffer).setUint16(0, i)
    return transaction
  })
const event = (seq: number, transactions: readonly Uint8Array[]) =>
  ({ seq, body: { transactions, observations: [] } }) as unknown as GossipEvent

/** Puts what is due into events until nothing is; answers with how many transactions each holds. */
function sayAll(submissions: Submissions, from = 0): number[] {
  const sizes: number[] = []
  while (submissions.isDue) {
    const { transactions } = submissions.take()
    submissions.said(event(from + sizes.length, transactions))
    sizes.push(transactions.length)
  }
  return sizes
}

describe('own transactions', () => {
  test('go into events in the order in which they were added, each once', () => {
    const submissions = createSubmissions()
    const all = numbered(2 * MAX_TRANSACTIONS_PER_EVENT + 1)
    submissions.add(all.slice(0, 5), false)
    submissions.add(all.slice(5), false)
    const taken = [submissions.take(), submissions.take(), submissions.take(), submissions.take()]
    expect(taken.map(({ transactions }) => transactions.length)).toEqual([1024, 1024, 1, 0])
    expect(taken.flatMap(({ transactions }) => transactions)).toEqual(all)
  })

  test('are at most so many bytes in one event, but for the last of them', () => {
    const submissions = createSubmissions()
    submissions.add(numbered(3, MAX_TRANSACTION_BYTES_PER_EVENT - 1), false)
    expect(sayAll(submissions)).toEqual([2, 1])
  })

  test('ask for a random value in the event that holds the one that wants it', () => {
    const submissions = createSubmissions()
    submissions.add(numbered(MAX_TRANSACTIONS_PER_EVENT), false)
    submissions.add(numbered(1), true)
    expect([submissions.take().draw, submissions.take().draw, submissions.take().draw]).toEqual([false, true, false])
  })

  test('wait beyond what may be undecided, and go on as that is decided', () => {
    const submissions = createSubmissions()
    submissions.add(numbered(MAX_UNDECIDED_TRANSACTIONS + 10), false)
    expect(sayAll(submissions)).toEqual([1024, 1024, 1024, 1024])
    expect(submissions.isDue).toBe(false)
    expect(submissions.take().transactions).toEqual([])
    expect(submissions.pending).toBe(MAX_UNDECIDED_TRANSACTIONS + 10)
    submissions.decided(0)
    expect(submissions.pending).toBe(MAX_UNDECIDED_TRANSACTIONS + 10 - 1024)
    expect(sayAll(submissions, 4)).toEqual([10])
    submissions.decided(9)
    expect(submissions.pending).toBe(0)
  })

  test('wait beyond so many bytes', () => {
    const submissions = createSubmissions()
    submissions.add(numbered(10, MAX_UNDECIDED_BYTES / 2), false)
    expect(sayAll(submissions)).toEqual([1, 1])
    submissions.decided(0)
    expect(sayAll(submissions, 2)).toEqual([1])
  })
})

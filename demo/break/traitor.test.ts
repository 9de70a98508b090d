import { expect, test } from 'vitest'
import type { Genesis } from '../../sdk/src/core/section/block.ts'
import { createIdentifier, decodeValue, encodeTransaction } from '../../sdk/src/runtime/value.ts'
import { createHashing } from '../../sdk/src/wire/index.ts'
import { createParsec } from './traitor.ts'
import { treacherous } from './treason.ts'

const [self, ann, bob, eve] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(64)) as [string, string, string, string]
const genesis: Genesis = {
  founders: [self, ann, bob, eve],
  createdAtMs: 0,
  salt: '0'.repeat(64),
  previousSection: null,
  maxVoters: 4,
}

function connectedTraitor() {
  const core = createParsec({ self, genesis, hashing: createHashing(), voterPolicy: 'fixed' })
  for (const peer of [ann, bob, eve]) core.step({ kind: 'peerUp', nowMs: 1, peer })
  return core
}

function submission(value: unknown, nonce: number, nowMs: number) {
  const { bytes } = encodeTransaction(createIdentifier(self), new Uint8Array(12).fill(nonce), value)
  return { kind: 'submit', nowMs, transactions: [bytes] } as const
}

function said(transaction: Uint8Array | undefined): unknown {
  return transaction && decodeValue(transaction, 0, transaction.length)
}

test('treason puts two events at one place, and shows each neighbour one of them', () => {
  const { drafts, send, persist, evidence } = connectedTraitor().step(
    submission(treacherous({ pay: 'ann' }, { pay: 'bob' }), 1, 10),
  )
  const [truth, lie] = drafts
  expect(drafts).toHaveLength(2)
  expect([truth?.seq, truth?.selfParent]).toEqual([lie?.seq, lie?.selfParent])
  expect(truth?.id).not.toBe(lie?.id)
  expect(said(truth?.body.transactions[0])).toEqual({ pay: 'ann', twin: { pay: 'bob' } })
  expect(said(lie?.body.transactions[0])).toEqual({ pay: 'bob' })
  expect(persist.map(({ id }) => id)).toEqual([truth?.id, lie?.id])
  const shown = send.flatMap(({ to, message }) =>
    message.kind === 'events' ? message.events.map((event) => `${to[0]}: ${event === lie?.id ? 'lie' : 'truth'}`) : [],
  )
  expect(shown).toEqual(['b: truth', 'c: lie', 'd: truth'])
  expect(evidence).toMatchObject([{ kind: 'fork', accused: self }])
})

test('before and after its treason the traitor is a core like any other', () => {
  const core = connectedTraitor()
  expect(core.step(submission({ pay: 'ann' }, 1, 10)).drafts).toHaveLength(1)
  expect(core.step(submission(treacherous({ pay: 'ann' }, { pay: 'bob' }), 2, 1_000)).drafts).toHaveLength(2)
  expect(core.step(submission({ pay: 'ann' }, 3, 2_000)).drafts).toHaveLength(1)
})

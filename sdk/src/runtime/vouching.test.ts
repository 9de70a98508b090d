import { expect, test } from 'vitest'
import type { LinkStatement, SignedLinks } from '../core/gossip/topology.ts'
import type { Output } from '../core/io.ts'
import { createIdentity, createVerifier } from '../crypto/index.ts'
import { linksDigest } from '../wire/index.ts'
import { createVouching } from './vouching.ts'

const peer = (name: string) => name.repeat(64)
const said = (of: string, sinceMs: number): LinkStatement => ({ of, sinceMs, peers: [peer('1'), peer('2')] })

/** An output that sends these statements, each to two peers. */
function sending(...statements: (LinkStatement | SignedLinks)[]): Output {
  const send = statements.flatMap((statement) =>
    ['1', '2'].map((to) => ({ to: peer(to), message: { kind: 'links', statement } as const })),
  )
  return { send } as unknown as Output
}

function rig() {
  let signatures = 0
  const count = () => new Uint8Array(64).fill(++signatures)
  const vouching = createVouching({ sign: async () => count() })
  return { vouching, signNow: count, signatures: () => signatures }
}

test('what we state is signed once, and is one message for all', async () => {
  const { vouching, signatures } = rig()
  const first = said(peer('a'), 1)
  await vouching.sign([sending(first), sending(first)])
  await vouching.sign([sending(first)])
  expect(signatures()).toBe(1)
  expect(vouching.signed(first)).toBe(vouching.signed(first))
  await vouching.sign([sending(said(peer('a'), 2))])
  expect(signatures()).toBe(2)
})

test('what others signed goes on as it is', async () => {
  const { vouching, signatures } = rig()
  const theirs = { ...said(peer('b'), 1), signature: new Uint8Array(64).fill(9) }
  await vouching.sign([sending(theirs)])
  expect([signatures(), vouching.signed(theirs)]).toEqual([0, { kind: 'links', statement: theirs }])
})

test('a page that is being closed signs at once what is not signed', () => {
  const { vouching, signNow, signatures } = rig()
  const last = said(peer('a'), 3)
  vouching.signNow([sending(last)], signNow)
  expect(vouching.signed(last).statement.signature).toEqual(new Uint8Array(64).fill(1))
  expect(signatures()).toBe(1)
})

test('nothing of ours goes out unsigned', () => {
  expect(() => rig().vouching.signed(said(peer('a'), 1))).toThrow('not signed')
})

test('the signature is over all of the statement', async () => {
  const identity = await createIdentity()
  const vouching = createVouching(identity)
  const own = said(identity.peer, 5)
  await vouching.sign([sending(own)])
  const { statement } = vouching.signed(own)
  const verifier = await createVerifier()
  const isValid = (changed: Partial<LinkStatement>) =>
    verifier.verify(identity.peer, statement.signature, linksDigest({ ...statement, ...changed }))
  expect(await isValid({})).toBe(true)
  expect(await isValid({ of: peer('c') })).toBe(false)
  expect(await isValid({ sinceMs: 6 })).toBe(false)
  expect(await isValid({ peers: [peer('1')] })).toBe(false)
})

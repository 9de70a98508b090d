import { describe, expect, test } from 'vitest'
import { createIdentityKey, type IdentityKey, identityFrom } from './identity.ts'
import { type KeptIdentityKey, openIdentityKey, plainIdentityKey, wrapIdentityKey } from './kept-key.ts'
import { verifyByPoints } from './signature-rule.ts'

type Wrapped = Extract<KeptIdentityKey, { form: 'wrapped' }>

/** A key of the first storage format: the platform holds it. */
async function platformKey() {
  const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  return { peer: Buffer.from(raw).toString('hex'), secret: pair.privateKey, public: pair.publicKey }
}

describe.each([
  ['wrapped', wrapIdentityKey],
  ['plain', async (key: IdentityKey) => plainIdentityKey(key)],
] as const)('a key kept in the form "%s"', (form, keep) => {
  test('is the same again, both secrets, after a structured clone', async () => {
    const key = createIdentityKey()
    expect(await openIdentityKey(structuredClone(await keep(key)))).toEqual({ key, form })
  })
})

test('a wrapped key shows neither secret, and its wrapping key cannot be read out', async () => {
  const key = createIdentityKey()
  const kept = (await wrapIdentityKey(key)) as Wrapped
  expect(kept.wrappingKey.extractable).toBe(false)
  const text = JSON.stringify(kept, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  )
  expect(text).not.toContain(Buffer.from(key.secret as Uint8Array).toString('hex'))
  expect(text).not.toContain(Buffer.from(key.coinSecret).toString('hex'))
})

test('each keeping has a wrapping key and random bits of its own', async () => {
  const key = createIdentityKey()
  const [one, other] = [(await wrapIdentityKey(key)) as Wrapped, (await wrapIdentityKey(key)) as Wrapped]
  expect(one.coinSecret.iv).not.toEqual(other.coinSecret.iv)
  expect(await openIdentityKey({ ...one, wrappingKey: other.wrappingKey })).toBeNull()
})

test('a wrapped secret is bound to its identity and to what it is for', async () => {
  const [one, other] = [createIdentityKey(), createIdentityKey()]
  const kept = (await wrapIdentityKey(one)) as Wrapped
  expect(await openIdentityKey({ ...kept, peer: other.peer })).toBeNull()
  expect(await openIdentityKey({ ...kept, coinSecret: kept.secret })).toBeNull()
  expect(await openIdentityKey({ ...kept, secret: kept.coinSecret })).toBeNull()
})

describe('what the first format kept', () => {
  test('a seed: the same identity, with a coin secret from now on', async () => {
    const { peer, secret } = createIdentityKey()
    const opened = await openIdentityKey({ peer, secret })
    expect(opened).toMatchObject({ form: null, key: { peer, secret } })
    expect(opened?.key.coinSecret).toHaveLength(32)
  })

  test("the platform's key: the same identity, and kept again it stays one", async () => {
    const { peer, secret } = await platformKey()
    const opened = await openIdentityKey({ peer, secret })
    if (opened === null) throw new Error('not opened')
    const kept = await wrapIdentityKey(opened.key)
    const again = await openIdentityKey(structuredClone(kept))
    expect(again).toMatchObject({ form: 'wrapped', key: { peer, coinSecret: opened.key.coinSecret } })
    const message = Uint8Array.of(4)
    const signature = await identityFrom((again ?? opened).key).sign(message)
    expect(verifyByPoints(peer, signature, message)).toBe(true)
  })
})

test('what is damaged or something else is no key', async () => {
  const key = createIdentityKey()
  const { peer, secret, coinSecret } = key
  const kept = (await wrapIdentityKey(key)) as Wrapped
  const flipped = {
    iv: kept.coinSecret.iv,
    bytes: kept.coinSecret.bytes.map((byte, index) => (index === 3 ? byte ^ 1 : byte)),
  }
  const { public: publicKey } = await platformKey()
  const broken: unknown[] = [
    null,
    'key',
    {},
    { peer },
    { peer: '00', secret },
    { peer: 5, secret },
    { peer, secret: new Uint8Array(31) },
    { peer, secret: {} },
    { peer, secret: createIdentityKey().secret },
    { peer, secret: publicKey },
    { form: 'plain', peer, secret },
    { form: 'plain', peer, secret, coinSecret: new Uint8Array(31) },
    { form: 'sealed', peer, secret, coinSecret },
    { ...kept, wrappingKey: {} },
    { ...kept, coinSecret: flipped },
    { ...kept, coinSecret: null },
    { ...kept, secret: { iv: [], bytes: new Uint8Array() } },
  ]
  for (const value of broken) expect(await openIdentityKey(value)).toBeNull()
})

/** The rule for signatures, for every platform: the verdicts have to be the same. */
import { Point } from '@noble/ed25519'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import { createIdentityKey, identityFrom } from '../src/crypto/identity.ts'
import { isAdmissibleKey, isWellFormedSignature, verifyByPoints } from '../src/crypto/signature-rule.ts'
import { createVerifier, selfTest } from '../src/crypto/verifier.ts'
import {
  craftedSignatures,
  encodeScalar,
  littleEndian,
  order8,
  smallOrderEncodings,
  torsionPoints,
} from './crafted-signatures.ts'

const crafted = craftedSignatures()
const ordinaryKey = crafted[0]?.key ?? ''

/** A SubtleCrypto that judges as told, for platforms that this machine does not have. */
function subtleThat(verdict: (signature: Uint8Array) => boolean): SubtleCrypto {
  return {
    importKey: async () => ({}),
    verify: async (...[, , signature]: unknown[]) => verdict(signature as Uint8Array),
  } as never
}

const honestOf = (signature: Uint8Array) => selfTest.find((each) => each.signature === bytesToHex(signature))?.valid
const failing = subtleThat((signature) => {
  const honest = honestOf(signature)
  if (honest === undefined) throw new Error('out of order')
  return honest
})
const engines = [
  ['WebCrypto', () => createVerifier()],
  ['points', () => createVerifier(subtleThat(() => true))],
  ['a WebCrypto that fails after its self-test', () => createVerifier(failing)],
] as const

const unsupported = { importKey: () => Promise.reject(new Error('unsupported')) } as unknown as SubtleCrypto

function keysOffTheCurve(count: number): string[] {
  const keys: string[] = []
  for (let y = 0; keys.length < count; y++) {
    const key = bytesToHex(encodeScalar(BigInt(y)))
    try {
      Point.fromHex(key)
    } catch {
      keys.push(key)
    }
  }
  return keys
}

export function describeSignatures(): void {
  describeRule()
  describeVerifier()
  describeIdentities()
}

function describeRule(): void {
  describe('the small-order encodings', () => {
    test('are fourteen', () => {
      expect(smallOrderEncodings()).toHaveLength(14)
      expect(new Set(torsionPoints.map((point) => point.toHex())).size).toBe(8)
      expect(order8.multiply(4n).is0()).toBe(false)
    })
    test.each(smallOrderEncodings())('%s is neither a key nor an R', (encoding) => {
      expect(isAdmissibleKey(encoding)).toBe(false)
      expect(isWellFormedSignature(hexToBytes(encoding + '00'.repeat(32)))).toBe(false)
    })
  })

  describe('an admissible key', () => {
    test('is an ordinary public key', () => {
      expect(isAdmissibleKey(ordinaryKey)).toBe(true)
    })
    test('has one spelling', () => {
      expect(isAdmissibleKey(ordinaryKey.toUpperCase())).toBe(false)
      expect(isAdmissibleKey(`0x${ordinaryKey.slice(2)}`)).toBe(false)
      expect(isAdmissibleKey('')).toBe(false)
    })
    test('is encoded canonically: y is below the field prime', () => {
      const onCurve: string[] = []
      for (let last = 0xee; last <= 0xff; last++) {
        const encoding = `${last.toString(16)}${'ff'.repeat(30)}7f`
        try {
          Point.fromHex(encoding, true)
          onCurve.push(encoding)
        } catch {
          // No point has this y.
        }
      }
      expect(onCurve.length).toBeGreaterThan(3)
      for (const encoding of onCurve) expect(isAdmissibleKey(encoding)).toBe(false)
    })
    test.each(torsionPoints.slice(1).map((point) => [Point.BASE.multiply(5n).add(point).toHex()]))(
      'has no torsion: %s',
      (key) => {
        expect(isAdmissibleKey(key)).toBe(false)
      },
    )
  })
}

function describeVerifier(): void {
  describe('the self-test', () => {
    test('holds what it says: a valid signature, and one that only a cofactor makes valid', () => {
      expect(selfTest.map(({ valid }) => valid)).toEqual([true, false])
      for (const { valid, key, message, signature } of selfTest) {
        expect(isAdmissibleKey(key)).toBe(true)
        expect(isWellFormedSignature(hexToBytes(signature))).toBe(true)
        expect(verifyByPoints(key, hexToBytes(signature), hexToBytes(message))).toBe(valid)
        expect(Point.fromHex(signature.slice(0, 64)).isTorsionFree()).toBe(valid)
      }
    })
    test('lets this platform do the work', async () => {
      expect((await createVerifier()).engine).toBe('webcrypto')
    })
    test('turns away a WebCrypto that multiplies by the cofactor, says yes to all, no to all, or has no Ed25519', async () => {
      const broken = { importKey: () => Promise.reject(new Error('unsupported')) } as unknown as SubtleCrypto
      const yes = subtleThat(() => true)
      const no = subtleThat(() => false)
      for (const subtle of [yes, no, broken]) expect((await createVerifier(subtle)).engine).toBe('points')
    })
  })

  describe.each(engines)('by %s', (_, create) => {
    test.each(crafted)('$name: $valid', async ({ key, message, signature, valid }) => {
      const verifier = await create()
      expect(await verifier.verify(key, signature, message)).toBe(valid)
    })
  })

  test('a key is imported once while it is in use, and forgotten after 1,024 others', async () => {
    const good = crafted[0]
    if (good === undefined) throw new Error('no cases')
    let imports = 0
    const counting = {
      importKey: async (_: unknown, raw: Uint8Array) => {
        if (bytesToHex(raw) === good.key) imports++
      },
      verify: async (...[, , signature]: Uint8Array[]) => honestOf(signature as Uint8Array) ?? true,
    } as unknown as SubtleCrypto
    const verifier = await createVerifier(counting)
    const verify = () => verifier.verify(good.key, good.signature, good.message)
    await verify()
    await verify()
    expect(imports).toBe(1)
    for (const key of keysOffTheCurve(1024)) verifier.admissible(key)
    await verify()
    expect(imports).toBe(2)
  })
}

function describeIdentities(): void {
  describe.each([
    ['by the platform', globalThis.crypto.subtle],
    ['here, where the platform has no Ed25519', unsupported],
  ] as const)('an identity that signs %s', (_, subtle) => {
    test('signs what every verifier accepts, later and at once', async () => {
      const identity = identityFrom(createIdentityKey(), subtle)
      const message = Uint8Array.of(1, 2, 3)
      for (const signature of [await identity.sign(message), identity.signNow?.(message) ?? new Uint8Array()]) {
        expect(verifyByPoints(identity.peer, signature, message)).toBe(true)
        expect(await (await createVerifier()).verify(identity.peer, signature, message)).toBe(true)
        expect(littleEndian(signature.subarray(32))).not.toBe(0n)
      }
      expect(isAdmissibleKey(identity.peer)).toBe(true)
    })
  })

  test('an identity whose key only the platform holds signs later, not at once', async () => {
    const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
    const peer = bytesToHex(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
    const identity = identityFrom({ peer, secret: pair.privateKey, coinSecret: new Uint8Array(32) })
    expect(identity.signNow).toBeUndefined()
    expect(verifyByPoints(peer, await identity.sign(new Uint8Array()), new Uint8Array())).toBe(true)
  })

  test('every identity has secrets of its own', () => {
    const [one, other] = [createIdentityKey(), createIdentityKey()]
    const secrets = [one, other].flatMap(({ secret, coinSecret }) => [secret, coinSecret])
    expect(new Set(secrets.map((secret) => String(secret))).size).toBe(4)
  })
}

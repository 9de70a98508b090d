/**
 * How an identity's secrets lie on a disk: encrypted with AES-GCM under a key that the platform keeps and lets nobody read,
 * or, where it has no such keys, as they are. They have to be in memory to be signed with at once when a page is closed, so
 * what is protected is the disk: backups, synchronised profiles, whoever reads its files.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { PeerId } from '../core/gossip/event.ts'
import { createCoinSecret, type IdentityKey, publicKeyOf, secretBytes } from './identity.ts'
import { isAdmissibleKey } from './signature-rule.ts'

interface Wrapped {
  /** 96 random bits: a wrapping key encrypts two values, once each. */
  readonly iv: Uint8Array
  /** Ciphertext and tag; what it is and whose is authenticated with it. */
  readonly bytes: Uint8Array
}

/** Structured-cloneable, hence storable in IndexedDB; a wrapping key can only be stored there. */
export type KeptIdentityKey =
  | {
      readonly form: 'wrapped'
      readonly peer: PeerId
      readonly wrappingKey: CryptoKey
      readonly secret: Wrapped | CryptoKey
      readonly coinSecret: Wrapped
    }
  | ({ readonly form: 'plain' } & IdentityKey)

export interface OpenedIdentityKey {
  readonly key: IdentityKey
  /** Null for what an earlier version kept: to be kept anew before it is used. */
  readonly form: KeptIdentityKey['form'] | null
}

const subtleOf = () => globalThis.crypto.subtle

/** Rejects where the platform has no AES-GCM. */
export async function wrapIdentityKey({ peer, secret, coinSecret }: IdentityKey): Promise<KeptIdentityKey> {
  const wrappingKey = await subtleOf().generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  return {
    form: 'wrapped',
    peer,
    wrappingKey,
    secret: secret instanceof Uint8Array ? await wrap(wrappingKey, labelOf(peer, 'secret'), secret) : secret,
    coinSecret: await wrap(wrappingKey, labelOf(peer, 'coinSecret'), coinSecret),
  }
}

export function plainIdentityKey(key: IdentityKey): KeptIdentityKey {
  return { form: 'plain', ...key }
}

/** From what a disk holds, in this version's form or an earlier one's; null for anything else. */
export async function openIdentityKey(kept: unknown): Promise<OpenedIdentityKey | null> {
  if (typeof kept !== 'object' || kept === null) return null
  const { form, peer, secret, coinSecret, wrappingKey } = kept as Record<string, unknown>
  if (typeof peer !== 'string' || !isAdmissibleKey(peer)) return null
  if (form === undefined) return opened(null, peer, secret, createCoinSecret())
  if (form === 'plain') return opened('plain', peer, secret, coinSecret)
  if (form !== 'wrapped' || !isPlatformKey(wrappingKey)) return null
  return opened(
    'wrapped',
    peer,
    isPlatformKey(secret) ? secret : await unwrap(wrappingKey, labelOf(peer, 'secret'), secret),
    await unwrap(wrappingKey, labelOf(peer, 'coinSecret'), coinSecret),
  )
}

function opened(
  form: OpenedIdentityKey['form'],
  peer: PeerId,
  secret: unknown,
  coinSecret: unknown,
): OpenedIdentityKey | null {
  if (!isSecret(coinSecret)) return null
  if (isPlatformKey(secret)) return secret.type === 'private' ? { form, key: { peer, secret, coinSecret } } : null
  return isSecret(secret) && publicKeyOf(secret) === peer ? { form, key: { peer, secret, coinSecret } } : null
}

function isSecret(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === secretBytes
}

function isPlatformKey(value: unknown): value is CryptoKey {
  return globalThis.CryptoKey !== undefined && value instanceof CryptoKey
}

function labelOf(peer: PeerId, what: 'secret' | 'coinSecret'): Uint8Array<ArrayBuffer> {
  return utf8ToBytes(`parsec-web/${what}/${peer}`) as Uint8Array<ArrayBuffer>
}

async function wrap(key: CryptoKey, additionalData: Uint8Array<ArrayBuffer>, bytes: Uint8Array): Promise<Wrapped> {
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(12))
  const encrypted = await subtleOf().encrypt(
    { name: 'AES-GCM', iv, additionalData },
    key,
    bytes as Uint8Array<ArrayBuffer>,
  )
  return { iv, bytes: new Uint8Array(encrypted) }
}

/** Null for what this key and this label did not make. */
async function unwrap(
  key: CryptoKey,
  additionalData: Uint8Array<ArrayBuffer>,
  wrapped: unknown,
): Promise<Uint8Array | null> {
  const { iv, bytes } = (wrapped ?? {}) as Record<string, unknown>
  if (!(iv instanceof Uint8Array) || !(bytes instanceof Uint8Array)) return null
  try {
    const data = bytes as Uint8Array<ArrayBuffer>
    return new Uint8Array(
      await subtleOf().decrypt({ name: 'AES-GCM', iv: iv as Uint8Array<ArrayBuffer>, additionalData }, key, data),
    )
  } catch {
    return null
  }
}

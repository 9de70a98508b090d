/** The Ed25519 key by which a running tab is known to its section. */
import { getPublicKey, hashes, sign, utils } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { PeerId } from '../core/gossip/event.ts'
import { isAdmissibleKey } from './signature-rule.ts'

export interface Identity {
  readonly peer: PeerId
  /** Ed25519 (RFC 8032) over the bytes as they are; 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/**
 * What has to be kept to be the same peer again; structured-cloneable, hence storable in IndexedDB. A `CryptoKey` cannot be
 * read out by anybody; a seed (32 bytes) takes its place where the platform has no Ed25519.
 */
export interface IdentityKey {
  readonly peer: PeerId
  readonly secret: CryptoKey | Uint8Array
}

/** Whether a value read from a disk is what `createIdentityKey` made. */
export function isIdentityKey(value: unknown): value is IdentityKey {
  if (typeof value !== 'object' || value === null || !('peer' in value) || !('secret' in value)) return false
  const { peer, secret } = value
  if (typeof peer !== 'string' || !isAdmissibleKey(peer)) return false
  if (secret instanceof Uint8Array) return secret.length === 32
  return globalThis.CryptoKey !== undefined && secret instanceof CryptoKey && secret.type === 'private'
}

/** `subtle` is for tests; by default the platform's, and none outside of secure contexts. */
export async function createIdentityKey(
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Promise<IdentityKey> {
  return (subtle === undefined ? null : await createPlatformKey(subtle)) ?? createSeedKey()
}

export function identityFrom({ peer, secret }: IdentityKey): Identity {
  if (secret instanceof Uint8Array) {
    return { peer, sign: async (bytes) => withSha512(() => sign(bytes, secret)) }
  }
  return {
    peer,
    sign: async (bytes) =>
      new Uint8Array(await globalThis.crypto.subtle.sign('Ed25519', secret, bytes as Uint8Array<ArrayBuffer>)),
  }
}

/** A new identity that is kept nowhere. */
export async function createIdentity(): Promise<Identity> {
  return identityFrom(await createIdentityKey())
}

/** Null where the platform has no Ed25519. */
async function createPlatformKey(subtle: SubtleCrypto): Promise<IdentityKey | null> {
  try {
    const pair = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
    const raw = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
    return { peer: bytesToHex(raw), secret: pair.privateKey }
  } catch {
    return null
  }
}

function createSeedKey(): IdentityKey {
  const seed = utils.randomSecretKey()
  return { peer: withSha512(() => bytesToHex(getPublicKey(seed))), secret: seed }
}

// noble-ed25519 brings no SHA-512 of its own and asks for one in this way.
function withSha512<T>(compute: () => T): T {
  hashes.sha512 ??= sha512
  return compute()
}

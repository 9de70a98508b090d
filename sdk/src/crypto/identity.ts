/** The secrets by which a running tab is known to its section, and what is signed with them. */
import { getPublicKey, hashes, sign, utils } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { PeerId } from '../core/gossip/event.ts'
import { createCoinCrypto, type SteppedCoinCrypto } from './coin/index.ts'

export interface Identity {
  readonly peer: PeerId
  /** Ed25519 (RFC 8032) over the bytes as they are; 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
  /** The same at once, for a page that is being closed. Absent where the platform holds the key and only signs later. */
  readonly signNow?: (bytes: Uint8Array) => Uint8Array
  /** The coin as this identity answers for it; each remembers for itself what it has computed. */
  createCoin(): SteppedCoinCrypto
}

/** All that has to be kept to be the same peer again, as it is in memory. */
export interface IdentityKey {
  /** The Ed25519 public key. */
  readonly peer: PeerId
  /** The Ed25519 seed (RFC 8032, section 5.1.5), 32 bytes; a platform's key in identities of the first storage format. */
  readonly secret: Uint8Array | CryptoKey
  /** 32 random bytes from which the keys of the section's coin are derived. */
  readonly coinSecret: Uint8Array
}

export const secretBytes = 32

export function createIdentityKey(): IdentityKey {
  const secret = utils.randomSecretKey()
  return { peer: publicKeyOf(secret), secret, coinSecret: createCoinSecret() }
}

export function createCoinSecret(): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(secretBytes))
}

/** Signs on the platform's threads where it has Ed25519, else here. `subtle` is for tests. */
export function identityFrom(
  { peer, secret, coinSecret }: IdentityKey,
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Identity {
  const createCoin = () => createCoinCrypto({ self: peer, secret: coinSecret })
  if (!(secret instanceof Uint8Array)) {
    return { peer, createCoin, sign: (bytes) => signWith(globalThis.crypto.subtle, secret, bytes) }
  }
  const signNow = (bytes: Uint8Array) => withSha512(() => sign(bytes, secret))
  if (subtle === undefined) return { peer, createCoin, signNow, sign: async (bytes) => signNow(bytes) }
  const importing = importSeed(subtle, secret).catch(() => null)
  return {
    peer,
    createCoin,
    signNow,
    async sign(bytes) {
      const key = await importing
      return key === null ? signNow(bytes) : await signWith(subtle, key, bytes)
    },
  }
}

/** A new identity that is kept nowhere. */
export async function createIdentity(): Promise<Identity> {
  return identityFrom(createIdentityKey())
}

export function publicKeyOf(seed: Uint8Array): PeerId {
  return withSha512(() => bytesToHex(getPublicKey(seed)))
}

/** RFC 8410, section 7: everything in the PKCS #8 form of an Ed25519 key that is not the seed. */
const pkcs8Prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)

async function importSeed(subtle: SubtleCrypto, seed: Uint8Array): Promise<CryptoKey> {
  const pkcs8 = new Uint8Array(pkcs8Prefix.length + seed.length)
  pkcs8.set(pkcs8Prefix)
  pkcs8.set(seed, pkcs8Prefix.length)
  return await subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])
}

async function signWith(subtle: SubtleCrypto, key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle.sign('Ed25519', key, bytes as Uint8Array<ArrayBuffer>))
}

// noble-ed25519 brings no SHA-512 of its own and asks for one in this way.
function withSha512<T>(compute: () => T): T {
  hashes.sha512 ??= sha512
  return compute()
}

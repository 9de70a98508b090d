/** The core's epochs and tosses as bytes, and what a member derives from its one secret. */
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { CoinTerms, Toss } from '../../core/coin/port.ts'
import { encodeScalar, type Random, scalarFromWide } from './group.ts'
import { hash32 } from './hashing.ts'
import { CoinInputError } from './input-error.ts'
import { type CoinKey, coinKeyFrom } from './key.ts'
import { createDealTerms, type DealTerms } from './terms.ts'

/** Bytes of a member's secret. */
export const memberSecretBytes = 32

/** Bound to the section, the epoch and the holders by name, besides what `createDealTerms` binds. */
export function dealTermsOf({ sectionId, epoch, threshold, holders }: CoinTerms): DealTerms {
  const peers = holders.map(({ peer }) => hexToBytes(peer))
  const context = hash32('epoch', hexToBytes(sectionId), uint64(epoch), ...peers)
  return createDealTerms({ context, threshold, receivers: holders.map(({ key }) => key) })
}

/** Different for different tosses. */
export function messageOf(toss: Toss): Uint8Array {
  return toss.kind === 'flip'
    ? concatBytes(utf8ToBytes('flip\0'), uint64(toss.election), uint64(toss.round))
    : concatBytes(utf8ToBytes('block\0'), uint64(toss.height))
}

export interface MemberSecret {
  readonly key: CoinKey
  /** The same bytes for the same purpose and statement, one after another; nobody else can guess them. */
  random(purpose: DerivedPurpose, ...statement: readonly Uint8Array[]): Random
}

export type DerivedPurpose = 'registration' | 'deal' | 'complaint'

/** Everything secret follows from 32 bytes (HKDF, RFC 5869), so that a member that crashed says the same again. */
export function memberSecretFrom(secret: Uint8Array): MemberSecret {
  if (secret.length !== memberSecretBytes) throw new CoinInputError('badSecret', `${secret.length} bytes instead of 32`)
  const derive = (purpose: DerivedPurpose | 'key', statement: Uint8Array, length: number) =>
    hkdf(
      sha512,
      secret,
      undefined,
      concatBytes(utf8ToBytes(`parsec-web/coin/member/${purpose}/1\0`), statement),
      length,
    )
  return {
    key: coinKeyFrom(encodeScalar(scalarFromWide(derive('key', new Uint8Array(), 64)))),
    random(purpose, ...statement) {
      const name = hash32('member-statement', ...statement)
      let asked = 0
      return (length) => derive(purpose, concatBytes(name, uint64(asked++)), length)
    },
  }
}

function uint64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new CoinInputError('badMessage', `${value} is no count`)
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

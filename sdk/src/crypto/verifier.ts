/** Verifies signatures by the rule of signature-rule.ts, at WebCrypto's speed where WebCrypto follows that rule. */
import { hexToBytes } from '@noble/hashes/utils.js'
import type { PeerId } from '../core/gossip/event.ts'
import { isAdmissibleKey, isWellFormedSignature, verifyByPoints } from './signature-rule.ts'

export interface Verifier {
  /** False for an inadmissible key, too. Never rejects. */
  verify(peer: PeerId, signature: Uint8Array, message: Uint8Array): Promise<boolean>
  /**
   * Whether the key may belong to a peer at all: canonical, not of small order, free of torsion. About 2 ms for a key not
   * seen lately: ask for keys that connect or are proposed, not for every key that some event mentions.
   */
  admissible(peer: PeerId): boolean
  /** What computes the last step of the rule here. */
  readonly engine: 'webcrypto' | 'points'
}

interface KnownKey {
  readonly admissible: boolean
  imported: Promise<CryptoKey> | null
}

/** Keys remembered, the least recently used forgotten first. A section has far fewer members that speak. */
const knownKeysMax = 1024

const keyPattern = /^[0-9a-f]{64}$/

interface KnownVerdict {
  readonly valid: boolean
  readonly key: string
  readonly message: string
  readonly signature: string
}

/** What WebCrypto has to judge as the rule does, or it is not used; all else that differs is refused before it is asked. */
export const selfTest: readonly KnownVerdict[] = [
  {
    valid: true,
    key: 'c4c1227d7fff941a976049ecefad7b663fa5121d769cbbd79a53d344e4773e98',
    message: '70',
    signature:
      'ce5e57da3a34533dc811500e00b56cd58fe9a3093a5d3e23af05d1b862911eaa678acd20a287e3afccb0c8798fd6a73523ee51e6cefc7d6437bd3bba778b8a02',
  },
  // R = r·B + a point of order 8: valid with the cofactor, invalid without it.
  {
    valid: false,
    key: 'c4c1227d7fff941a976049ecefad7b663fa5121d769cbbd79a53d344e4773e98',
    message: '70',
    signature:
      '04192564f62bda5b648fbfd30196ebc34539f5381c334b19673b154bc571d9a2aa5228f84e0f530fe14f430e054b2b9bada256e20476256b5aa656025ce5c305',
  },
]

/**
 * `subtle` is for tests; by default the platform's, and none outside of secure contexts. Decides once, by a self-test, who
 * computes the last step.
 */
export async function createVerifier(subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle): Promise<Verifier> {
  const engine = subtle !== undefined && (await passesSelfTest(subtle)) ? subtle : null
  const known = new Map<PeerId, KnownKey>()

  function lookUp(peer: PeerId): KnownKey {
    const found = known.get(peer) ?? { admissible: isAdmissibleKey(peer), imported: null }
    known.delete(peer)
    known.set(peer, found)
    const [oldest] = known.keys()
    if (known.size > knownKeysMax && oldest !== undefined) known.delete(oldest)
    return found
  }

  return {
    engine: engine === null ? 'points' : 'webcrypto',
    admissible: (peer) => keyPattern.test(peer) && lookUp(peer).admissible,
    async verify(peer, signature, message) {
      if (!isWellFormedSignature(signature) || !keyPattern.test(peer)) return false
      const key = lookUp(peer)
      if (!key.admissible) return false
      if (engine === null) return verifyByPoints(peer, signature, message)
      try {
        key.imported ??= importKey(engine, peer)
        return await engine.verify('Ed25519', await key.imported, view(signature), view(message))
      } catch {
        // WebCrypto failed, which says nothing about the signature.
        return verifyByPoints(peer, signature, message)
      }
    },
  }
}

async function passesSelfTest(subtle: SubtleCrypto): Promise<boolean> {
  try {
    for (const { valid, key, message, signature } of selfTest) {
      const imported = await importKey(subtle, key)
      const verdict = await subtle.verify('Ed25519', imported, view(hexToBytes(signature)), view(hexToBytes(message)))
      if (verdict !== valid) return false
    }
    return true
  } catch {
    return false
  }
}

function importKey(subtle: SubtleCrypto, key: PeerId): Promise<CryptoKey> {
  return subtle.importKey('raw', view(hexToBytes(key)), 'Ed25519', false, ['verify'])
}

// WebCrypto's types exclude shared memory, which nothing here uses.
function view(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}

/** One signed event header, read as its creator's signature on a block. */
import { hexToBytes } from '@noble/hashes/utils.js'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Verifier } from '../crypto/index.ts'
import { decodeHeader, type SignedHeader } from '../wire/index.ts'

export interface Attested {
  readonly creator: PeerId
  readonly height: number
  readonly blockHash: Hash
}

export type AttestationFault = 'malformedAttestation' | 'wrongSection' | 'badSignature'

/** The signature is over the event id, which is the header's hash: no body is needed. */
export async function openAttestation(
  { header, signature }: SignedHeader,
  sectionId: Hash,
  verifier: Pick<Verifier, 'verify'>,
): Promise<Attested | AttestationFault> {
  const decoded = decodeHeader(header)
  if ('error' in decoded) return 'malformedAttestation'
  const { creator, attest, id } = decoded.ok
  if (decoded.ok.sectionId !== sectionId) return 'wrongSection'
  if (!(await verifier.verify(creator, signature, hexToBytes(id)))) return 'badSignature'
  return { creator, height: attest.height, blockHash: attest.blockHash }
}

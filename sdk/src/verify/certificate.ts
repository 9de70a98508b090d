/** One block's certificate, checked by whoever knows the section and the block's voters. */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import { isSupermajority } from '../core/thresholds.ts'
import { createVerifier, type Verifier } from '../crypto/index.ts'
import type { Certificate } from '../index.ts'
import { type BlockHeader, blockHeaderHash, EncodingError, limits, votersRoot } from '../wire/index.ts'
import { type AttestationFault, openAttestation } from './attestation.ts'

/**
 * What a certificate is checked against. Of block 1 the voters are the genesis' `founders`; of any other, what
 * `verifyHistory` of all blocks below comes to. Taken from the peer that shows the certificate, they prove nothing.
 */
export interface TrustedVoters {
  readonly sectionId: Hash
  readonly voters: readonly PeerId[]
}

export type CertificateFault =
  /** No headers, or more of them, or of attestations, than any certificate has; or numbers out of range. */
  | 'malformed'
  /** The first header is not that of the height and hash that the certificate names. */
  | 'wrongBlock'
  /** A header does not stand on the one below it. */
  | 'wrongPrevious'
  /** The block was not decided by these voters. */
  | 'wrongVoters'
  /** An attestation for none of the headers. */
  | 'otherBlock'
  /** Attestations of more than 2/3 of the voters are needed. */
  | 'notCertified'
  | AttestationFault

export type CertificateVerdict =
  | { readonly valid: true }
  | {
      readonly valid: false
      readonly reason: CertificateFault
      /** The voter, or the height of the header, that it is about; null where it is about the whole. */
      readonly at: PeerId | number | null
    }

/** A block is certified by whoever attests it or a block above it: that many headers at most are looked at. */
const HEADERS_MAX = 100_000

/**
 * Whether more than 2/3 of the block's voters signed it, or a block above it that leads down to it by its headers. Costs one
 * signature per attestation. Never rejects: what is wrong is in the verdict.
 */
export async function verifyCertificate(
  certificate: Certificate,
  { sectionId, voters }: TrustedVoters,
): Promise<CertificateVerdict> {
  const { height, blockHash, headers, attestations } = certificate
  if (headers.length === 0 || headers.length > HEADERS_MAX || attestations.length > limits.historyAttestations) {
    return fault('malformed')
  }
  const hashes = hashChain(headers, sectionId)
  if (!Array.isArray(hashes)) return hashes as CertificateVerdict
  if (headers[0]?.height !== height || hashes[0] !== blockHash) return fault('wrongBlock')
  if (headers[0].votersRoot !== votersRoot(voters)) return fault('wrongVoters', height)
  return await countAttestations(await createVerifier(), { height, hashes, attestations }, { sectionId, voters })
}

/** The headers' hashes, each header standing on the one before it. */
function hashChain(headers: readonly BlockHeader[], sectionId: Hash): readonly Hash[] | CertificateVerdict {
  const hashes: Hash[] = []
  for (const [index, header] of headers.entries()) {
    if (header.sectionId !== sectionId) return fault('wrongSection', header.height)
    const below = headers[index - 1]
    if (below && (header.height !== below.height + 1 || header.previous !== hashes[index - 1])) {
      return fault('wrongPrevious', header.height)
    }
    try {
      hashes.push(blockHeaderHash(header))
    } catch (error) {
      if (error instanceof EncodingError) return fault('malformed')
      throw error
    }
  }
  return hashes
}

async function countAttestations(
  verifier: Verifier,
  { height, hashes, attestations }: Pick<Certificate, 'height' | 'attestations'> & { readonly hashes: readonly Hash[] },
  { sectionId, voters }: TrustedVoters,
): Promise<CertificateVerdict> {
  const vouching = new Set<PeerId>()
  for (const attestation of attestations) {
    const attested = await openAttestation(attestation, sectionId, verifier)
    if (typeof attested === 'string') return fault(attested)
    if (hashes[attested.height - height] !== attested.blockHash) return fault('otherBlock', attested.creator)
    if (voters.includes(attested.creator)) vouching.add(attested.creator)
  }
  return isSupermajority(vouching.size, voters.length) ? { valid: true } : fault('notCertified')
}

function fault(reason: CertificateFault, at: PeerId | number | null = null): CertificateVerdict {
  return { valid: false, reason, at }
}

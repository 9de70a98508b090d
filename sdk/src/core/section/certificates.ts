/** Attestations counted into certificates, and the divergence alarm. Imports the core only. */
import type { Attestation, EventId, Hash, PeerId } from '../gossip/event.ts'
import type { CertificateRef } from '../options.ts'
import { isSupermajority } from '../thresholds.ts'
import type { Block } from './block.ts'

export interface Certificates {
  /** Counts an attestation that agrees with its event's ancestry. */
  confirm(creator: PeerId, event: EventId, attest: Attestation): void
  /** Counts one that does not; answers with the alarm once a supermajority vouches for another block than ours. */
  contradict(creator: PeerId, attest: Attestation): string | null
  certificate(height: number): CertificateRef | undefined
  /** Every block up to this height has a certificate. */
  readonly certifiedHeight: number
}

export function createCertificates(blocks: readonly Block[]): Certificates {
  // Per creator, the events with which its attested height rose.
  const raised = new Map<PeerId, { height: number; event: EventId }[]>()
  const contradictions = new Map<string, Set<PeerId>>()
  let certifiedHeight = 0

  function attestations(height: number): EventId[] {
    const voters = blocks[height - 1]?.voters ?? []
    return voters.flatMap((voter) => firstFrom(raised.get(voter) ?? [], height)?.event ?? [])
  }

  function isCertified(height: number): boolean {
    const block = blocks[height - 1]
    if (block === undefined) return false
    let count = 0
    for (const voter of block.voters) if ((raised.get(voter)?.at(-1)?.height ?? 0) >= height) count++
    return isSupermajority(count, block.voters.length)
  }

  return {
    confirm(creator, event, { height }) {
      const own = raised.get(creator) ?? []
      if ((own.at(-1)?.height ?? 0) >= height) return
      own.push({ height, event })
      raised.set(creator, own)
      while (isCertified(certifiedHeight + 1)) certifiedHeight++
    },
    contradict(creator, { height, blockHash }) {
      const block = blocks[height - 1]
      if (!block || block.hash === blockHash) return null
      const key: Hash = `${height} ${blockHash}`
      const creators = (contradictions.get(key) ?? new Set()).add(creator)
      contradictions.set(key, creators)
      const count = block.voters.filter((voter) => creators.has(voter)).length
      if (!isSupermajority(count, block.voters.length)) return null
      return `a supermajority of voters attests block ${blockHash} at height ${height}, where we hold ${block.hash}`
    },
    certificate(height) {
      if (height < 1 || height > certifiedHeight) return undefined
      return { height, attestations: attestations(height) }
    },
    get certifiedHeight() {
      return certifiedHeight
    },
  }
}

/** The first of these entries with at least this height; they rise. */
function firstFrom<Entry extends { readonly height: number }>(
  entries: readonly Entry[],
  height: number,
): Entry | undefined {
  let low = 0
  for (let high = entries.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((entries[middle] as Entry).height >= height) high = middle
    else low = middle + 1
  }
  return entries[low]
}

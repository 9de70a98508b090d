/** Attestations counted into certificates, and the divergence alarm. Imports the core only. */
import type { Attestation, Hash, PeerId } from '../gossip/event.ts'
import type { Vertex } from '../gossip/graph.ts'
import { createIntegers, type Numbers } from '../numbers.ts'
import type { CertificateRef } from '../options.ts'
import { isSupermajority } from '../thresholds.ts'
import type { Ordering } from './ordering.ts'

export interface Certificates {
  /** Counts an attestation that agrees with its event's ancestry. */
  confirm(creator: PeerId, vertex: Vertex, attest: Attestation): void
  /** Counts one that does not; answers with the alarm once a supermajority vouches for another block than ours. */
  contradict(creator: PeerId, attest: Attestation): string | null
  certificate(height: number): CertificateRef | undefined
  /** The first block without a certificate could do with this peer's attestation. */
  lacks(voter: PeerId): boolean
  /** Every block up to this height has a certificate. */
  readonly certifiedHeight: number
}

export function createCertificates({ blocks, graph, idOf }: Pick<Ordering, 'blocks' | 'graph' | 'idOf'>): Certificates {
  // Per creator, the events with which its attested height rose.
  const raised = new Map<PeerId, { readonly heights: Numbers; readonly events: Numbers }>()
  const contradictions = new Map<string, Set<PeerId>>()
  let certifiedHeight = 0

  const lastOf = (creator: PeerId) => raised.get(creator)?.heights.last ?? 0

  function attestations(height: number): Vertex[] {
    const voters = blocks[height - 1]?.voters ?? []
    return voters.flatMap((voter) => {
      const own = raised.get(voter)
      const index = own?.events.at(firstFrom(own.heights, height))
      return index === undefined ? [] : (graph.vertices[index] as Vertex)
    })
  }

  function isCertified(height: number): boolean {
    const block = blocks[height - 1]
    if (block === undefined) return false
    let count = 0
    for (const voter of block.voters) if (lastOf(voter) >= height) count++
    return isSupermajority(count, block.voters.length)
  }

  return {
    confirm(creator, { index }, { height }) {
      if (lastOf(creator) >= height) return
      const own = raised.get(creator) ?? { heights: createIntegers(), events: createIntegers() }
      raised.set(creator, own)
      own.heights.push(height)
      own.events.push(index)
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
      return { height, attestations: attestations(height).map(idOf) }
    },
    lacks: (voter) => lastOf(voter) <= certifiedHeight && blocks[certifiedHeight]?.voters.includes(voter) === true,
    get certifiedHeight() {
      return certifiedHeight
    },
  }
}

/** The place of the first of these heights that is at least this one; they rise. */
function firstFrom(heights: Numbers, height: number): number {
  let low = 0
  for (let high = heights.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((heights.at(middle) as number) >= height) high = middle
    else low = middle + 1
  }
  return low
}

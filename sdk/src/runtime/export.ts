/** Files that leave a section: its history with certificates, and its events. */
import type { EventId } from '../core/gossip/event.ts'
import type { Parsec } from '../core/options.ts'
import type { Genesis } from '../core/section/block.ts'
import {
  blockHeader,
  EncodingError,
  encodeFile,
  encodeHistoryRecord,
  type SealedEvent,
  type SignedHeader,
  sealedBytes,
} from '../wire/index.ts'
import { ParsecError } from './errors.ts'

export interface ExportSource {
  readonly sectionId: string
  readonly genesis: Genesis
  readonly core: Parsec
  readonly sealed: (id: EventId) => SealedEvent | undefined
}

/**
 * Certified blocks, from 1, and those above that lead to a signature on them: a voter may skip a block and sign the next.
 * Throws `ParsecError` `tooLarge` for a block above the file's limits.
 */
export function exportHistory({ core, sealed, sectionId, genesis }: ExportSource): Uint8Array {
  const { certifiedHeight } = core.status()
  const attestations = attestationsByHeight(core, sealed, certifiedHeight)
  let top = certifiedHeight
  for (const height of attestations.keys()) top = Math.max(top, height)
  const records: Uint8Array[] = []
  for (let height = 1; height <= top; height++) {
    const block = core.block(height)
    if (!block) break
    const { hash, items, observations } = block
    const signed = attestations.get(height) ?? []
    records.push(
      bounded(() =>
        encodeHistoryRecord({ hash, header: blockHeader(block), items, observations, attestations: signed }),
      ),
    )
  }
  return encodeFile('history', { sectionId, genesis, height: certifiedHeight }, records)
}

/** Each event that a certificate names stands once, at the height that it attests. */
function attestationsByHeight(
  core: Parsec,
  sealed: ExportSource['sealed'],
  certifiedHeight: number,
): ReadonlyMap<number, readonly SignedHeader[]> {
  const named = new Set<EventId>()
  for (let height = 1; height <= certifiedHeight; height++) {
    for (const id of core.certificate(height)?.attestations ?? []) named.add(id)
  }
  const byHeight = new Map<number, SignedHeader[]>()
  for (const id of named) {
    const found = sealed(id)
    if (!found) continue
    const { header, signature, event } = found
    const own = byHeight.get(event.attest.height) ?? []
    byHeight.set(event.attest.height, own)
    own.push({ header, signature })
  }
  return byHeight
}

/** Every event, each after its parents. */
export function exportEvents({ core, sealed, sectionId, genesis }: ExportSource): Uint8Array {
  const { graph, idOf, state } = core.ordering
  const records = graph.vertices.flatMap((vertex) => {
    const event = sealed(idOf(vertex))
    return event ? [sealedBytes(event)] : []
  })
  return encodeFile('events', { sectionId, genesis, height: state.height }, records)
}

function bounded(encode: () => Uint8Array): Uint8Array {
  try {
    return encode()
  } catch (error) {
    if (error instanceof EncodingError) throw new ParsecError('tooLarge', error.message, { cause: error })
    throw error
  }
}

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
import { type Load, readStored } from './stored-block.ts'

export interface ExportSource {
  readonly sectionId: string
  readonly genesis: Genesis
  readonly core: Parsec
  readonly load: Load
}

/** Events that are read at once: their bytes are in the file already when the next are read. */
const EVENTS_AT_ONCE = 64

/**
 * Certified blocks, from 1, and those above that lead to a signature on them: a voter may skip a block and sign the next.
 * Rejects with `ParsecError` `tooLarge` for a block above the file's limits, and with `StoreError`.
 */
export async function exportHistory({ core, load, sectionId, genesis }: ExportSource): Promise<Uint8Array> {
  const { certifiedHeight } = core.status()
  const attestations = await attestationsByHeight(core, load, certifiedHeight)
  let top = certifiedHeight
  for (const height of attestations.keys()) top = Math.max(top, height)
  const records: Uint8Array[] = []
  for (let height = 1; height <= top; height++) {
    const outline = core.block(height)
    if (!outline) break
    const block = await readStored(outline, load)
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
async function attestationsByHeight(
  core: Parsec,
  load: Load,
  certifiedHeight: number,
): Promise<ReadonlyMap<number, readonly SignedHeader[]>> {
  const named = new Set<EventId>()
  for (let height = 1; height <= certifiedHeight; height++) {
    for (const id of core.certificate(height)?.attestations ?? []) named.add(id)
  }
  const byHeight = new Map<number, SignedHeader[]>()
  for await (const { header, signature, event } of inPieces([...named], load)) {
    const own = byHeight.get(event.attest.height) ?? []
    byHeight.set(event.attest.height, own)
    own.push({ header, signature })
  }
  return byHeight
}

/** Every event, each after its parents. Rejects with `StoreError`. */
export async function exportEvents({ core, load, sectionId, genesis }: ExportSource): Promise<Uint8Array> {
  const { graph, idOf, state } = core.ordering
  const records: Uint8Array[] = []
  for await (const event of inPieces(graph.vertices.map(idOf), load)) records.push(sealedBytes(event))
  return encodeFile('events', { sectionId, genesis, height: state.height }, records)
}

async function* inPieces(ids: readonly EventId[], load: Load): AsyncGenerator<SealedEvent> {
  for (let at = 0; at < ids.length; at += EVENTS_AT_ONCE) yield* await load(ids.slice(at, at + EVENTS_AT_ONCE))
}

function bounded(encode: () => Uint8Array): Uint8Array {
  try {
    return encode()
  } catch (error) {
    if (error instanceof EncodingError) throw new ParsecError('tooLarge', error.message, { cause: error })
    throw error
  }
}

/** Certificates that leave the section: headers and signatures only. */
import type { Parsec } from '../core/options.ts'
import { blockHeader, type SealedEvent } from '../wire/index.ts'
import type { Certificate } from './types.ts'

/** Null while the block is not certified. */
export function toCertificate(
  core: Parsec,
  sealed: (id: string) => SealedEvent | undefined,
  height: number,
): Certificate | null {
  const reference = core.certificate(height)
  const block = core.block(height)
  if (!reference || !block) return null
  const events = reference.attestations.flatMap((id) => sealed(id) ?? [])
  const top = Math.max(...events.map(({ event }) => event.attest.height))
  const headers = core.ordering.blocks.slice(height - 1, top).map((block) => blockHeader(block))
  return {
    height,
    blockHash: block.hash,
    headers,
    attestations: events.map(({ header, signature }) => ({ header, signature })),
  }
}

/** Certificates that leave the section: headers and signatures only. */
import type { Parsec } from '../core/options.ts'
import { blockHeader } from '../wire/index.ts'
import { type Load, readStored } from './stored-block.ts'
import type { Certificate } from './types.ts'

/** Null while the block is not certified. Rejects with `StoreError`. */
export async function toCertificate(core: Parsec, load: Load, height: number): Promise<Certificate | null> {
  const reference = core.certificate(height)
  const block = core.block(height)
  if (!reference || !block) return null
  const events = await load(reference.attestations)
  const top = Math.max(...events.map(({ event }) => event.attest.height))
  const headers = []
  for (let each = height; each <= top; each++) {
    const above = core.block(each)
    if (above) headers.push(blockHeader(await readStored(above, load)))
  }
  return {
    height,
    blockHash: block.hash,
    headers,
    attestations: events.map(({ header, signature }) => ({ header, signature })),
  }
}

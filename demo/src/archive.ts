/** Looks through all of a section's blocks, from the first, without keeping them: the ledger is played again. */
import type { PeerId, Section } from 'parsec-web'
import { type Found, matcher, type Query, type Row, rowsOfBlock } from './history.ts'
import { applyBlock, foundedLedger } from './ledger.ts'

/** How long the page may have to wait for it, in milliseconds. */
const sliceMs = 8

/** Answers with the newest `most`; null once it is not wanted any more. */
export async function searchArchive(
  section: Pick<Section, 'blocks' | 'status'>,
  query: Query,
  nameOf: (peer: PeerId) => string,
  most: number,
  isWanted: () => boolean,
): Promise<Found | null> {
  const { height: last, previousSection } = section.status
  const matches = matcher(query, nameOf)
  const found: Row[] = []
  let more = false
  let ledger = foundedLedger([], { reforms: previousSection !== null })
  let sliceEndMs = performance.now() + sliceMs
  if (last > 0) {
    for await (const block of section.blocks(1)) {
      if (!isWanted()) return null
      const applied = applyBlock(ledger, block)
      ledger = applied.ledger
      found.push(...[...rowsOfBlock({ block, entries: applied.entries })].filter(matches).reverse())
      if (found.length > most) {
        more = true
        found.splice(0, found.length - most)
      }
      if (block.height >= last) break
      if (performance.now() < sliceEndMs) continue
      await new Promise((resolve) => setTimeout(resolve))
      sliceEndMs = performance.now() + sliceMs
    }
  }
  return { rows: found.reverse(), more }
}

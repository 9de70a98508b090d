/** A section's exported event log: replayed, so that elections and blocks are there to see again. */
import { createSectionCoin } from '../core/coin/section-coin.ts'
import { illFormed } from '../core/gossip/admission.ts'
import { InvariantError } from '../core/invariant.ts'
import { hashCoin } from '../core/meta-voting/coin.ts'
import { createOrdering, type Ordering } from '../core/section/ordering.ts'
import { createIdentityKey, identityFrom } from '../crypto/index.ts'
import type { InspectedGraph } from '../runtime/inspection/feed.ts'
import { createGraphReader } from '../runtime/inspection/reader.ts'
import { createHashing, decodeFile, decodeSealedEvent, type FileParts, type WireError } from '../wire/index.ts'

export type EventsFault =
  /** Not an event log, one of an unknown version, or a record that cannot be read. */
  | WireError['code']
  | FileParts['end']
  /** The genesis does not hash to the section id. */
  | 'wrongGenesis'
  /** A parent does not stand before it, or it is no event that a member could have created there. */
  | 'missingParent'
  | 'illFormed'
  /** It breaks an invariant: more than a third of the voters misbehaved, or the log was made up. */
  | 'inconsistent'

export type EventsVerdict =
  | { readonly valid: true; readonly graph: InspectedGraph }
  | {
      readonly valid: false
      /** Which record, from 1; 0 for the file as such. */
      readonly record: number
      readonly reason: EventsFault
      /** For people; not to be relied on by programs. */
      readonly detail: string
    }

/**
 * Reads a file that `section.exportEvents()` wrote. Events are hashed and replayed, which costs as much as receiving them did;
 * signatures are not checked: what is final is a history's to prove. Never throws at a bad file.
 */
export function readEvents(file: Uint8Array): EventsVerdict {
  const decoded = decodeFile('events', file)
  if ('error' in decoded) return fault(0, decoded.error.code, decoded.error.detail)
  const { preamble, records, end } = decoded.ok
  const hashing = createHashing()
  if (hashing.genesis(preamble.genesis) !== preamble.sectionId) return fault(0, 'wrongGenesis')
  // All of it is shown, so nothing is let go of.
  // Tosses are known from the shares in the events, whoever asks.
  const coin = createSectionCoin(identityFrom(createIdentityKey()).createCoin(), hashCoin(hashing), hashing)
  const ordering = createOrdering({ genesis: preamble.genesis, hashing, coin, keptElections: Number.POSITIVE_INFINITY })
  for (const [index, bytes] of records.entries()) {
    const failed = append(ordering, preamble.sectionId, bytes, index + 1)
    if (failed) return failed
  }
  if (end !== 'complete') return fault(records.length + 1, end)
  const { skipped: _, ...graph } = createGraphReader(ordering, Number.POSITIVE_INFINITY).read(Number.POSITIVE_INFINITY)
  return { valid: true, graph: { sectionId: preamble.sectionId, ...graph } }
}

function append(ordering: Ordering, sectionId: string, bytes: Uint8Array, record: number): EventsVerdict | null {
  const decoded = decodeSealedEvent(bytes)
  if ('error' in decoded) return fault(record, decoded.error.code, decoded.error.detail)
  const { event } = decoded.ok
  const parents = event.selfParent === null ? event.otherParents : [event.selfParent, ...event.otherParents]
  if (parents.some((parent) => ordering.graph.find(parent) === undefined)) return fault(record, 'missingParent')
  if (ordering.graph.find(event.id) !== undefined) return fault(record, 'illFormed', 'it stands there twice')
  const reason = illFormed(ordering, sectionId, event)
  if (reason !== null) return fault(record, 'illFormed', String(reason))
  try {
    ordering.insert(event, event.id)
  } catch (error) {
    if (error instanceof InvariantError) return fault(record, 'inconsistent', error.message)
    throw error
  }
  return null
}

function fault(record: number, reason: EventsFault, detail: string = reason): EventsVerdict {
  return { valid: false, record, reason, detail }
}

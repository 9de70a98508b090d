/**
 * What a store still holds of a section. Only what hashes to its id and stands behind its parents is used; the rest is
 * fetched from peers, as if it had never been here.
 *
 * An own event that was lost must not be replaced by another one. Therefore the last own event is named in a record of
 * its own, written together with it: while that event is not here, nothing is created; if the name itself is lost, nobody
 * can say what was lost, and the identity is not used again.
 */
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import type { EventId, GossipEvent, Hash, PeerId } from '../core/gossip/event.ts'
import { ownTipName, type Store, type StoredEvent, StoreError } from '../store/index.ts'
import { decodeSealedEvent, type SealedEvent, sealedBytes } from '../wire/index.ts'
import type { KeptWords } from './last-words.ts'

/** The own event that was created last. */
export interface OwnTip {
  readonly seq: number
  readonly id: EventId
}

export interface Restored {
  /** Each after all of its parents. */
  readonly events: readonly SealedEvent[]
  /** Records that are damaged, or stand behind something that is lost. */
  readonly lost: number
  /** Null where nothing was ever said. It is not among the events when it was lost. */
  readonly ownTip: OwnTip | null
}

/**
 * `words`: what was said while the page was being closed; it is stored first. Rejects with `StoreError`, `damaged` where
 * what we said cannot be told any more.
 */
export async function restoreFrom(
  store: Store,
  { self, sectionId }: { readonly self: PeerId; readonly sectionId: Hash },
  words: KeptWords,
): Promise<Restored> {
  const loaded = await store.load()
  // What we said in a section that was re-formed stays behind.
  const isHere = (sealed: SealedEvent | null) => sealed === null || sealed.event.sectionId === sectionId
  const said = words.events.map(openWord)
  const decoded = loaded.events.map(decode).filter(isHere)
  const unsaid = new Set([...(await readUnsaid(store)), ...contradicted(self, decoded, said)])
  const stored = intact(decoded.filter((sealed) => sealed === null || !unsaid.has(sealed.event.id)))
  const lost = loaded.damaged.length + stored.lost
  const ownStored = lastBy(self, stored.events)
  const kept = await readOwnTip(store, ownStored !== null || lost > 0, lost)
  const own = said.flatMap(({ event }) => (event.creator === self ? event : []))
  const reach = latest(own) ?? (words.reach === null ? null : decodeOwnTip(words.reach))
  const named = kept !== null && !unsaid.has(kept.id) && wasSent(kept, reach, own) ? kept : reach
  const known = new Set(stored.events.map(({ event }) => event.id))
  const untold = said.filter(({ event }) => !known.has(event.id))
  const ownTip = latest([named, ownStored, ...own])
  if (untold.length > 0 || ownTip?.id !== kept?.id) {
    // First, or after an interruption both would be there.
    if (unsaid.size > 0) await store.writeValue(UNSAID, concatBytes(...[...unsaid].map(hexToBytes)))
    await store.append(
      untold.map((sealed) => ({ id: sealed.event.id, bytes: sealedBytes(sealed) })),
      ownTip === null ? {} : { [ownTipName]: encodeOwnTip(ownTip) },
    )
  }
  const all = intact([...stored.events, ...untold])
  return { events: all.events, lost: lost + all.lost, ownTip }
}

/** Null where nothing was said, and in a history from before it was kept, which has to be whole. */
async function readOwnTip(store: Store, isExpected: boolean, lost: number): Promise<OwnTip | null> {
  const kept = await store.readValue(ownTipName)
  const named = kept === null ? null : decodeOwnTip(kept)
  const isOldAndWhole = kept?.length === 0 && lost === 0
  if (named === null && isExpected && !isOldAndWhole) {
    throw new StoreError('damaged', 'which own event was the last is not known any more', { id: ownTipName })
  }
  return named
}

/** Own events that were stored and never sent: what was said while the page was being closed took their place. */
const UNSAID = 'unsaid'
const idBytes = 32

async function readUnsaid(store: Store): Promise<readonly EventId[]> {
  const kept = (await store.readValue(UNSAID)) ?? new Uint8Array()
  return Array.from({ length: kept.length / idBytes }, (_, i) =>
    bytesToHex(kept.subarray(i * idBytes, (i + 1) * idBytes)),
  )
}

/** A worker may have stored more than its page has sent. What the page said then stands, from the first event on that differs. */
function contradicted(
  self: PeerId,
  stored: readonly (SealedEvent | null)[],
  said: readonly SealedEvent[],
): readonly EventId[] {
  const own = new Map(said.flatMap(({ event }) => (event.creator === self ? [[event.seq, event.id] as const] : [])))
  const ours = stored.flatMap((sealed) => (sealed?.event.creator === self ? [sealed.event] : []))
  const differing = ours.flatMap(({ seq, id }) => (own.has(seq) && own.get(seq) !== id ? seq : []))
  if (differing.length === 0) return []
  const from = Math.min(...differing)
  return ours.flatMap(({ seq, id }) => (seq >= from && own.get(seq) !== id ? id : []))
}

/**
 * `reach`: the last own event that was sent, null where nobody told. What a worker stored beyond it is used where it is
 * whole, and not missed where it is damaged.
 */
function wasSent(tip: OwnTip, reach: OwnTip | null, own: readonly OwnTip[]): boolean {
  if (reach === null) return true
  const instead = [reach, ...own].find(({ seq }) => seq === tip.seq)
  return instead === undefined ? tip.seq < reach.seq : instead.id === tip.id
}

function openWord(bytes: Uint8Array): SealedEvent {
  const decoded = decodeSealedEvent(bytes)
  if ('error' in decoded) throw new StoreError('damaged', decoded.error.detail)
  return decoded.ok
}

/** Null for what is not what it is stored as. Its checksum covers the signature, which was verified before it was stored. */
function decode({ id, bytes }: StoredEvent): SealedEvent | null {
  const decoded = decodeSealedEvent(bytes)
  return 'ok' in decoded && decoded.ok.event.id === id ? decoded.ok : null
}

function lastBy(peer: PeerId, events: readonly SealedEvent[]): OwnTip | null {
  return latest(events.flatMap(({ event }) => (event.creator === peer ? event : [])))
}

/** Of events of one chain. */
function latest(tips: readonly (OwnTip | null)[]): OwnTip | null {
  let last: OwnTip | null = null
  for (const tip of tips) if (tip !== null && tip.seq > (last?.seq ?? -1)) last = { seq: tip.seq, id: tip.id }
  return last
}

interface Intact {
  readonly events: readonly SealedEvent[]
  readonly lost: number
}

/** What stands behind its parents. */
function intact(decoded: readonly (SealedEvent | null)[]): Intact {
  const ids = new Set<EventId>()
  const events = decoded.filter((sealed) => {
    if (sealed === null || !parentsOf(sealed.event).every((parent) => ids.has(parent))) return false
    ids.add(sealed.event.id)
    return true
  }) as SealedEvent[]
  return { events, lost: decoded.length - events.length }
}

function parentsOf({ selfParent, otherParents }: GossipEvent): readonly EventId[] {
  return selfParent === null ? otherParents : [selfParent, ...otherParents]
}

/** The sequence number in 4 bytes, most significant first, then the id. */
export function encodeOwnTip({ seq, id }: OwnTip): Uint8Array {
  const number = new Uint8Array(4)
  new DataView(number.buffer).setUint32(0, seq)
  return concatBytes(number, hexToBytes(id))
}

const ownTipBytes = 4 + 32

function decodeOwnTip(bytes: Uint8Array): OwnTip | null {
  if (bytes.length !== ownTipBytes) return null
  return { seq: new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), id: bytesToHex(bytes.subarray(4)) }
}

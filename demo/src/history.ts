/** What happened in the ledger, to look through: what is under way and what the last blocks hold. Imports types only. */
import type { FinalBlock, PeerId } from 'parsec-web'
import type { Action } from './actions.ts'
import type { Fate, Own } from './activity.ts'
import type { Entry, Request } from './ledger.ts'

export interface AppliedBlock {
  readonly block: FinalBlock
  readonly entries: readonly Entry[]
}

/** One transaction. */
export interface Row {
  readonly id: string
  readonly creator: PeerId
  readonly action: Action | null
  readonly request: Request | null
  readonly fate: Fate
  /** Of its block, as agreed; null while it is in none. */
  readonly timeMs: number | null
}

export interface Query {
  /** Words that all have to occur, in notes, names, or amounts. */
  readonly text: string
  /** Who has to take part in it; null: whoever. */
  readonly peer: PeerId | null
  readonly state: 'any' | 'pending' | 'final' | 'rejected'
}

export interface Found {
  /** Newest first. */
  readonly rows: readonly Row[]
  /** Whether there are more than were asked for. */
  readonly more: boolean
}

export const everything: Query = { text: '', peer: null, state: 'any' }

/** Blocks, and transactions in them, that a tab keeps at hand; the section's store holds all. */
export const recentBlocksMost = 500
export const recentEntriesMost = 5_000

/** Without the oldest that are too many. The last block stays, however large it is. */
export function withBlock(recent: readonly AppliedBlock[], applied: AppliedBlock): readonly AppliedBlock[] {
  const blocks = [...recent, applied]
  let entries = blocks.reduce((sum, each) => sum + each.entries.length, 0)
  let surplus = 0
  while (surplus < blocks.length - 1 && (blocks.length - surplus > recentBlocksMost || entries > recentEntriesMost)) {
    entries -= blocks[surplus]?.entries.length ?? 0
    surplus++
  }
  return blocks.slice(surplus)
}

/** Newest first: what this tab asked for and is in no block, then the blocks' transactions. */
export function* rowsOf(recent: readonly AppliedBlock[], own: readonly Own[], me: PeerId): Generator<Row> {
  for (let index = own.length - 1; index >= 0; index--) {
    const { id, action, request, fate } = own[index] as Own
    if (fate.kind === 'pending' || fate.kind === 'lost') yield { id, creator: me, action, request, fate, timeMs: null }
  }
  for (let index = recent.length - 1; index >= 0; index--) yield* rowsOfBlock(recent[index] as AppliedBlock)
}

/** Newest first. */
export function* rowsOfBlock({ block, entries }: AppliedBlock): Generator<Row> {
  const { height, timeMs } = block
  for (let index = entries.length - 1; index >= 0; index--) {
    const { id, creator, action, request, refusal } = entries[index] as Entry
    const fate: Fate = refusal === null ? { kind: 'final', height } : { kind: 'refused', height, refusal }
    yield { id, creator, action, request, fate, timeMs }
  }
}

export function search(rows: Iterable<Row>, query: Query, nameOf: (peer: PeerId) => string, most: number): Found {
  const matches = matcher(query, nameOf)
  const found: Row[] = []
  for (const row of rows) {
    if (!matches(row)) continue
    if (found.length === most) return { rows: found, more: true }
    found.push(row)
  }
  return { rows: found, more: false }
}

export function matcher(
  { text, peer, state }: Query,
  nameOf: (peer: PeerId) => string,
): (row: Pick<Row, 'creator' | 'action' | 'request' | 'fate'>) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return (row) => {
    if (state !== 'any' && stateOf(row.fate) !== state) return false
    if (peer === null && words.length === 0) return true
    const peers = peersOf(row)
    if (peer !== null && !peers.includes(peer)) return false
    if (words.length === 0) return true
    const content = [...peers.map(nameOf), ...textsOf(row)].join(' ').toLowerCase()
    return words.every((word) => content.includes(word))
  }
}

function stateOf(fate: Fate): Query['state'] {
  return fate.kind === 'refused' || fate.kind === 'lost' ? 'rejected' : fate.kind
}

function peersOf({ creator, action, request }: Pick<Row, 'creator' | 'action' | 'request'>): PeerId[] {
  const asked = request ? [request.by, request.of] : []
  if (action?.kind === 'pay') return [creator, action.to]
  if (action?.kind === 'request') return [creator, action.of]
  return [creator, ...asked]
}

function textsOf({ action, request }: Pick<Row, 'action' | 'request'>): string[] {
  if (action?.kind === 'profile') return [action.name]
  const told = action?.kind === 'pay' || action?.kind === 'request' ? action : request
  return told ? [told.note, String(told.amount)] : []
}

/** How an update travels: as one transaction of the section, or in parts. May import only the public API and this folder. */
import type { PeerId } from '../index.ts'
import { nonceBytes } from './client-id.ts'
import { limits } from './limits.ts'

const kind = 'parsec-web/yjs'

/** A part of an update, as it is submitted; most updates have one. */
export interface Part {
  readonly kind: typeof kind
  readonly doc: string
  readonly nonce: Uint8Array
  readonly part: number
  readonly parts: number
  readonly bytes: Uint8Array
}

/** The values to submit, in this order. */
export function toTransactions(doc: string, nonce: Uint8Array, update: Uint8Array): object[] {
  const parts = Math.ceil(update.length / limits.partBytes)
  return Array.from({ length: parts }, (_, part): Part => {
    const bytes = update.slice(part * limits.partBytes, (part + 1) * limits.partBytes)
    return { kind, doc, nonce, part, parts, bytes }
  })
}

/** Null for what is not about this document. */
export function readPart(doc: string, value: unknown): Part | 'malformed' | null {
  if (typeof value !== 'object' || value === null) return null
  const { kind: read, doc: about, nonce, part, parts, bytes } = value as Record<keyof Part, unknown>
  if (read !== kind || about !== doc) return null
  if (!(nonce instanceof Uint8Array && nonce.length === nonceBytes && bytes instanceof Uint8Array)) return 'malformed'
  if (!isCount(part) || !isCount(parts)) return 'malformed'
  return { kind, doc, nonce, part, parts, bytes }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

export interface WholeUpdate {
  readonly nonce: Uint8Array
  readonly bytes: Uint8Array
}

export interface Assembly {
  /** The update that the part completes; null while parts are missing, `badParts` where they never will be whole. */
  add(author: PeerId, part: Part): WholeUpdate | 'badParts' | null
}

/** Joins parts. An author's parts follow each other; of each author one update is under way. */
export function createAssembly(): Assembly {
  const open = new Map<PeerId, Part[]>()

  return {
    add(author, part) {
      const before = part.part === 0 ? [] : (open.get(author) ?? [])
      open.delete(author)
      if (!follows(before, part)) return 'badParts'
      const joined = [...before, part]
      if (joined.length < part.parts) {
        open.set(author, joined)
        return null
      }
      return { nonce: part.nonce, bytes: concatenated(joined.map(({ bytes }) => bytes)) }
    },
  }
}

function follows(before: readonly Part[], part: Part): boolean {
  const [first] = before
  const isSameUpdate = !first || (first.parts === part.parts && equal(first.nonce, part.nonce))
  const partsMax = limits.updateBytes / limits.partBytes
  return (
    isSameUpdate &&
    part.part === before.length &&
    part.part < part.parts &&
    part.parts <= partsMax &&
    part.bytes.length <= limits.partBytes
  )
}

const equal = (a: Uint8Array, b: Uint8Array) => a.every((byte, index) => byte === b[index])

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

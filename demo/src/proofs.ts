/** Certified histories as files: written, read, checked, and forged to show that forgeries are found. */
import type { Section } from 'parsec-web'
import type { HistoryVerdict } from 'parsec-web/verify'
import { messageOf, type Session } from './session.ts'

/** Larger ones are better checked by `npx parsec-web verify`, which needs no tab to hold them. */
const fileBytesMost = 256 * 2 ** 20
/** An address of a saved file has to last until the browser has begun to save it. */
const addressLastsMs = 60_000

export type Proof =
  | { readonly kind: 'none' }
  | { readonly kind: 'checking' }
  | {
      readonly kind: 'verdict'
      readonly file: CheckedFile
      readonly verdict: HistoryVerdict
      readonly relation: Relation
    }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'unreadable'; readonly reason: string }

export interface CheckedFile {
  readonly name: string
  readonly bytes: number
  readonly isForged: boolean
}

/** How a valid history stands to the one of this tab. */
export type Relation = 'ours' | 'contradicts' | 'foreign'

export interface Proofs {
  readonly current: Proof
  /** Writes this tab's own history into a file, and checks it. */
  save(room: string): Promise<void>
  check(file: File): Promise<void>
  /** Checks the last file again, with one byte changed. */
  forge(): Promise<void>
}

export function createProofs(session: () => Session, changed: () => void): Proofs {
  let current: Proof = { kind: 'none' }
  let last: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> } | null = null
  let runs = 0

  const update = (next: Proof) => {
    current = next
    changed()
  }

  /** What is asked for later is shown, whatever ends first. */
  async function run(work: () => Promise<Proof>): Promise<void> {
    const own = ++runs
    update({ kind: 'checking' })
    const outcome = await work().catch((error: unknown): Proof => ({ kind: 'unreadable', reason: messageOf(error) }))
    if (own === runs) update(outcome)
  }

  async function verdictOn(name: string, bytes: Uint8Array, isForged: boolean): Promise<Proof> {
    const { verifyHistory } = await import('parsec-web/verify')
    const verdict = await verifyHistory(bytes)
    const file = { name, bytes: bytes.length, isForged }
    return { kind: 'verdict', file, verdict, relation: await relationOf(verdict, session().section) }
  }

  return {
    get current() {
      return current
    },
    save: (room) =>
      run(async () => {
        const bytes = new Uint8Array(await session().exportHistory())
        last = { name: `${room.replace(/[^\w-]+/g, '-')}.history`, bytes }
        offer(last.name, bytes)
        return await verdictOn(last.name, bytes, false)
      }),
    check: (file) =>
      run(async () => {
        if (file.size > fileBytesMost) return { kind: 'tooLarge' }
        last = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }
        return await verdictOn(last.name, last.bytes, false)
      }),
    forge: () =>
      run(async () => {
        if (!last) return { kind: 'none' }
        return await verdictOn(last.name, forged(last.bytes), true)
      }),
  }
}

/** A copy in which one bit of the middle byte is another. */
export function forged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  const middle = Math.floor(copy.length / 2)
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

export async function relationOf(
  verdict: HistoryVerdict,
  section: Pick<Section, 'id' | 'status' | 'readBlock'> | null,
): Promise<Relation> {
  if (!verdict.valid || verdict.sectionId !== section?.id) return 'foreign'
  if (verdict.height < 1 || verdict.height > section.status.height) return 'ours'
  const { hash } = await section.readBlock(verdict.height)
  return hash === verdict.blockHash ? 'ours' : 'contradicts'
}

function offer(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), addressLastsMs)
}

/**
 * The final document as a state machine: whoever feeds it the same updates by the same authors in the same order holds
 * the same document, whatever the updates are. May import only packages, the public API and this folder.
 */
import * as Y from 'yjs'
import type { PeerId } from '../index.ts'
import { clientIdOf, type DocumentId } from './client-id.ts'
import { limits } from './limits.ts'
import { typesNestTooDeep } from './nesting.ts'
import { decodeUpdate, encodeUpdate, referencesOf, type Struct, type Update } from './update.ts'
import { createWaitingDeletes } from './waiting-deletes.ts'

/** Why an update by a member changes nobody's final document. */
export type Refusal =
  /** No update, or beyond a bound on what one may hold. */
  | 'malformed'
  /** Content under a client id that does not belong to its author. */
  | 'foreignClient'
  /** Parts of an update out of their order, or too many. */
  | 'badParts'
  /** Too much of this author's waits for content that is not final. */
  | 'tooMuchWaiting'
  /** Shared types inside each other, deeper than anyone needs. */
  | 'tooDeep'
  /** Yjs cannot apply it; this author's updates are refused from now on. */
  | 'broken'

/** What an update by this author did: a Yjs update (version 1) was added to the document, or it is refused. */
export type Outcome =
  | { readonly author: PeerId; readonly update: Uint8Array }
  | { readonly author: PeerId; readonly refusal: Refusal }

export interface FinalDocument {
  /** Nobody else may change it. */
  readonly doc: Y.Doc
  /** What became final with this update: it, and what waited for it; nothing while it waits itself. */
  apply(author: PeerId, nonce: Uint8Array, bytes: Uint8Array): readonly Outcome[]
  /** Of the clients that wrote something final. */
  authorOf(client: number): PeerId | null
  /** The client's first clock that is not final. */
  clockOf(client: number): number
}

interface Edit extends Update {
  readonly author: PeerId
  readonly client: number
  readonly bytes: number
}

interface Waiting extends Edit {
  /** Has to be final first. */
  readonly missing: Y.ID
}

/** After so many edits the document is kept whole, to go back to when an update breaks it. */
const editsPerBase = 256

export function createFinalDocument(id: DocumentId): FinalDocument {
  const authors = new Map<number, PeerId>()
  const waiting = new Set<Waiting>()
  const waitingDeletes = createWaitingDeletes()
  const breakers = new Set<PeerId>()
  let doc = new Y.Doc()
  let base: Uint8Array | null = null
  let sinceBase: Uint8Array[] = []

  const clockOf = (client: number) => Y.getState(doc.store, client)

  /** The first struct that builds on something that is not final, and on what; null where there is none. */
  function obstacleIn({ client, structs }: Edit): { readonly index: number; readonly missing: Y.ID } | null {
    const [first] = structs
    const known = clockOf(client)
    if (first && first.id.clock > known) return { index: 0, missing: Y.createID(client, first.id.clock - 1) }
    for (const [index, struct] of structs.entries()) {
      if (struct.id.clock + struct.length <= known) continue
      const missing = referencesOf(struct).find((ref) => ref.client !== client && ref.clock >= clockOf(ref.client))
      if (missing) return { index, missing }
    }
    return null
  }

  /**
   * Adds what can be added by now; the rest waits. Authors who type at the same place build on each other's last
   * strokes, so that updates which were whole or nothing would wait for each other.
   */
  function advance(edit: Edit, waits: (rest: Waiting) => Outcome[]): Outcome[] {
    const obstacle = obstacleIn(edit)
    if (!obstacle) return [integrate(edit) ?? []].flat()
    const { index, missing } = obstacle
    const outcome = integrate({ ...edit, structs: edit.structs.slice(0, index) })
    if (outcome && 'refusal' in outcome) return [outcome]
    return [
      ...(outcome ? [outcome] : []),
      ...waits({ ...edit, structs: edit.structs.slice(index), deletes: [], missing }),
    ]
  }

  function admitToWait(edit: Waiting): Outcome[] {
    const own = [...waiting].filter(({ author }) => author === edit.author)
    const bytes = own.reduce((sum, each) => sum + each.bytes, edit.bytes)
    if (own.length >= limits.waitingUpdates || bytes > limits.waitingBytes) {
      return [{ author: edit.author, refusal: 'tooMuchWaiting' }]
    }
    waiting.add(edit)
    return []
  }

  function integrate({ author, client, structs, deletes }: Edit): Outcome | null {
    const known = clockOf(client)
    const fresh = structs.filter((struct) => struct.id.clock + struct.length > known)
    if (typesNestTooDeep(doc, fresh)) return { author, refusal: 'tooDeep' }
    const last = fresh.at(-1)
    const end = last ? last.id.clock + last.length : known
    const clockAfter = (each: number) => (each === client ? end : clockOf(each))
    const due = [...waitingDeletes.settle(author, deletes, clockAfter), ...waitingDeletes.take(client, end)]
    if (fresh.length === 0 && due.length === 0) return null
    const update = encodeUpdate({ structs: fresh, deletes: due })
    try {
      Y.applyUpdate(doc, update)
    } catch {
      // It may have been applied in part.
      doc = restored()
      breakers.add(author)
      return { author, refusal: 'broken' }
    }
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
      throw new Error('parsec-web/yjs: an update whose parts are all there was not applied whole')
    }
    if (fresh.length > 0) authors.set(client, author)
    keep(update)
    return { author, update }
  }

  function keep(update: Uint8Array): void {
    sinceBase.push(update)
    if (sinceBase.length < editsPerBase) return
    base = Y.encodeStateAsUpdate(doc)
    sinceBase = []
  }

  function restored(): Y.Doc {
    const former = new Y.Doc()
    for (const update of base ? [base, ...sinceBase] : sinceBase) Y.applyUpdate(former, update)
    return former
  }

  /** Those that can go on now, each letting others go on. */
  function integrateWaiting(): Outcome[] {
    const outcomes: Outcome[] = []
    for (let isNews = true; isNews; ) {
      isNews = false
      for (const edit of [...waiting].filter(mayGoOn)) {
        waiting.delete(edit)
        if (breakers.has(edit.author)) continue
        const advanced = advance(edit, (rest) => {
          waiting.add(rest)
          return []
        })
        outcomes.push(...advanced)
        if (advanced.length > 0) isNews = true
      }
    }
    return outcomes
  }

  /** What it waits for is there, or a later update of its author made some of it known. */
  const mayGoOn = ({ missing, client, structs: [first] }: Waiting) =>
    clockOf(missing.client) > missing.clock || (first !== undefined && clockOf(client) > first.id.clock)

  return {
    get doc() {
      return doc
    },
    apply(author, nonce, bytes) {
      if (breakers.has(author)) return [{ author, refusal: 'broken' }]
      const update = decodeUpdate(bytes)
      if (!update || !isContiguous(update.structs)) return [{ author, refusal: 'malformed' }]
      const client = clientIdOf(id, author, nonce)
      if (update.structs.some((struct) => struct.id.client !== client)) return [{ author, refusal: 'foreignClient' }]
      const edit = { ...update, author, client, bytes: bytes.length }
      const outcomes = advance(edit, admitToWait)
      return outcomes.some((outcome) => 'update' in outcome) ? [...outcomes, ...integrateWaiting()] : outcomes
    },
    authorOf: (client) => authors.get(client) ?? null,
    clockOf,
  }
}

function isContiguous(structs: readonly Struct[]): boolean {
  return structs.every((struct, index) => {
    const previous = structs[index - 1]
    return (
      !previous || previous.id.client !== struct.id.client || struct.id.clock === previous.id.clock + previous.length
    )
  })
}

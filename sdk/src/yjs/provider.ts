/** A Yjs provider whose edits become final. May import only packages, the public API and this folder. */
import { createNanoEvents } from 'nanoevents'
import * as Y from 'yjs'
import { type FinalBlock, ParsecError, type PeerId, type Section, type SectionStatus } from '../index.ts'
import { createFinalDocument, type Outcome, type Refusal } from './final-document.ts'
import { limits } from './limits.ts'
import { createLocalEdits } from './local-edits.ts'
import { createAssembly, readPart } from './transaction.ts'

export interface YjsOptions {
  /** Which document of the section: each name is another one. 1 to 64 characters. Default `default`. */
  readonly name?: string
  /** Edits are gathered for so many milliseconds, and while the ones before become final. Default 250. */
  readonly batchMs?: number
  /**
   * Milliseconds after which edits that hang on content which is not final, such as an outsider's, are submitted anew
   * beside the nearest content that is. Default 5,000.
   */
  readonly patienceMs?: number
}

/** Something that became final. */
export interface FinalEdit {
  /** Who signed it. */
  readonly author: PeerId
  readonly height: number
  /** Of the block, in milliseconds since 1970. */
  readonly timeMs: number
  /** A Yjs update (version 1). */
  readonly update: Uint8Array
}

/** An update by a member that changes nobody's final document. */
export interface RefusedEdit {
  readonly author: PeerId
  readonly height: number
  readonly code: Refusal
}

export interface YjsProviderEvents {
  edit: (edit: FinalEdit) => void
  refused: (refused: RefusedEdit) => void
  /** `settled` changed. */
  settled: (settled: boolean) => void
}

/** A run of a text by one author; null for what no provider ordered. */
export interface AuthoredText {
  readonly insert: string | object
  readonly author: PeerId | null
}

export interface YjsProvider {
  /** The live document, with the edits that are not final yet. Final ones are applied to it. */
  readonly doc: Y.Doc
  /** Exactly the final edits, in their order, the same in every tab at the same height. To be read only. */
  readonly final: Y.Doc
  /** Of the last block that `final` covers. */
  readonly height: number
  /** Whether all local edits are final. */
  readonly settled: boolean
  /** The final document as a Yjs update (version 1), byte for byte the same in every tab at the same height. */
  snapshot(): Uint8Array
  /** Whose key a Yjs client id belongs to, once it wrote something final. */
  authorOf(clientId: number): PeerId | null
  /** A text of `final`, in runs by author. */
  authorship(text: Y.Text): AuthoredText[]
  /** Submits what was gathered, at once. */
  flush(): void
  /** Returns the function that ends the subscription. */
  on<Name extends keyof YjsProviderEvents>(name: Name, listener: YjsProviderEvents[Name]): () => void
  /** Ends finality for this document. The documents and the section stay. */
  destroy(): void
}

/**
 * Makes the edits of a Yjs document final by a section. Beside another provider, such as y-webrtc's, that one brings live
 * edits at once; alone, edits arrive when they are final. Takes over the document's client id, which has to belong to
 * our key: create it before the first edit and before an `Awareness`. Throws `ParsecError` `badOptions`.
 */
export function createYjsProvider(section: Section, doc: Y.Doc, options: YjsOptions = {}): YjsProvider {
  const { name = 'default', batchMs = 250, patienceMs = 5_000 } = options
  check(doc, name, batchMs, patienceMs)
  const events = createNanoEvents<YjsProviderEvents>()
  const id = { section: section.id, name }
  const document = createFinalDocument(id)
  const assembly = createAssembly()
  const final = new Y.Doc()
  let reached = 0
  let wasSettled = true
  let wasInside = isInside(section.status.role)

  const edits = createLocalEdits({
    doc,
    id,
    me: section.me,
    batchMs,
    patienceMs,
    clockOf: document.clockOf,
    changed,
    submit(values) {
      if (!isInside(section.status.role)) return null
      try {
        return Promise.all(values.map((value) => section.submit(value).final))
      } catch (error) {
        if (error instanceof ParsecError) return null
        throw error
      }
    },
  })

  function changed(): void {
    const { settled } = edits
    if (settled === wasSettled) return
    wasSettled = settled
    events.emit('settled', settled)
  }

  function takeBlock(block: FinalBlock): void {
    const outcomes = block.transactions.flatMap(({ creator, value }) => judge(creator, value))
    const { height, timeMs } = block
    reached = height
    const added = outcomes.filter((outcome) => 'update' in outcome)
    for (const { update } of added) for (const target of [final, doc]) applyTo(target, update)
    // Last, for a listener may throw.
    for (const outcome of outcomes) {
      if ('update' in outcome) events.emit('edit', { ...outcome, height, timeMs })
      else events.emit('refused', { author: outcome.author, height, code: outcome.refusal })
    }
    changed()
  }

  function judge(author: PeerId, value: unknown): readonly Outcome[] {
    const part = readPart(name, value)
    if (part === null) return []
    const whole = part === 'malformed' ? part : assembly.add(author, part)
    if (whole === null) return []
    return typeof whole === 'string' ? [{ author, refusal: whole }] : document.apply(author, whole.nonce, whole.bytes)
  }

  function applyTo(target: Y.Doc, update: Uint8Array): void {
    try {
      Y.applyUpdate(target, update, provider)
    } catch (error) {
      // An observer of the application's, or a live document that others broke: what is final goes on.
      if (typeof reportError === 'function') reportError(error)
      else console.error(error)
    }
  }

  const hide = () => edits.flush()
  const subscriptions = [
    section.on('block', takeBlock),
    // Another section has another document, and the ids here are bound to ours.
    section.on('moved', () => provider.destroy()),
    section.on('status', ({ role }) => {
      const is = isInside(role)
      if (is && !wasInside) edits.flush()
      wasInside = is
    }),
  ]
  // Before the section's own last words.
  globalThis.addEventListener?.('pagehide', hide, { capture: true })

  const provider: YjsProvider = {
    doc,
    final,
    get height() {
      return reached
    },
    get settled() {
      return edits.settled
    },
    snapshot: () => Y.encodeStateAsUpdate(document.doc),
    authorOf: document.authorOf,
    authorship: (text) => authorship(text, document.authorOf),
    flush: edits.flush,
    on: (event, listener) => events.on(event, listener),
    destroy() {
      edits.stop()
      for (const unsubscribe of subscriptions) unsubscribe()
      globalThis.removeEventListener?.('pagehide', hide, { capture: true })
      events.events = {}
    },
  }
  return provider
}

function check(doc: Y.Doc, name: string, batchMs: number, patienceMs: number): void {
  const refuse = (what: string) => {
    throw new ParsecError('badOptions', what)
  }
  if (name.length < 1 || name.length > limits.nameLength) refuse(`name: 1 to ${limits.nameLength} characters`)
  if (!(batchMs >= 0)) refuse('batchMs: no negative number')
  if (!(patienceMs > 0)) refuse('patienceMs: a positive number')
  if (Y.getState(doc.store, doc.clientID) > 0) {
    refuse('doc: it was edited here before it had its provider, under an id that belongs to nobody')
  }
}

const isInside = (role: SectionStatus['role']) => role === 'member' || role === 'voter'

function authorship(text: Y.Text, authorOf: (client: number) => PeerId | null): AuthoredText[] {
  const runs: AuthoredText[] = []
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue
    const author = authorOf(item.id.client)
    const insert = item.content instanceof Y.ContentString ? item.content.str : item.content.getContent()[0]
    const last = runs.at(-1)
    if (typeof insert === 'string' && typeof last?.insert === 'string' && last.author === author) {
      runs[runs.length - 1] = { insert: last.insert + insert, author }
    } else {
      runs.push({ insert, author })
    }
  }
  return runs
}

/**
 * What this tab's user edits, on its way to the section: gathered, submitted, and submitted anew where it hangs on
 * content that never became final. May import only packages, the public API and this folder.
 */
import * as Y from 'yjs'
import type { PeerId } from '../index.ts'
import { clientIdOf, type DocumentId, nonceBytes } from './client-id.ts'
import { emptied, rebase } from './rebase.ts'
import { toTransactions } from './transaction.ts'
import { type Range, referencesOf, type Struct, splitUpdate } from './update.ts'

export interface LocalEditsPorts {
  readonly doc: Y.Doc
  readonly id: DocumentId
  readonly me: PeerId
  readonly batchMs: number
  readonly patienceMs: number
  /** The client's first clock that is not final. */
  clockOf(client: number): number
  /** Resolves once all of them are final. Null where nothing can be submitted now. */
  submit(values: readonly object[]): Promise<unknown> | null
  /** `settled` may have changed. */
  changed(): void
}

export interface LocalEdits {
  /** Whether all local edits are final. */
  readonly settled: boolean
  /** Submits what was gathered, at once. */
  flush(): void
  stop(): void
}

/** A client id of ours: one at a time, and another one once somebody wrote under it. */
interface OwnClient {
  readonly client: number
  readonly nonce: Uint8Array
  /** Clocks from here on are not ours. */
  end: number
  unsent: Uint8Array[]
  /** The final clock at which these edits were last submitted anew. */
  retriedAt: number | null
}

export function createLocalEdits(ports: LocalEditsPorts): LocalEdits {
  const { doc, clockOf } = ports
  let current = drawClient(ports)
  let clients = [current]
  doc.clientID = current.client
  let underway = 0
  let gathering: ReturnType<typeof setTimeout> | undefined
  let waiting: ReturnType<typeof setTimeout> | undefined
  /** What was gathered waits for what is underway only. */
  let isDue = false

  /** Whose content was missed once: nothing waits for more of it. */
  const strangers = new Set<number>()
  const missing = (structs: readonly Struct[]) =>
    structs.flatMap(referencesOf).filter(({ client, clock }) => clock >= clockOf(client))
  const isGathered = () => clients.some(({ unsent }) => unsent.length > 0)
  const isBehind = () => clients.some(({ client, end }) => clockOf(client) < end)

  function observe(update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void {
    const isOurs = transaction.local && (transaction.afterState.get(current.client) ?? 0) >= current.end
    if (isOurs) {
      current.end = transaction.afterState.get(current.client) ?? 0
      current.unsent.push(update)
      gathering ??= setTimeout(gathered, ports.batchMs)
    }
    // Yjs gives up an id under which somebody else wrote: never ours, so it was forged.
    if (doc.clientID !== current.client) {
      current = drawClient(ports)
      clients = [...clients.filter(({ client, end, unsent }) => unsent.length > 0 || clockOf(client) < end), current]
      doc.clientID = current.client
    }
    if (isOurs) ports.changed()
  }

  function gathered(): void {
    if (underway === 0) flush()
    else isDue = true
  }

  function retryLater(): void {
    clearTimeout(waiting)
    waiting = setTimeout(retry, ports.patienceMs)
  }

  function send(own: OwnClient, updates: readonly Uint8Array[], onFailure: () => void): void {
    const final = ports.submit(updates.flatMap((update) => toTransactions(ports.id.name, own.nonce, update)))
    if (!final) return onFailure()
    underway++
    final.catch(onFailure).finally(() => {
      underway--
      if (underway > 0) return
      if (isDue) flush()
      else if (isBehind()) retryLater()
      ports.changed()
    })
  }

  function flush(): void {
    clearTimeout(gathering)
    gathering = undefined
    isDue = false
    for (const own of clients) {
      const { unsent } = own
      if (unsent.length === 0) continue
      own.unsent = []
      const { structs, ds } = Y.decodeUpdate(Y.mergeUpdates(unsent))
      const deletes = [...ds.clients].flatMap(([client, ranges]) =>
        ranges.map(({ clock, len }) => ({ client, start: clock, end: clock + len })),
      )
      const ours = structs.filter((struct) => isOf(struct, own))
      const [range, isStrange] = [rangeOf(ours), missing(ours).some(({ client }) => strangers.has(client))]
      const update = range && isStrange ? rebase(doc, range, clockOf) : { structs: ours, deletes: [] }
      send(own, splitUpdate({ structs: update.structs, deletes: [...update.deletes, ...deletes] }), () => {
        own.unsent.unshift(...unsent)
      })
    }
  }

  function retry(): void {
    if (underway > 0 || isGathered()) return
    for (const own of clients) {
      const start = clockOf(own.client)
      if (start >= own.end) continue
      const range = { client: own.client, start, end: own.end }
      const { structs, deletes } = rebase(doc, range, clockOf)
      const live = (doc.store.clients.get(own.client) ?? []).filter(({ id }) => id.clock < own.end)
      for (const { client } of missing(live)) if (!clients.some((each) => each.client === client)) strangers.add(client)
      // What others hold against it cannot be known: if they refused it as it is, its first struct is left out.
      const [first, ...rest] = structs
      const updates =
        first && own.retriedAt === start
          ? [
              { structs: [emptied(first)], deletes: [] },
              { structs: rest, deletes },
            ]
          : [{ structs, deletes }]
      own.retriedAt = start
      send(own, updates.flatMap(splitUpdate), () => {
        own.retriedAt = null
        retryLater()
      })
    }
  }

  doc.on('update', observe)

  return {
    get settled() {
      return underway === 0 && !isGathered() && !isBehind()
    },
    flush,
    stop() {
      clearTimeout(gathering)
      clearTimeout(waiting)
      doc.off('update', observe)
    },
  }
}

function isOf(struct: Y.AbstractStruct, { client }: OwnClient): struct is Struct {
  return struct.id.client === client && !(struct instanceof Y.Skip)
}

function rangeOf(structs: readonly Struct[]): Range | null {
  const [first, last] = [structs[0], structs.at(-1)]
  if (!first || !last) return null
  return { client: first.id.client, start: first.id.clock, end: last.id.clock + last.length }
}

function drawClient({ doc, id, me }: LocalEditsPorts): OwnClient {
  for (;;) {
    const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
    const client = clientIdOf(id, me, nonce)
    if (Y.getState(doc.store, client) === 0) return { client, nonce, end: 0, unsent: [], retriedAt: null }
  }
}

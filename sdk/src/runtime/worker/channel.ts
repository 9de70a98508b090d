/**
 * Notices and requests between two threads, over a worker or a message port. Everything said in one turn of the event
 * loop travels as one message, in the order in which it was said, requests and answers included.
 */
import { type Deferred, deferred } from '../deferred.ts'
import { ParsecError } from '../errors.ts'
import { errorOf, type ToldError, toldError } from '../news.ts'

/** A worker, its global scope, or a `MessagePort`. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  /** Only ports have to be started. */
  start?(): void
}

/** Requests by name. */
export type Requests = Readonly<Record<string, { readonly argument: unknown; readonly answer: unknown }>>

/** How one side answers what the other one asks. */
export type Answers<Asked extends Requests> = {
  readonly [Name in keyof Asked]: (argument: Asked[Name]['argument']) => Promise<Asked[Name]['answer']>
}

export interface Channel<Notice, Asks extends Requests> {
  tell(notice: Notice, transfer?: readonly Transferable[]): void
  /** Travels in front of whatever is told or asked next, and never by itself: a message between threads is not free. */
  tellBeforeNext(notice: Notice): void
  /** Rejects with the other side's `ParsecError`, and once the channel is closed with that reason. */
  ask<Name extends keyof Asks & string>(name: Name, argument: Asks[Name]['argument']): Promise<Asks[Name]['answer']>
  /** Rejects what was asked and not answered; nothing more is said or heard. */
  close(reason: ParsecError): void
}

/** What travels. The other side is ours: only its types are relied on. */
type Item =
  | { readonly notice: unknown }
  | { readonly ask: string; readonly id: number; readonly argument: unknown }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: ToldError }

export interface ChannelOptions<Heard, Asked extends Requests> {
  readonly endpoint: Endpoint
  readonly hear: (notice: Heard) => void
  readonly answers: Answers<Asked>
}

export function createChannel<Notice, Heard, Asks extends Requests, Asked extends Requests>({
  endpoint,
  hear,
  answers,
}: ChannelOptions<Heard, Asked>): Channel<Notice, Asks> {
  const open = new Map<number, Deferred<unknown>>()
  let asked = 0
  let queue: Item[] = []
  let transfers: Transferable[] = []
  let isFlushing = false
  let closed: ParsecError | null = null

  function say(item: Item, transfer: readonly Transferable[] = []): void {
    if (closed) return
    if (!isFlushing) queueMicrotask(flush)
    isFlushing = true
    queue.push(item)
    transfers.push(...transfer)
  }

  function flush(): void {
    const [items, moved] = [queue, transfers]
    queue = []
    transfers = []
    isFlushing = false
    if (!closed) endpoint.postMessage(items, moved)
  }

  async function answer(id: number, name: string, argument: unknown): Promise<void> {
    try {
      say({ id, answer: await (answers[name] as (argument: unknown) => Promise<unknown>)(argument) })
    } catch (cause) {
      const error = cause instanceof ParsecError ? cause : new ParsecError('stopped', String(cause))
      say({ id, error: toldError(error) })
    }
  }

  function take(item: Item): void {
    if ('notice' in item) return hear(item.notice as Heard)
    if ('ask' in item) return void answer(item.id, item.ask, item.argument)
    const waiting = open.get(item.id)
    open.delete(item.id)
    if ('error' in item) waiting?.reject(errorOf(item.error))
    else waiting?.resolve(item.answer)
  }

  endpoint.addEventListener('message', ({ data }) => {
    for (const item of data as readonly Item[]) if (!closed) take(item)
  })
  endpoint.start?.()

  return {
    tell: (notice, transfer) => say({ notice }, transfer),
    tellBeforeNext: (notice) => void queue.push({ notice }),
    ask(name, argument) {
      const waiting = deferred<unknown>()
      if (closed) waiting.reject(closed)
      const id = asked++
      open.set(id, waiting)
      say({ ask: name, id, argument })
      return waiting.promise as Promise<Asks[typeof name]['answer']>
    },
    close(reason) {
      closed ??= reason
      for (const waiting of open.values()) waiting.reject(reason)
      open.clear()
    },
  }
}

/** The bytes in a buffer that they fill, so that it can be handed over without taking anything else along. */
export function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isWhole = bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice()
}

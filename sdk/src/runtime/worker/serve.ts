/** The worker's side: opens the host of one section and does what the page asks. */
import type { PeerId } from '../../core/gossip/event.ts'
import type { Identity, Verifier } from '../../crypto/index.ts'
import type { TransportHandlers } from '../../transport/port.ts'
import { ParsecError } from '../errors.ts'
import type { ToldBlock } from '../final-block.ts'
import { lastWordsName, type SynchronousStorage } from '../last-words.ts'
import type { News, SectionHost, Submitted } from '../news.ts'
import { type Lent, openOwnHost } from '../opening.ts'
import { buffersOf, unpackBytes } from '../packed.ts'
import { type BorrowedTransport, createBorrowedTransport } from './borrowed-transport.ts'
import { type Channel, createChannel, type Endpoint } from './channel.ts'
import { createPrompter } from './prompter.ts'
import type { AskedOfPage, AskedOfWorker, ToPage, ToWorker, WorkerOptions } from './protocol.ts'

type Page = Channel<ToPage, AskedOfPage>

export function serve(endpoint: Endpoint): void {
  let host: SectionHost | null = null
  // The page stood down and woke while the host was being opened.
  let resumeWith: readonly Submitted[] | null = null
  let transport: BorrowedTransport | null = null
  let lastWords: LentWords | null = null
  let keys: { readonly identity: Identity; readonly verifier: Verifier } | null = null

  const page: Page = createChannel<ToPage, ToWorker, AskedOfPage, AskedOfWorker>({
    endpoint,
    hear(notice) {
      switch (notice.kind) {
        case 'network':
          return transport?.onEvent(notice.event)
        case 'call':
          return void call(notice.method, notice.parameters)
        case 'submit':
          return host?.submit(submittedOf(notice))
        case 'resume':
          lastWords?.replace(notice.lastWords)
          if (host) host.resume(notice.open)
          else resumeWith = notice.open
          return
      }
    },
    answers: {
      async open(options) {
        const begin = (me: PeerId) => {
          page.tell({ kind: 'identity', me })
          return (news: News) => {
            page.tell({ kind: 'news', news }, news.kind === 'blocks' ? buffersIn(news.blocks) : [])
            if (news.kind === 'status') prompter.onStatus(news.id, news.status)
            if (news.kind === 'resumed') prompter.startAnew()
          }
        }
        const policies = { admission: admissionOf(options, page), mayVote: mayVoteOf(options, page) }
        host = await openOwnHost(lentBy(options.room), { ...options, ...policies }, begin)
        if (resumeWith) host.resume(resumeWith)
        return null
      },
      call: async ({ method, parameters }) => await call(method, parameters),
      sign: async (bytes) => await known().identity.sign(bytes),
      verify: async ({ peer, signature, message }) => await known().verifier.verify(peer, signature, message),
    },
  })

  const prompter = createPrompter(page)

  function call(method: keyof SectionHost, parameters: readonly unknown[]): unknown {
    if (!host) throw new ParsecError('closed', 'the section is not open')
    return (host[method] as (...parameters: readonly unknown[]) => unknown)(...parameters)
  }

  function known() {
    if (!keys) throw new ParsecError('closed', 'the section is not open')
    return keys
  }

  function connect(handlers: TransportHandlers): BorrowedTransport {
    transport = createBorrowedTransport({
      handlers,
      tell: page.tell,
      closeTransport: () => page.ask('closeTransport', null),
    })
    page.tell({ kind: 'connect' })
    return transport
  }

  function lentBy(room: string): Lent {
    return {
      storage: null,
      connect(lentKeys, handlers) {
        keys = lentKeys
        return connect(handlers)
      },
      watchStore: prompter.watchStore,
      async lastWords(identity) {
        const lent = await pageStorage(page, lastWordsName(room, identity.peer))
        lastWords = lent
        return () => lent.storage
      },
    }
  }
}

const buffersIn = (blocks: readonly ToldBlock[]) => blocks.flatMap(({ transactions }) => buffersOf(transactions))

function submittedOf({ ids, transactions, draws }: Extract<ToWorker, { kind: 'submit' }>): Submitted[] {
  return unpackBytes(transactions).map((bytes, i) => ({ id: ids[i] as string, bytes, draw: draws[i] as boolean }))
}

interface LentWords {
  readonly storage: SynchronousStorage
  /** The page has written since. */
  replace(kept: string | null): void
}

/** What the page kept while it was being closed. Nothing is kept from here: no write to it could be waited for. */
async function pageStorage(page: Page, name: string): Promise<LentWords> {
  let kept = await page.ask('lastWords', name)
  const storage: SynchronousStorage = {
    getItem: (asked) => (asked === name ? kept : null),
    setItem() {
      throw new Error('a worker has no synchronous storage')
    },
    removeItem() {
      kept = null
      page.tell({ kind: 'clearLastWords', name })
    },
  }
  return {
    storage,
    replace: (now) => {
      kept = now
    },
  }
}

function admissionOf({ admission }: WorkerOptions, page: Page) {
  return admission === 'ask' ? (peer: PeerId) => page.ask('admits', peer) : admission
}

function mayVoteOf({ mayVote }: WorkerOptions, page: Page) {
  return mayVote === 'ask' ? (peer: PeerId) => page.ask('mayVote', peer) : null
}

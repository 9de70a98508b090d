/** The page's side: starts a worker, lends it what only pages have, and puts its host into the section's hands. */
import type { PeerId } from '../../core/gossip/event.ts'
import type { Transport, TransportDiagnostics, TransportHandlers } from '../../transport/port.ts'
import { deferred } from '../deferred.ts'
import { ParsecError } from '../errors.ts'
import type { SynchronousStorage } from '../last-words.ts'
import { type News, type SectionHost, toldError } from '../news.ts'
import { ownClock, toParsecError, type Wishes } from '../opening.ts'
import type { OpenHost } from '../session.ts'
import { type Channel, createChannel, type Endpoint } from './channel.ts'
import { lendTransport } from './lent-transport.ts'
import {
  type AskedOfPage,
  type AskedOfWorker,
  type HostCommand,
  type HostQuestion,
  READY,
  type ToPage,
  type ToWorker,
  type WorkerOptions,
} from './protocol.ts'
import { createUnderstudy, type Understudy } from './understudy.ts'

/** How long a worker may take to load. */
const START_TIMEOUT_MS = 10_000

/** No worker can run a section here; the message says why. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError'
}

/** Rejects with `NoWorkerError` when the script does not start. */
export async function startWorker(create: () => Worker): Promise<Worker> {
  const started = deferred<void>()
  let worker: Worker
  try {
    worker = create()
  } catch (error) {
    throw new NoWorkerError(error instanceof Error ? error.message : String(error))
  }
  const onMessage = ({ data }: MessageEvent) => {
    if (data === READY) started.resolve()
  }
  const onError = (event: ErrorEvent) => {
    event.preventDefault()
    started.reject(new NoWorkerError(event.message || 'its script could not be loaded'))
  }
  const timer = setTimeout(
    () => started.reject(new NoWorkerError('its script did not start in time')),
    START_TIMEOUT_MS,
  )
  worker.addEventListener('message', onMessage)
  worker.addEventListener('error', onError)
  try {
    await started.promise
    return worker
  } catch (error) {
    worker.terminate()
    throw error
  } finally {
    clearTimeout(timer)
    worker.removeEventListener('message', onMessage)
    worker.removeEventListener('error', onError)
  }
}

/** `new URL` is written out so that bundlers find the worker and bundle it. */
export const createSectionWorker = (): Worker =>
  new Worker(new URL('./section.worker.js', import.meta.url), { type: 'module', name: 'parsec-web' })

export interface RemoteOptions {
  readonly endpoint: Endpoint
  readonly wishes: Wishes
  readonly connect: (
    keys: {
      readonly peer: PeerId
      readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
      readonly verify: (peer: PeerId, signature: Uint8Array, message: Uint8Array) => Promise<boolean>
    },
    handlers: TransportHandlers,
  ) => Transport
  readonly lastWords: () => SynchronousStorage
  /** The section is over: nothing is asked of the other thread any more. */
  readonly done: () => void
}

export interface Remote {
  readonly open: OpenHost
  diagnostics(): TransportDiagnostics
  /** The other thread is gone, or in no state to go on. */
  fail(reason: string): void
}

export function createRemote({ endpoint, wishes, connect, lastWords, done }: RemoteOptions): Remote {
  const failed = deferred<never>()
  let tellFront: (news: News) => void = () => {}
  let begin: Parameters<OpenHost>[0] = () => tellFront
  let me: PeerId = ''
  let hasFailed = false
  let understudy: Understudy | null = null
  let hasSpoken = false
  let finishing: Promise<void> | null = null

  const worker: Channel<ToWorker, AskedOfWorker> = createChannel<ToWorker, ToPage, AskedOfWorker, AskedOfPage>({
    endpoint,
    hear,
    answers: {
      async closeTransport() {
        await lent.close()
        return null
      },
      admits: async (peer) => typeof wishes.admission === 'function' && (await wishes.admission(peer)) === true,
      mayVote: async (peer) => (await wishes.mayVote?.(peer)) === true,
      lastWords: async (name) => fromStorage((storage) => storage.getItem(name), null),
    },
  })

  const lent = lendTransport({
    connect: (handlers) =>
      connect(
        {
          peer: me,
          sign: (bytes) => worker.ask('sign', bytes),
          verify: (peer, signature, message) => worker.ask('verify', { peer, signature, message }),
        },
        handlers,
      ),
    tell: (event, transfer) => worker.tell({ kind: 'network', event }, transfer),
  })

  function hear(notice: ToPage): void {
    // What was said instead stands.
    if (hasSpoken && notice.kind === 'send') return
    switch (notice.kind) {
      case 'identity':
        me = notice.me
        tellFront = begin(me)
        return
      case 'news':
        return tellFront(notice.news)
      case 'standBy':
        understudy = createUnderstudy({
          ...{ key: notice.key, genesis: notice.genesis, room: wishes.room, lastWords, nowMs: ownClock },
          peers: lent.peers,
          send: lent.send,
        })
        return
      case 'follow':
        return understudy?.follow(notice.events)
      case 'followed':
        return understudy?.followed()
      case 'dismiss':
        understudy = null
        return
      case 'clearLastWords':
        return fromStorage((storage) => storage.removeItem(notice.name), undefined)
      default:
        try {
          lent.onNotice(notice)
        } catch (error) {
          failed.reject(toParsecError(error))
        }
    }
  }

  /** Platforms refuse it by throwing. */
  function fromStorage<T>(use: (storage: SynchronousStorage) => T, otherwise: T): T {
    try {
      return use(lastWords())
    } catch {
      return otherwise
    }
  }

  function fail(reason: string): void {
    hasFailed = true
    const error = new ParsecError('stopped', reason)
    worker.close(error)
    void lent.close()
    failed.reject(error)
    tellFront({ kind: 'ended', error: toldError(error) })
    tellFront({ kind: 'notJoined', error: toldError(error) })
    tellFront({ kind: 'alarm', reason })
  }

  function end(): void {
    worker.close(new ParsecError('closed', 'the section was left or closed'))
    done()
  }

  function finish(method: 'leave' | 'close'): Promise<void> {
    finishing ??= (hasFailed ? Promise.resolve() : question(method)()).finally(end)
    return finishing
  }

  const question =
    <Name extends HostQuestion>(method: Name) =>
    (...parameters: Parameters<SectionHost[Name]>) =>
      worker.ask('call', { method, parameters }) as ReturnType<SectionHost[Name]>
  const command =
    <Name extends HostCommand>(method: Name) =>
    (...parameters: Parameters<SectionHost[Name]>) =>
      worker.tell({ kind: 'call', method, parameters })

  /** What the worker says after this would not be sent any more, and could contradict what the page says. */
  function standDown(how: 'closed' | 'frozen'): void {
    if (how === 'closed' && understudy?.speak()) hasSpoken = true
    else command('standDown')(how)
  }

  function wake(): void {
    if (hasSpoken) fail('this page was put away, handed over its vote, and was taken out again: it has to be reloaded')
    else command('wake')()
  }

  const host: SectionHost = {
    submit: command('submit'),
    standDown,
    wake,
    randomness: question('randomness'),
    certificate: question('certificate'),
    exportHistory: question('exportHistory'),
    exportEvents: question('exportEvents'),
    reform: question('reform'),
    follow: question('follow'),
    invitation: question('invitation'),
    leave: () => finish('leave'),
    close: () => finish('close'),
  }

  return {
    async open(beginFront) {
      begin = beginFront
      try {
        await Promise.race([worker.ask('open', optionsOf(wishes)), failed.promise])
      } catch (error) {
        await lent.close()
        end()
        throw error
      }
      return host
    },
    diagnostics: () => lent.diagnostics(),
    fail,
  }
}

function optionsOf({ admission, mayVote, ...plain }: Wishes): WorkerOptions {
  return {
    ...plain,
    admission: typeof admission === 'function' ? 'ask' : admission,
    mayVote: mayVote === null ? 'everybody' : 'ask',
  }
}

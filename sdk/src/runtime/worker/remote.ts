/** The page's side: starts a worker, lends it what only pages have, and puts its host into the section's hands. */
import type { Hash, PeerId } from '../../core/gossip/event.ts'
import type { Transport, TransportDiagnostics, TransportHandlers } from '../../transport/port.ts'
import { encodeMessage, frameMessage } from '../../wire/index.ts'
import { deferred } from '../deferred.ts'
import { ParsecError } from '../errors.ts'
import { idsBy } from '../final-block.ts'
import { createLastWords, lastWordsName, type SynchronousStorage } from '../last-words.ts'
import { type News, type SectionHost, type Submitted, toldError } from '../news.ts'
import { ownClock, toParsecError, type Wishes } from '../opening.ts'
import { buffersOf, packBytes } from '../packed.ts'
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
  let sectionId: Hash = ''
  // The last own event that the worker was about to have sent.
  let ownTip: Uint8Array | null = null
  // Submitted, and in no block that the front was told of.
  const open = new Map<string, Submitted>()
  let isDown = false
  // The worker was told to start anew, and has not yet.
  let resuming = 0
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

  /** From the moment in which this page stood down until its worker knows what was said then, nothing of the worker's counts. */
  const isDeaf = () => isDown || resuming > 0

  function hear(notice: ToPage): void {
    switch (notice.kind) {
      case 'identity':
        me = notice.me
        ownTip = null
        sectionId = ''
        tellFront = begin(me)
        return
      case 'news':
        return hearNews(notice.news)
      case 'reach':
        ownTip = notice.ownTip.length > 0 ? notice.ownTip : null
        return
      case 'standBy':
        understudy = createUnderstudy({
          ...{ key: notice.key, genesis: notice.genesis, words: words(), nowMs: ownClock },
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

  function hearNews(news: News): void {
    if (news.kind === 'status') sectionId = news.id
    if (news.kind === 'resumed') {
      resuming--
      lent.setMute(isDeaf())
    }
    // A block that only the worker knows of may be none once it starts anew.
    if (news.kind === 'blocks' && isDeaf()) return
    if (news.kind === 'blocks') for (const block of news.blocks) for (const id of idsBy(block, me)) open.delete(id)
    if (news.kind === 'moved' || news.kind === 'ended') open.clear()
    tellFront(news)
  }

  const words = () => createLastWords(lastWords, wishes.room, me)

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

  /**
   * The worker may not run again, or not be heard: what it says from now on is not sent. What it stores is, unless the
   * understudy has said something else, whenever the section starts anew.
   */
  function standDown(how: 'closed' | 'frozen'): void {
    if (!isDeaf()) {
      if (sectionId !== '' && ownTip !== null) words().keepReach(sectionId, ownTip)
      understudy?.speak()
      understudy = null
    }
    isDown = true
    lent.setMute(true)
    if (how === 'frozen') for (const peer of lent.peers()) sayAsleep(peer)
  }

  function sayAsleep(peer: PeerId): void {
    for (const frame of frameMessage(encodeMessage({ kind: 'presence', asleep: true }))) lent.send(peer, frame)
  }

  function wake(): void {
    if (!isDeaf()) return command('wake')()
    if (!isDown) return
    isDown = false
    resuming++
    const name = lastWordsName(wishes.room, me)
    const kept = fromStorage((storage) => storage.getItem(name), null)
    worker.tell({ kind: 'resume', lastWords: kept, open: [...open.values()] })
  }

  const host: SectionHost = {
    submit(submissions) {
      for (const submitted of submissions) open.set(submitted.id, submitted)
      const transactions = packBytes(submissions.map(({ bytes }) => bytes))
      const [ids, draws] = [submissions.map(({ id }) => id), submissions.map(({ draw }) => draw)]
      worker.tell({ kind: 'submit', ids, transactions, draws }, buffersOf(transactions))
    },
    standDown,
    wake,
    resume: command('resume'),
    readBlocks: question('readBlocks'),
    randomness: question('randomness'),
    certificate: question('certificate'),
    exportHistory: question('exportHistory'),
    exportEvents: question('exportEvents'),
    inspect: command('inspect'),
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

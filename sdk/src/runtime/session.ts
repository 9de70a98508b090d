/** One tab in one section, as its application sees it: commands to the host that runs the section, and its news. */
import { createNanoEvents } from 'nanoevents'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { PeerDiagnostics, Transport, TransportDiagnostics } from '../transport/port.ts'
import { deferred } from './deferred.ts'
import { createRejectionLog, findingsOf } from './doctor.ts'
import { ParsecError } from './errors.ts'
import { createHistory, MAX_PENDING, MAX_PENDING_BYTES } from './history.ts'
import { type HostOptions, openHost } from './host.ts'
import type { Inspection } from './inspection/feed.ts'
import { errorOf, type HostFigures, type News, type SectionHost, type Submitted } from './news.ts'
import { ownPage, watchPage } from './page-life.ts'
import { joiningStatus, keepingOf } from './status.ts'
import type { Diagnostics, Member, Receipt, Section, SectionEvents, SectionStatus, SubmitOptions } from './types.ts'
import { createIdentifier, createNonces, encodeTransaction } from './value.ts'

export interface Session {
  readonly section: Section
  /** Resolves once we are a member. */
  readonly joined: Promise<void>
}

export type SessionOptions = HostOptions

/** The section runs in this thread. Rejects with `StoreError` where what is stored cannot be read. */
export async function openSession(options: SessionOptions): Promise<Session> {
  let transport: Transport | null = null
  const connect: HostOptions['connect'] = (handlers) => {
    transport = options.connect(handlers)
    return transport
  }
  const open: OpenHost = (begin) => openHost({ ...options, connect }, begin(options.identity.peer))
  return await openInFront(open, { ...options, transport: () => transport?.diagnostics() ?? offline })
}

/** Opens a host. `begin` is told its identity, again should it start anew with another, and answers with whom to tell. */
export type OpenHost = (begin: (me: PeerId) => (news: News) => void) => Promise<SectionHost>

export interface InFrontOptions extends Omit<FrontOptions, 'me'> {
  readonly transport: () => TransportDiagnostics
  /** Default: the section runs here, as it was asked for. */
  readonly thread?: Diagnostics['thread']
}

/** Opens a host, wherever it runs, and the section in front of it. Rejects as the host does. */
export async function openInFront(open: OpenHost, options: InFrontOptions): Promise<Session> {
  let front: Front | null = null
  let host: SectionHost | null = null
  // Before the transport, which hangs up on `pagehide`: a window calls its listeners in the order of their coming.
  const stopWatching = watchPage(ownPage(), {
    standDown: (how) => host?.standDown(how),
    wake: () => host?.wake(),
  })
  try {
    const opened = await open((me) => {
      front = createFront({ ...options, me })
      return front.hear
    })
    host = {
      ...opened,
      leave: () => opened.leave().finally(stopWatching),
      close: () => opened.close().finally(stopWatching),
    }
    return ((front as Front | null) ?? noIdentity()).open(host, () => ({
      transport: options.transport(),
      thread: options.thread ?? { worker: false, reason: null },
    }))
  } catch (error) {
    stopWatching()
    throw error
  }
}

function noIdentity(): never {
  throw new Error('a host was opened without an identity')
}

/** A transport knows of the links of its neighbours, a section also of those behind them. */
function withRelays(transport: TransportDiagnostics, members: readonly Member[]): TransportDiagnostics {
  const online = new Set(members.flatMap(({ peer, online }) => (online ? peer : [])))
  const isRelayed = ({ peer, path }: PeerDiagnostics) => path === 'none' && online.has(peer)
  const peers = transport.peers.map((peer) => (isRelayed(peer) ? { ...peer, path: 'neighbours' as const } : peer))
  return { ...transport, peers }
}

const tooManyPending = `at most ${MAX_PENDING} own transactions, and ${MAX_PENDING_BYTES >> 20} MiB of them, may wait to become final`

export const offline: TransportDiagnostics = { peers: [], signaling: [], refusals: {} }

export interface FrontOptions {
  readonly me: PeerId
  readonly nowMs: () => number
  readonly random: (length: number) => Uint8Array
}

export interface Front {
  /** Takes news in the order in which the host tells them. */
  hear(news: News): void
  open(host: SectionHost, around: () => Pick<Diagnostics, 'transport' | 'thread'>): Session
}

export function createFront({ me, nowMs, random }: FrontOptions): Front {
  const events = createNanoEvents<SectionEvents>()
  let opened: SectionHost | null = null
  const history = createHistory({
    self: me,
    nowMs,
    // Which section that is was told before its first block.
    readBack: (from, to) => (opened as SectionHost).readBlocks(id, from, to),
  })
  const joining = deferred<void>()
  const inspectors = new Map<symbol, (inspection: Inspection) => void>()
  let id: Hash = ''
  // Of storage nothing is known yet.
  let status = joiningStatus('looking for the section in this room', keepingOf(true, null))
  let lastMembers = ''
  const rejections = createRejectionLog()
  let figures: HostFigures = {
    refused: {},
    malice: [],
    events: 0,
    waiting: 0,
    coin: { epoch: null, flips: 0 },
    storage: { persistent: false, reason: null, keys: null },
    conflicts: [],
  }
  const identify = createIdentifier(me)
  const nextNonce = createNonces(random)
  // Submitted in this turn, and handed on together at its end.
  let queued: Submitted[] = []
  let ended: ParsecError | null = null
  let isClosing = false

  function hear(news: News): void {
    switch (news.kind) {
      case 'status':
        return onStatus(news.id, news.status)
      case 'figures':
        figures = news.figures
        return
      case 'blocks':
        for (const block of news.blocks) if (block.height > history.height) history.append(block)
        return
      case 'yielded':
        return history.restart()
      case 'moved':
        history.moveOn(new ParsecError('superseded', `section ${news.from} ended before this was final`))
        return events.emit('moved', { from: news.from, to: news.to, height: news.height })
      case 'resumed':
        return
      case 'joined':
        return joining.resolve()
      case 'notJoined':
        return joining.reject(errorOf(news.error))
      case 'ended':
        ended ??= errorOf(news.error)
        return history.end(ended)
      case 'rejection':
        rejections.note(news.reason, news.peer)
        return events.emit('rejection', { reason: news.reason, peer: news.peer })
      case 'malice':
        return events.emit('malice', news.malice)
      case 'conflict':
      case 'successor':
        return events.emit(news.kind, news.sectionId)
      case 'alarm':
        return events.emit('alarm', news.reason)
      case 'inspection':
        for (const listener of inspectors.values()) listener(news.inspection)
        return
    }
  }

  function onStatus(newId: Hash, now: SectionStatus): void {
    id = newId
    status = now
    events.emit('status', now)
    const members = JSON.stringify(now.members)
    if (members === lastMembers) return
    lastMembers = members
    events.emit('members', now.members)
  }

  /** Whoever comes later makes all begin anew: the host keeps nothing for those who are not there yet. */
  function inspect(host: SectionHost, listener: (inspection: Inspection) => void): () => void {
    const subscription = Symbol('inspection')
    inspectors.set(subscription, listener)
    host.inspect(true)
    return () => {
      if (inspectors.delete(subscription) && inspectors.size === 0) host.inspect(false)
    }
  }

  function submit(host: SectionHost, value: unknown, { draw = false }: SubmitOptions = {}): Receipt {
    if (ended) throw new ParsecError(ended.code, ended.message, { reason: ended.reason })
    if (isClosing) throw new ParsecError('closed', 'the section was left or closed')
    if (history.isFull) throw new ParsecError('tooManyPending', tooManyPending)
    const transaction = encodeTransaction(identify, nextNonce(), value)
    const receipt = history.open(transaction)
    if (queued.length === 0) queueMicrotask(() => handOn(host))
    queued.push({ ...transaction, draw })
    return receipt
  }

  function handOn(host: SectionHost): void {
    if (queued.length === 0) return
    const submissions = queued
    queued = []
    host.submit(submissions)
  }

  function open(host: SectionHost, around: () => Pick<Diagnostics, 'transport' | 'thread'>): Session {
    opened = host
    const closing = (act: () => Promise<void>) => () => {
      isClosing = true
      handOn(host)
      return act()
    }
    const section: Section = {
      me,
      get id() {
        return id
      },
      get status() {
        return status
      },
      on: (name, listener) =>
        name === 'block' ? history.follow(listener as SectionEvents['block']) : events.on(name, listener),
      submit: (value, options) => submit(host, value, options),
      blocks: (from = 1) => history.iterate(from),
      block: (height) => history.block(height),
      readBlock: (height) => history.read(height),
      certificate: (height) => host.certificate(height),
      exportHistory: () => host.exportHistory(),
      exportEvents: () => host.exportEvents(),
      inspect: (listener) => inspect(host, listener),
      reform: () => host.reform(),
      follow: (sectionId) => host.follow(sectionId),
      randomness: (height) => host.randomness(height),
      invitation: (terms = {}) => host.invitation(terms),
      diagnostics: () => {
        const { thread, ...seen } = around()
        const transport = withRelays(seen.transport, status.members)
        return { ...figures, transport, thread, findings: findingsOf({ transport, rejections: rejections.byPeer }) }
      },
      leave: closing(() => host.leave()),
      close: closing(() => host.close()),
    }
    return { section, joined: joining.promise }
  }

  return { hear, open }
}

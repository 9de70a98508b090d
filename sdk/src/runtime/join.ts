/** `joinSection`: checks what the caller asks for, opens the section here or in a worker, and waits for membership. */
import type { Transport, TransportHandlers } from '../transport/port.ts'
import type { BroadcastChannelConstructor } from '../transport/signaling/browser-path.ts'
import { createIceSource } from '../transport/signaling/ice.ts'
import { createWebRtcTransport, type WebRtcTransportOptions } from '../transport/webrtc/transport.ts'
import { deferred } from './deferred.ts'
import { ParsecError } from './errors.ts'
import { type ReadInvitation, readInvitation } from './invitation.ts'
import { type Lent, openOwnHost, ownClock, ownRandom, type Wishes } from './opening.ts'
import type { Platform } from './platform.ts'
import { offline, openInFront, type Session } from './session.ts'
import { createTabMemory, type TabMemory } from './tab-memory.ts'
import type { JoinOptions, Section } from './types.ts'
import { createRemote, createSectionWorker, NoWorkerError, startWorker } from './worker/remote.ts'

const DEFAULT_MAX_VOTERS = 13
const LARGEST_SECTION = 64
/** How long to look for a signaling server, and for the section that an invitation names. */
const SEARCH_PATIENCE_MS = 15_000

/**
 * Joins the section that it finds in the room, or founds one when nobody is there; resolves once this tab is a member.
 * Rejects with `ParsecError`: `badOptions`, `unsupported`, `aborted`, `signalingUnreachable`, `badInvitation`,
 * `sectionNotFound`, `notAdmitted`, `wrongPassword`, `storage`, `stopped`.
 */
export async function joinSection(options: JoinOptions): Promise<Section> {
  return await joinSectionOn({}, options)
}

/**
 * `joinSection` on what a platform other than a browser lends. Where it lends storage, an identity that cannot be kept
 * there is a `storage` error, and the storage is closed with the section, or when joining fails.
 */
export async function joinSectionOn(platform: Platform, options: JoinOptions): Promise<Section> {
  let session: Session
  let invitation: ReadInvitation | null = null
  try {
    check(options, tabsOf(platform) !== undefined)
    if (options.invitation !== undefined) invitation = readInvitation(options.invitation)
    // Lent storage is a program's, which is no tab.
    const tab = platform.storage ? null : createTabMemory(() => globalThis.sessionStorage, options.room)
    session = await openAnywhere(platform, options, wishesOf(options, invitation, tab))
    if (session.section.status.storage === 'durable') tab?.keep(session.section.me)
  } catch (error) {
    await platform.storage?.close()
    throw error
  }
  await patience(session, options, invitation !== null)
  return session.section
}

/** `meetsTabs`: without a server, too, there is somebody to be met. */
function check({ room, signaling, maxVoters = 1, forgetAfterMs = 1, signal }: JoinOptions, meetsTabs: boolean): void {
  if (typeof room !== 'string' || room.length === 0) throw new ParsecError('badOptions', 'room: a non-empty string')
  if (!Array.isArray(signaling)) throw new ParsecError('badOptions', 'signaling: a list of ws: or wss: addresses')
  if (signaling.length === 0 && !meetsTabs) {
    throw new ParsecError('badOptions', 'signaling: at least one address, where tabs cannot meet in their browser')
  }
  if (!Number.isInteger(maxVoters) || maxVoters < 1 || maxVoters > LARGEST_SECTION || maxVoters % 3 !== 1) {
    throw new ParsecError('badOptions', `maxVoters: a number 3f+1 from 1 to ${LARGEST_SECTION}`)
  }
  if (!(forgetAfterMs > 0)) throw new ParsecError('badOptions', 'forgetAfterMs: a positive number of milliseconds')
  if (signal?.aborted) throw new ParsecError('aborted', 'joining was aborted')
}

async function openAnywhere(platform: Platform, options: JoinOptions, wishes: Wishes): Promise<Session> {
  const { worker = false } = options
  if (worker === false) return await openHere(platform, options, wishes, null)
  let started: Worker
  try {
    started = await startWorker(worker === true ? createSectionWorker : worker)
  } catch (error) {
    if (!(error instanceof NoWorkerError)) throw error
    return await openHere(platform, options, wishes, error.message)
  }
  return await openInWorker(started, platform, options, wishes)
}

async function openInWorker(
  worker: Worker,
  platform: Platform,
  options: JoinOptions,
  wishes: Wishes,
): Promise<Session> {
  const remote = createRemote({
    endpoint: worker,
    wishes,
    connect: ({ verify, ...identity }, handlers) => connectWith(platform, options, identity, verify, handlers),
    lastWords: () => globalThis.localStorage,
    done: () => worker.terminate(),
  })
  worker.addEventListener('error', ({ message }) => remote.fail(`the worker failed: ${message}`))
  void navigator.storage?.persist?.().catch(() => false)
  return await openInFront(remote.open, {
    nowMs: ownClock,
    random: ownRandom,
    transport: remote.diagnostics,
    thread: { worker: true, reason: null },
  })
}

/** In this thread. */
async function openHere(
  platform: Platform,
  options: JoinOptions,
  wishes: Wishes,
  noWorker: string | null,
): Promise<Session> {
  let transport: Transport | null = null
  const lent: Lent = {
    storage: platform.storage ?? null,
    connect: (keys, handlers) => {
      transport = connectWith(platform, options, keys.identity, keys.verifier.verify, handlers)
      return transport
    },
    lastWords: platform.storage ? null : async () => () => globalThis.localStorage,
  }
  return await openInFront((begin) => openOwnHost(lent, wishes, begin), {
    nowMs: ownClock,
    random: ownRandom,
    transport: () => transport?.diagnostics() ?? offline,
    thread: { worker: false, reason: noWorker },
  })
}

/** Of a browser, which has a WebRTC of its own. Elsewhere a channel of this name reaches nobody but ourselves. */
function tabsOf({ wrtc }: Platform): BroadcastChannelConstructor | undefined {
  return wrtc === undefined ? globalThis.BroadcastChannel : undefined
}

function connectWith(
  platform: Platform,
  { room, signaling, password, iceServers }: JoinOptions,
  identity: WebRtcTransportOptions['identity'],
  verify: WebRtcTransportOptions['verify'],
  handlers: TransportHandlers,
): Transport {
  const { WebSocket, wrtc } = platform
  const BroadcastChannel = tabsOf(platform)
  return createWebRtcTransport({
    room,
    signaling,
    ...(password === undefined ? {} : { password }),
    iceServers: iceServers ?? createIceSource({ urls: signaling }),
    identity,
    verify,
    handlers,
    ...(WebSocket === undefined ? {} : { WebSocket }),
    ...(BroadcastChannel === undefined ? {} : { BroadcastChannel }),
    ...(wrtc === undefined ? {} : { wrtc }),
  })
}

function wishesOf(options: JoinOptions, invitation: ReadInvitation | null, tab: TabMemory | null): Wishes {
  const {
    room,
    signaling,
    storage = 'indexeddb',
    maxVoters = DEFAULT_MAX_VOTERS,
    admission = 'open',
    mayVote = null,
  } = options
  const { forgetAfterMs } = options
  return {
    room,
    storage,
    isServerless: signaling.length === 0,
    maxVoters,
    admission,
    mayVote,
    invitation,
    preferred: tab?.recall() ?? null,
    ...(forgetAfterMs === undefined ? {} : { forgetAfterMs }),
  }
}

/** Waits for membership, for as long as that makes sense. */
async function patience({ section, joined }: Session, { signal }: JoinOptions, isInvited: boolean): Promise<void> {
  const { promise: givenUp, reject } = deferred<never>()
  const onAbort = () => reject(new ParsecError('aborted', 'joining was aborted'))
  signal?.addEventListener('abort', onAbort, { once: true })
  // Perhaps while the identity was being taken up.
  if (signal?.aborted) onAbort()
  const timer = setTimeout(() => {
    const servers = section.diagnostics().transport.signaling.filter(({ kind }) => kind === 'server')
    if (servers.length > 0 && !servers.some(({ connected }) => connected) && section.id === '') {
      reject(new ParsecError('signalingUnreachable', `no answer from ${servers.map(({ url }) => url).join(', ')}`))
    } else if (isInvited && section.id === '') {
      reject(new ParsecError('sectionNotFound', 'nobody here is in the section that the invitation names'))
    }
  }, SEARCH_PATIENCE_MS)
  try {
    await Promise.race([joined, givenUp])
  } catch (error) {
    await section.close()
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

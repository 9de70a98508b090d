/** `joinSection`: checks what the caller asks for, takes up an identity and its storage, and opens the session. */
import {
  createIdentityKey,
  createVerifier,
  type IdentityKey,
  identityFrom,
  openIdentityKey,
  plainIdentityKey,
  wrapIdentityKey,
} from '../crypto/index.ts'
import { type ClaimedIdentity, openIdentityVault, StoreError } from '../store/index.ts'
import { TransportError } from '../transport/port.ts'
import { createIceSource } from '../transport/signaling/ice.ts'
import { createWebRtcTransport } from '../transport/webrtc/transport.ts'
import { createHashing } from '../wire/index.ts'
import { deferred } from './deferred.ts'
import { ParsecError } from './errors.ts'
import { type ReadInvitation, readInvitation } from './invitation.ts'
import { createLastWords } from './last-words.ts'
import { openPlatformStore, type Platform } from './platform.ts'
import { OtherSectionError } from './residence.ts'
import { openSession, type Session } from './session.ts'
import type { JoinOptions, Section } from './types.ts'

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
    check(options)
    if (options.invitation !== undefined) invitation = readInvitation(options.invitation)
    session = await openWithIdentity(platform, options, invitation)
  } catch (error) {
    await platform.storage?.close()
    throw error
  }
  await patience(session, options, invitation !== null)
  return session.section
}

function check({ room, signaling, maxVoters = 1, signal }: JoinOptions): void {
  if (typeof room !== 'string' || room.length === 0) throw new ParsecError('badOptions', 'room: a non-empty string')
  if (!Array.isArray(signaling) || signaling.length === 0) {
    throw new ParsecError('badOptions', 'signaling: at least one ws: or wss: address')
  }
  if (!Number.isInteger(maxVoters) || maxVoters < 1 || maxVoters > LARGEST_SECTION || maxVoters % 3 !== 1) {
    throw new ParsecError('badOptions', `maxVoters: a number 3f+1 from 1 to ${LARGEST_SECTION}`)
  }
  if (signal?.aborted) throw new ParsecError('aborted', 'joining was aborted')
}

/**
 * An identity whose history is damaged could contradict what it said before: it is given up for a new one. One that
 * lives in another section than the invitation's stays there.
 */
async function openWithIdentity(
  platform: Platform,
  options: JoinOptions,
  invitation: ReadInvitation | null,
): Promise<Session> {
  let fresh = false
  for (;;) {
    const claimed = await claim(platform, options, fresh)
    try {
      return await open(platform, options, invitation, claimed)
    } catch (error) {
      const isDamaged = error instanceof StoreError && error.code === 'damaged'
      if (isDamaged) await claimed.discard()
      else await claimed.release()
      if (claimed.isNew || !(isDamaged || error instanceof OtherSectionError)) throw toParsecError(error)
      fresh = true
    }
  }
}

async function claim(
  { storage: lent }: Platform,
  { room, storage }: JoinOptions,
  fresh: boolean,
): Promise<ClaimedIdentity<IdentityKey>> {
  const plain = { name: 'plain', keep: async (key: IdentityKey) => plainIdentityKey(key) }
  const vault = openIdentityVault(room, {
    create: createIdentityKey,
    open: openIdentityKey,
    // Elsewhere than in IndexedDB a platform's own key cannot be kept.
    ...(lent
      ? { forms: [plain], records: lent.identities(room), locks: lent.locks }
      : { forms: [{ name: 'wrapped', keep: wrapIdentityKey }, plain] }),
    ...(storage === 'memory' ? { locks: null } : {}),
  })
  const claimed = await vault.claim({ fresh })
  if (lent && !claimed.persistent) throw new ParsecError('storage', `no identity can be kept: ${claimed.reason}`)
  return claimed
}

async function open(
  platform: Platform,
  options: JoinOptions,
  invitation: ReadInvitation | null,
  claimed: ClaimedIdentity<IdentityKey>,
): Promise<Session> {
  const identity = identityFrom(claimed.key)
  const verifier = await createVerifier()
  const { room, signaling, password } = options
  return await openSession({
    identity,
    verifier,
    hashing: createHashing(),
    openStore: () => openPlatformStore(platform.storage, { room, peer: identity.peer, lasting: claimed.persistent }),
    // Where history lasts, what is said last has to last as well. A host without a page never says last words.
    ...(claimed.persistent && !platform.storage
      ? { lastWords: createLastWords(() => globalThis.localStorage, room, identity.peer) }
      : {}),
    storageReason: claimed.reason,
    keyForm: claimed.form,
    connect: (handlers) =>
      createWebRtcTransport({
        room,
        signaling,
        ...(password === undefined ? {} : { password }),
        iceServers: options.iceServers ?? createIceSource({ urls: signaling }),
        identity,
        verify: verifier.verify,
        handlers,
        ...(platform.WebSocket === undefined ? {} : { WebSocket: platform.WebSocket }),
        ...(platform.wrtc === undefined ? {} : { wrtc: platform.wrtc }),
      }),
    nowMs: () => performance.timeOrigin + performance.now(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    wanted: invitation?.sectionId ?? null,
    maxVoters: options.maxVoters ?? DEFAULT_MAX_VOTERS,
    admission: options.admission ?? 'open',
    mayVote: options.mayVote ?? null,
    invitation: invitation?.bytes ?? new Uint8Array(),
    release: async (forget) => {
      await (forget ? claimed.discard() : claimed.release())
      await platform.storage?.close()
    },
  })
}

/** Waits for membership, for as long as that makes sense. */
async function patience({ section, joined }: Session, { signal }: JoinOptions, isInvited: boolean): Promise<void> {
  const { promise: givenUp, reject } = deferred<never>()
  const onAbort = () => reject(new ParsecError('aborted', 'joining was aborted'))
  signal?.addEventListener('abort', onAbort, { once: true })
  // Perhaps while the identity was being taken up.
  if (signal?.aborted) onAbort()
  const timer = setTimeout(() => {
    const servers = section.diagnostics().transport.signaling
    if (!servers.some((server) => server.connected) && section.id === '') {
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

function toParsecError(error: unknown): ParsecError {
  if (error instanceof ParsecError) return error
  if (error instanceof StoreError) return new ParsecError('storage', error.message, { cause: error })
  if (error instanceof TransportError) {
    return new ParsecError(error.code === 'unsupported' ? 'unsupported' : 'badOptions', error.message, { cause: error })
  }
  return new ParsecError('stopped', error instanceof Error ? error.message : String(error), { cause: error })
}

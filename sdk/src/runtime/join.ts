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
import {
  type ClaimedIdentity,
  createMemoryStore,
  openIdentityVault,
  openIndexedDbStore,
  type Store,
  StoreError,
} from '../store/index.ts'
import { TransportError } from '../transport/port.ts'
import { createIceSource } from '../transport/signaling/ice.ts'
import { createWebRtcTransport } from '../transport/webrtc/transport.ts'
import { createHashing } from '../wire/index.ts'
import { deferred } from './deferred.ts'
import { ParsecError } from './errors.ts'
import { sectionOf } from './invitation.ts'
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
 * `sectionNotFound`, `storage`, `stopped`.
 */
export async function joinSection(options: JoinOptions): Promise<Section> {
  check(options)
  const wanted = options.invitation === undefined ? null : sectionOf(options.invitation)
  const session = await openWithIdentity(options, wanted)
  await patience(session, options, wanted !== null)
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
async function openWithIdentity(options: JoinOptions, wanted: string | null): Promise<Session> {
  let fresh = false
  for (;;) {
    const claimed = await claim(options, fresh)
    try {
      return await open(options, wanted, claimed)
    } catch (error) {
      const isDamaged = error instanceof StoreError && error.code === 'damaged'
      if (isDamaged) await claimed.discard()
      else await claimed.release()
      if (claimed.isNew || !(isDamaged || error instanceof OtherSectionError)) throw toParsecError(error)
      fresh = true
    }
  }
}

async function claim({ room, storage }: JoinOptions, fresh: boolean): Promise<ClaimedIdentity<IdentityKey>> {
  const vault = openIdentityVault(room, {
    create: createIdentityKey,
    forms: [
      { name: 'wrapped', keep: wrapIdentityKey },
      { name: 'plain', keep: async (key) => plainIdentityKey(key) },
    ],
    open: openIdentityKey,
    ...(storage === 'memory' ? { locks: null } : {}),
  })
  return await vault.claim({ fresh })
}

async function openStore({ room }: JoinOptions, claimed: ClaimedIdentity<IdentityKey>): Promise<Store> {
  if (!claimed.persistent) return createMemoryStore()
  // Asked for and not waited for: some browsers never answer.
  void navigator.storage?.persist?.().catch(() => false)
  return await openIndexedDbStore(`parsec-web/section/${room}/${claimed.key.peer}`)
}

async function open(
  options: JoinOptions,
  wanted: string | null,
  claimed: ClaimedIdentity<IdentityKey>,
): Promise<Session> {
  const identity = identityFrom(claimed.key)
  const verifier = await createVerifier()
  const { room, signaling, password } = options
  return await openSession({
    identity,
    verifier,
    hashing: createHashing(),
    openStore: () => openStore(options, claimed),
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
      }),
    nowMs: () => performance.timeOrigin + performance.now(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    wanted,
    maxVoters: options.maxVoters ?? DEFAULT_MAX_VOTERS,
    admission: options.admission ?? (() => true),
    release: (forget) => (forget ? claimed.discard() : claimed.release()),
  })
}

/** Waits for membership, for as long as that makes sense. */
async function patience({ section, joined }: Session, { signal }: JoinOptions, isInvited: boolean): Promise<void> {
  const { promise: givenUp, reject } = deferred<never>()
  const onAbort = () => reject(new ParsecError('aborted', 'joining was aborted'))
  signal?.addEventListener('abort', onAbort, { once: true })
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

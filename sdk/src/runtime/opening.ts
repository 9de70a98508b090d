/**
 * Takes up an identity and its storage and opens the host of a section, in a page or in a worker: what only pages have
 * is lent to it.
 */
import type { PeerId } from '../core/gossip/event.ts'
import {
  createIdentityKey,
  createVerifier,
  type Identity,
  type IdentityKey,
  identityFrom,
  openIdentityKey,
  plainIdentityKey,
  type Verifier,
  wrapIdentityKey,
} from '../crypto/index.ts'
import { type ClaimedIdentity, type ClaimOptions, openIdentityVault, type Store, StoreError } from '../store/index.ts'
import { type Transport, TransportError, type TransportHandlers } from '../transport/port.ts'
import { createHashing } from '../wire/index.ts'
import type { MayVote } from './eligibility.ts'
import { ParsecError } from './errors.ts'
import { stoppedBy } from './failure.ts'
import { openHost } from './host.ts'
import type { ReadInvitation } from './invitation.ts'
import { createLastWords, type SynchronousStorage } from './last-words.ts'
import type { SectionHost } from './news.ts'
import { openPlatformStore, type PlatformStorage } from './platform.ts'
import { OtherSectionError } from './residing.ts'
import type { OpenHost } from './session.ts'
import type { Admission } from './types.ts'

export interface Wishes {
  readonly room: string
  readonly storage: 'indexeddb' | 'memory'
  readonly isServerless: boolean
  readonly maxVoters: number
  readonly admission: Admission
  readonly mayVote: MayVote | null
  readonly invitation: ReadInvitation | null
  readonly forgetAfterMs?: number
  /** The identity that this tab used last, taken up again if it is free. */
  readonly preferred: PeerId | null
}

export interface Lent {
  /** Null: IndexedDB and Web Locks. */
  readonly storage: PlatformStorage | null
  /** Rejects with `TransportError`. */
  connect(keys: { readonly identity: Identity; readonly verifier: Verifier }, handlers: TransportHandlers): Transport
  /** Watches what is stored, for a page that may have to speak for a worker; absent where the host runs on the page. */
  readonly watchStore?: (key: IdentityKey, store: Store) => Store
  /** The page's synchronous storage, in which last words are kept; null where there is no page. */
  readonly lastWords: ((identity: Identity) => Promise<() => SynchronousStorage>) | null
}

const { timeOrigin } = performance

export const ownClock = () => timeOrigin + performance.now()
export const ownRandom = (length: number) => crypto.getRandomValues(new Uint8Array(length))

/**
 * An identity whose history is damaged could contradict what it said before: it is given up for a new one. One that
 * lives in another section than the invitation's stays there, and the next free one is tried, then a new one. Rejects
 * with `ParsecError`.
 */
export async function openOwnHost(lent: Lent, wishes: Wishes, begin: Parameters<OpenHost>[0]): Promise<SectionHost> {
  const elsewhere = new Set<PeerId>()
  let how: ClaimOptions = { preferred: wishes.preferred }
  for (;;) {
    const claimed = await claim(lent, wishes, how)
    try {
      return await open(lent, wishes, claimed, begin)
    } catch (error) {
      const isDamaged = error instanceof StoreError && error.code === 'damaged'
      if (isDamaged) await claimed.discard()
      else await claimed.release()
      if (claimed.isNew || !(isDamaged || error instanceof OtherSectionError)) throw toParsecError(error)
      elsewhere.add(claimed.key.peer)
      how = isDamaged ? { fresh: true } : { except: elsewhere }
    }
  }
}

async function claim(
  { storage: platform }: Lent,
  { room, storage }: Wishes,
  how: ClaimOptions,
): Promise<ClaimedIdentity<IdentityKey>> {
  const plain = { name: 'plain', keep: async (key: IdentityKey) => plainIdentityKey(key) }
  const vault = openIdentityVault(room, {
    create: createIdentityKey,
    open: openIdentityKey,
    // Elsewhere than in IndexedDB a platform's own key cannot be kept.
    ...(platform
      ? { forms: [plain], records: platform.identities(room), locks: platform.locks }
      : { forms: [{ name: 'wrapped', keep: wrapIdentityKey }, plain] }),
    ...(storage === 'memory' ? { locks: null } : {}),
  })
  const claimed = await vault.claim(how)
  if (platform && !claimed.persistent) throw new ParsecError('storage', `no identity can be kept: ${claimed.reason}`)
  return claimed
}

async function open(
  lent: Lent,
  { room, storage: wished, isServerless, maxVoters, admission, mayVote, invitation, forgetAfterMs }: Wishes,
  claimed: ClaimedIdentity<IdentityKey>,
  begin: Parameters<OpenHost>[0],
): Promise<SectionHost> {
  const identity = identityFrom(claimed.key)
  const verifier = await createVerifier()
  const { storage } = lent
  // Where history lasts, what is said last has to last as well. A host without a page never says last words.
  const words = claimed.persistent && lent.lastWords ? await lent.lastWords(identity) : null
  return await openHost(
    {
      identity,
      verifier,
      hashing: createHashing(),
      openStore: async () => {
        const place = { room, peer: identity.peer, lasting: claimed.persistent }
        const store = await openPlatformStore(storage ?? undefined, place)
        return claimed.persistent && lent.watchStore ? lent.watchStore(claimed.key, store) : store
      },
      ...(words ? { lastWords: createLastWords(words, room, identity.peer) } : {}),
      storageReason: wished === 'memory' ? 'chosen' : claimed.reason,
      keyForm: claimed.form,
      hasPast: !claimed.isNew,
      connect: (handlers) => lent.connect({ identity, verifier }, handlers),
      nowMs: ownClock,
      random: ownRandom,
      wanted: invitation?.sectionId ?? null,
      isServerless,
      maxVoters,
      admission,
      mayVote,
      ...(forgetAfterMs === undefined ? {} : { forgetAfterMs }),
      invitation: invitation?.bytes ?? new Uint8Array(),
      release: async (forget) => {
        await (forget ? claimed.discard() : claimed.release())
        await storage?.close()
      },
    },
    begin(identity.peer),
  )
}

export function toParsecError(error: unknown): ParsecError {
  if (!(error instanceof TransportError)) return stoppedBy(error)
  return new ParsecError(error.code === 'unsupported' ? 'unsupported' : 'badOptions', error.message, { cause: error })
}

/**
 * Identities of one room. An identity belongs to one running tab at a time: who holds its lock. A second tab and a
 * duplicated one take another; a reloaded tab takes up its own again, a reopened one a free one, with its history.
 */
import { storeError } from './database.ts'
import { type IdentityRecord, type IdentityRecords, indexedDbIdentityRecords } from './identity-records.ts'
import { type Locks, webLocks } from './locks.ts'
import { StoreError, type StoreErrorCode } from './port.ts'

/** The secrets of an identity as they are in memory, named by its public key. */
export interface VaultKey {
  readonly peer: string
}

/** A way to keep a key. */
export interface KeyForm<Key extends VaultKey> {
  readonly name: string
  /** Structured-cloneable. Rejects where the platform cannot do it. */
  keep(key: Key): Promise<unknown>
}

export interface OpenedKey<Key extends VaultKey> {
  readonly key: Key
  /** Null for what an earlier version kept. */
  readonly form: string | null
}

export interface VaultOptions<Key extends VaultKey> {
  create(): Key
  /** The safest first: what the platform stores and gives back is used. What lies in another form is kept anew. */
  readonly forms: readonly KeyForm<Key>[]
  /** From what a form made, now or in an earlier version; null for anything else, which is never claimed. */
  open(kept: unknown): Promise<OpenedKey<Key> | null>
  /** Default: the platform's Web Locks. Null: there are none. */
  readonly locks?: Locks | null
  /** Default: in IndexedDB. */
  readonly records?: IdentityRecords
  /** Milliseconds since 1970; default the platform's clock. Only orders preferences. */
  now?(): number
}

export interface ClaimedIdentity<Key> {
  readonly key: Key
  /** Name of the form in which the key is kept; null for one that is kept nowhere. */
  readonly form: string | null
  /** False for an identity that had to be made for this process only; `reason` says why. */
  readonly persistent: boolean
  readonly reason: StoreErrorCode | 'noLocks' | null
  /** Made by this claim: it has no history yet. */
  readonly isNew: boolean
  /** Makes it the identity with the most recent history: the first that a later claim takes. */
  touch(): Promise<void>
  /** Lets another tab take it up. Closing the tab does, too. */
  release(): Promise<void>
  /** Forgets it for good, as when its history is lost: used again, it would contradict what it said. */
  discard(): Promise<void>
}

export interface IdentityVault<Key> {
  /**
   * Never rejects for reasons of storage: then the identity is not persistent. `fresh`: a new identity, whatever is free.
   * `preferred`: the one to take up if it is one of this room's and free, or is let go within a second.
   * `except`: those that are not taken up.
   */
  claim(options?: ClaimOptions): Promise<ClaimedIdentity<Key>>
}

export interface ClaimOptions {
  readonly fresh?: boolean
  readonly preferred?: string | null
  readonly except?: ReadonlySet<string>
}

/**
 * A page that is reloaded asks before the browser has ended the one before, or its worker, which hold the lock. Where
 * the tab is a duplicate, all of this passes in vain.
 */
const PREFERRED_PATIENCE_MS = 1_000

/** What a form made is tried under such a name, which is no peer's, before it takes the place of anything. */
const trialPrefix = 'trial/'

/** A key with what is on disk of it. */
interface Kept<Key> {
  readonly key: Key
  readonly form: string
  readonly kept: unknown
}

/** Opens nothing before the first claim, and keeps nothing open between calls. */
export function openIdentityVault<Key extends VaultKey>(room: string, options: VaultOptions<Key>): IdentityVault<Key> {
  const { create, forms, open: openKey, locks = webLocks(), now = Date.now } = options
  const records = options.records ?? indexedDbIdentityRecords(room)
  const lockName = (peer: string) => `parsec-web/identity/${room}/${peer}`
  const read = async (peer: string) => keyIn(await records.read(peer))

  async function claim(how: ClaimOptions = {}): Promise<ClaimedIdentity<Key>> {
    if (locks === null) return temporary(create(), 'noLocks')
    try {
      return (how.fresh ? null : await claimFree(locks, how)) ?? (await claimNew(locks))
    } catch (error) {
      return temporary(create(), storeError(error).code)
    }
  }

  async function claimFree(held: Locks, { preferred, except }: ClaimOptions): Promise<ClaimedIdentity<Key> | null> {
    const known = (await records.all()).flatMap(identityIn).filter(({ peer }) => !except?.has(peer))
    const latestFirst = known.toSorted((one, other) => other.touchedAtMs - one.touchedAtMs)
    const wished = latestFirst.filter(({ peer }) => peer === preferred)
    for (const { peer } of new Set([...wished, ...latestFirst])) {
      const letGo = await held.tryAcquire(lockName(peer), peer === preferred ? PREFERRED_PATIENCE_MS : 0)
      const identity = letGo && (await hold(letGo, false, () => reopen(peer)))
      if (identity !== null) return identity
    }
    return null
  }

  async function claimNew(held: Locks): Promise<ClaimedIdentity<Key>> {
    const key = create()
    // Before it can be found, so that no other tab takes it first.
    const letGo = await held.tryAcquire(lockName(key.peer))
    if (letGo === null) throw new Error('a fresh key is already in use')
    const identity = await hold(letGo, true, () => keepBest(key))
    if (identity === null) throw new Error('a fresh identity is always there')
    return identity
  }

  /** Read only now that nobody else holds it: null when it was discarded since we looked, or is damaged. */
  async function reopen(peer: string): Promise<Kept<Key> | null> {
    const kept = await read(peer)
    const opened = await openKey(kept)
    if (opened?.key.peer !== peer) return null
    const { key, form } = opened
    return form !== null && form === forms[0]?.name ? { key, form, kept } : await keepBest(key)
  }

  /** Not every platform that has such keys can store them, and some only show that when they are read back. */
  async function keepBest(key: Key): Promise<Kept<Key>> {
    const trial = trialPrefix + key.peer
    let reason: unknown = new StoreError('failed', 'a key needs a form to be kept in')
    for (const { name, keep } of forms) {
      try {
        const kept = await keep(key)
        await records.put(trial, { key: kept, touchedAtMs: 0 })
        const opened = await openKey(await read(trial))
        await records.delete(trial)
        if (opened?.key.peer === key.peer) return { key, form: name, kept }
      } catch (error) {
        reason = error
      }
    }
    throw reason
  }

  /** `take` runs under the lock; where it finds nothing, the lock is let go. */
  async function hold(
    letGo: () => Promise<void>,
    isNew: boolean,
    take: () => Promise<Kept<Key> | null>,
  ): Promise<ClaimedIdentity<Key> | null> {
    let held = true
    const release = async () => {
      held = false
      await letGo()
    }
    const touchAs = async ({ key, kept }: Kept<Key>) => {
      if (held) await records.put(key.peer, { key: kept, touchedAtMs: now() })
    }
    let taken: Kept<Key> | null
    try {
      taken = await take()
      if (taken !== null) await touchAs(taken)
      else await release()
    } catch (error) {
      await release()
      throw error
    }
    if (taken === null) return null
    const found = taken
    return {
      key: found.key,
      form: found.form,
      persistent: true,
      reason: null,
      isNew,
      touch: () => touchAs(found),
      release,
      async discard() {
        if (held) await records.delete(found.key.peer)
        await release()
      },
    }
  }

  return { claim }
}

function temporary<Key>(key: Key, reason: StoreErrorCode | 'noLocks'): ClaimedIdentity<Key> {
  const nothing = async () => {}
  return { key, form: null, persistent: false, reason, isNew: true, touch: nothing, release: nothing, discard: nothing }
}

function keyIn(record: unknown): unknown {
  return typeof record === 'object' && record !== null ? (record as Partial<IdentityRecord>).key : undefined
}

/** None for what is no identity's record. */
function identityIn({ peer, record }: { readonly peer: string; readonly record: unknown }) {
  const isRecord = typeof record === 'object' && record !== null && 'touchedAtMs' in record
  if (!isRecord || typeof record.touchedAtMs !== 'number' || peer.startsWith(trialPrefix)) return []
  return [{ peer, touchedAtMs: record.touchedAtMs }]
}

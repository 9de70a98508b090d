/** What the identity vault keeps to, wherever its records lie; the locks stand for those of the platform. */
import { deleteDB, openDB } from 'idb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createIdentityKey,
  type IdentityKey,
  identityFrom,
  openIdentityKey,
  plainIdentityKey,
  verifyByPoints,
  wrapIdentityKey,
} from '../src/crypto/index.ts'
import {
  type ClaimedIdentity,
  type IdentityRecords,
  type KeyForm,
  type Locks,
  openIdentityVault,
} from '../src/store/index.ts'

const room = 'vault-test'
const otherRoom = 'another-room'
const databaseName = `parsec-web/identities/${room}`

const wrapped: KeyForm<IdentityKey> = { name: 'wrapped', keep: wrapIdentityKey }
export const plain: KeyForm<IdentityKey> = { name: 'plain', keep: async (key) => plainIdentityKey(key) }

/** Where the records lie, seen from behind the vault's back. */
export interface VaultDisk {
  /** Default: in IndexedDB. */
  records?(room: string): IdentityRecords
  /** What this disk can hold, the safest first. */
  readonly forms: readonly KeyForm<IdentityKey>[]
  /** Whatever damages a disk. */
  put(room: string, name: string, record: unknown): Promise<void>
  /** Under how many names something lies there. */
  count(room: string): Promise<number>
  /** Until mocks are restored, no write succeeds for want of space. */
  fill(): void
  clear(): Promise<void>
}

/** The global IndexedDB, real or not. */
const indexedDbDisk: VaultDisk = {
  forms: [wrapped, plain],
  async put(room, name, record) {
    const database = await openDB(`parsec-web/identities/${room}`)
    await database.put('identities', record, name)
    database.close()
  },
  async count(room) {
    const database = await openDB(`parsec-web/identities/${room}`)
    const count = await database.count('identities')
    database.close()
    return count
  },
  fill() {
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('simulated', 'QuotaExceededError')
    })
  },
  async clear() {
    for (const each of [room, otherRoom]) await deleteDB(`parsec-web/identities/${each}`)
  },
}

/** The seed of an identity that an earlier version of this library kept, and the public key of it (RFC 8032, section 7.1). */
const seedOfFormat1 = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
const peerOfFormat1 = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

/** The database as format 1 was published: a store of records by public key. */
async function writeFormat1(secret: unknown, peer = peerOfFormat1): Promise<void> {
  const database = await openDB(databaseName, 1, { upgrade: (fresh) => void fresh.createObjectStore('identities') })
  await database.put('identities', { key: { peer, secret }, touchedAtMs: 1 }, peer)
  database.close()
}

async function recordOf(peer: string): Promise<unknown> {
  const database = await openDB(databaseName)
  const record = await database.get('identities', peer)
  database.close()
  return record
}

/** Opens vaults in turn, and lets go of everything after each test. */
function tabsOn(disk: VaultDisk, tabs: () => Locks | null) {
  const releases: (() => Promise<void>)[] = []
  let time = 0
  const openTab = (locks: Locks | null = tabs(), forms = disk.forms, name = room) =>
    openIdentityVault<IdentityKey>(name, {
      create: createIdentityKey,
      forms,
      open: openIdentityKey,
      locks,
      now: () => ++time,
      ...(disk.records ? { records: disk.records(name) } : {}),
    })
  const claim = async (locks: Locks | null = tabs(), forms = disk.forms) =>
    released(await openTab(locks, forms).claim())
  /** A tab that remembers whom it was. */
  const openAs = async (preferred: string, locks: Locks | null = tabs()) =>
    released(await openTab(locks).claim({ preferred }))
  const released = (identity: ClaimedIdentity<IdentityKey>) => {
    releases.push(identity.release)
    return identity
  }
  afterEach(async () => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    for (const release of releases.splice(0)) await release()
    await disk.clear()
  })
  return { openTab, openAs, claim, released }
}

/** `tabs` makes the locks of tabs of one browser: they exclude each other. */
export function describeVault(kind: string, tabs: () => Locks | null, disk: VaultDisk = indexedDbDisk): void {
  describe(`an identity vault with ${kind}`, () => {
    const { openTab, openAs, claim, released } = tabsOn(disk, tabs)

    test('makes an identity for the first tab, and says that it lasts', async () => {
      expect(await claim()).toMatchObject({ persistent: true, reason: null, isNew: true })
    })

    test('gives a reopened tab the identity it had, able to sign', async () => {
      const before = await claim()
      await before.release()
      const after = await claim()
      expect(after.isNew).toBe(false)
      expect(after.key.peer).toBe(before.key.peer)
      const signature = await identityFrom(after.key).sign(Uint8Array.of(1))
      expect(verifyByPoints(before.key.peer, signature, Uint8Array.of(1))).toBe(true)
    })

    test('gives a duplicated tab another identity', async () => {
      const [first, duplicate] = [await claim(), await claim()]
      expect(duplicate).toMatchObject({ persistent: true, isNew: true })
      expect(duplicate.key.peer).not.toBe(first.key.peer)
    })

    test('gives tabs that are restored at the same moment different identities, and all the old ones', async () => {
      const before = await Promise.all([claim(), claim(), claim()])
      await Promise.all(before.map(({ release }) => release()))
      const after = await Promise.all([claim(), claim(), claim(), claim()])
      const peers = after.map(({ key }) => key.peer)
      expect(new Set(peers).size).toBe(4)
      expect(peers).toEqual(expect.arrayContaining(before.map(({ key }) => key.peer)))
    })

    test('prefers the identity with the most recent history', async () => {
      const first = await claim()
      const second = await claim()
      const third = await claim()
      await second.touch()
      for (const each of [first, third, second]) await each.release()
      expect((await claim()).key.peer).toBe(second.key.peer)
      expect((await claim()).key.peer).toBe(third.key.peer)
      expect((await claim()).key.peer).toBe(first.key.peer)
    })

    test('gives a reloaded tab the identity it used, whatever history is more recent', async () => {
      const [mine, closed] = [await claim(), await claim()]
      await mine.release()
      await closed.release()
      expect(await openAs(mine.key.peer)).toMatchObject({ isNew: false, key: mine.key })
      expect(await claim()).toMatchObject({ isNew: false, key: closed.key })
    })

    test('waits for the identity that a page under reload still holds, and for no other', async () => {
      const [mine, other] = [await claim(), await claim()]
      const patient: string[] = []
      const locks: Locks = {
        async tryAcquire(name, patienceMs = 0) {
          if (patienceMs > 0) {
            patient.push(name)
            await mine.release()
          }
          return (await tabs()?.tryAcquire(name, patienceMs)) ?? null
        },
      }
      expect(await openAs(mine.key.peer, locks)).toMatchObject({ isNew: false, key: mine.key })
      await other.release()
      expect(await openAs(other.key.peer, locks)).toMatchObject({ isNew: false, key: other.key })
      expect(patient).toEqual([mine, other].map(({ key }) => `parsec-web/identity/${room}/${key.peer}`))
    })

    test('gives a tab another identity than the one it used where that is in use, discarded, or of another room', async () => {
      const [used, free, lost] = [await claim(), await claim(), await claim()]
      await free.release()
      await lost.discard()
      const there = await openTab(tabs(), disk.forms, otherRoom).claim()
      await there.release()
      for (const unavailable of [used, lost, there]) {
        const instead = await openAs(unavailable.key.peer)
        expect(instead).toMatchObject({ isNew: false, key: free.key })
        await instead.release()
      }
      expect((await openAs('x'.repeat(1_000))).key.peer).toBe(free.key.peer)
      expect(released(await openTab().claim({ fresh: true, preferred: free.key.peer })).isNew).toBe(true)
    })

    test('passes over those that are excepted, preferred or not', async () => {
      const [first, second] = [await claim(), await claim()]
      await first.release()
      await second.release()
      const claimExcept = async (...except: string[]) =>
        released(await openTab().claim({ preferred: second.key.peer, except: new Set(except) }))
      const next = await claimExcept(second.key.peer)
      expect(next.key.peer).toBe(first.key.peer)
      await next.release()
      expect((await claimExcept(first.key.peer, second.key.peer)).isNew).toBe(true)
    })

    test('never gives out a discarded identity again, whatever its old holder still does', async () => {
      const lost = await claim()
      await lost.discard()
      await lost.touch()
      await lost.release()
      const next = await claim()
      expect(next.isNew).toBe(true)
      expect(next.key.peer).not.toBe(lost.key.peer)
      await lost.discard()
      await next.release()
      expect((await claim()).key.peer).toBe(next.key.peer)
    })

    test('keeps rooms apart', async () => {
      const here = await claim()
      const there = await openTab(tabs(), [plain], otherRoom).claim()
      expect(there.isNew).toBe(true)
      await here.release()
      await there.discard()
    })

    test('passes over what is damaged', async () => {
      const { key, release } = await claim()
      await release()
      const other = createIdentityKey()
      await disk.put(room, other.peer, { key: plainIdentityKey(key), touchedAtMs: 1e9 })
      await disk.put(room, 'x', { key: { peer: 'x' }, touchedAtMs: 1e9 })
      await disk.put(room, 'y', 5)
      await disk.put(room, key.peer, { key: plainIdentityKey(key), touchedAtMs: 'late' })
      expect((await claim()).isNew).toBe(true)
      const letGo = await tabs()?.tryAcquire(`parsec-web/identity/${room}/${other.peer}`)
      expect(letGo ?? null).not.toBeNull()
      await letGo?.()
    })

    describe('keeps keys', () => {
      test('in the safest form that the platform stores and gives back', async () => {
        const unkept: KeyForm<IdentityKey> = { name: 'unkept', keep: () => Promise.reject(new Error('no such thing')) }
        const unstored: KeyForm<IdentityKey> = { name: 'unstored', keep: async () => () => {} }
        const lost: KeyForm<IdentityKey> = { name: 'lost', keep: async () => 'not what was given' }
        const before = await claim(tabs(), [unkept, unstored, lost, plain])
        expect(before).toMatchObject({ persistent: true, form: 'plain' })
        await before.release()
        const after = await claim(tabs(), [unkept, unstored, lost, plain])
        expect(after).toMatchObject({ key: before.key, form: 'plain', isNew: false })
      })

      test('nowhere but in memory where no form can be kept', async () => {
        expect(await claim(tabs(), [])).toMatchObject({ persistent: false, form: null, reason: 'failed' })
      })

      test('without leaving what it tried behind', async () => {
        await claim()
        expect(await disk.count(room)).toBe(1)
      })
    })

    test('gives an identity that does not last, and says why, where there are no locks', async () => {
      expect(await claim(null)).toMatchObject({ persistent: false, reason: 'noLocks', isNew: true })
    })

    test('gives an identity that does not last, and says why, where locks are denied', async () => {
      const denied: Locks = { tryAcquire: () => Promise.reject(new DOMException('simulated', 'SecurityError')) }
      expect(await claim(denied)).toMatchObject({ persistent: false, reason: 'denied' })
    })

    test('lets go of an identity that it could not write down', async () => {
      const free = await claim()
      await free.release()
      disk.fill()
      expect(await claim()).toMatchObject({ persistent: false, reason: 'quota' })
      vi.restoreAllMocks()
      expect((await claim()).key.peer).toBe(free.key.peer)
    })
  })
}

/** What it keeps to beyond that in IndexedDB. */
export function describeIndexedDbVault(kind: string, tabs: () => Locks | null): void {
  describe(`an identity vault in IndexedDB with ${kind}`, () => {
    const { claim } = tabsOn(indexedDbDisk, tabs)

    test('keeps keys in the safest form as soon as the platform can do it', async () => {
      const before = await claim(tabs(), [plain])
      await before.release()
      const after = await claim()
      expect(after).toMatchObject({ key: before.key, form: 'wrapped', isNew: false })
      expect(await recordOf(before.key.peer)).not.toHaveProperty('key.secret.length')
    })

    describe('of format 1, as it was first published,', () => {
      test('gives a tab the identity it had, with a secret for the coin from now on', async () => {
        await writeFormat1(Uint8Array.from(seedOfFormat1.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)))
        const first = await claim()
        expect(first).toMatchObject({ isNew: false, form: 'wrapped', key: { peer: peerOfFormat1 } })
        const signature = await identityFrom(first.key).sign(Uint8Array.of(1))
        expect(verifyByPoints(peerOfFormat1, signature, Uint8Array.of(1))).toBe(true)
        await first.release()
        expect((await claim()).key).toEqual(first.key)
      })

      test("gives a tab the identity it had where the platform's key cannot be read out", async () => {
        const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
        const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
        const peer = Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('')
        await writeFormat1(pair.privateKey, peer)
        for (const _again of [1, 2]) {
          const identity = await claim()
          expect(identity).toMatchObject({ isNew: false, form: 'wrapped', key: { peer } })
          const signature = await identityFrom(identity.key).sign(Uint8Array.of(1))
          expect(verifyByPoints(peer, signature, Uint8Array.of(1))).toBe(true)
          await identity.release()
        }
      })
    })

    test('leaves a newer format alone, and says so', async () => {
      ;(await openDB(databaseName, 1000)).close()
      expect(await claim()).toMatchObject({ persistent: false, reason: 'newerFormat' })
    })

    test('gives an identity that does not last, and says why, where there is no storage', async () => {
      vi.stubGlobal('indexedDB', undefined)
      const identity = await claim()
      expect(identity).toMatchObject({ persistent: false, reason: 'denied', isNew: true })
      await identity.touch()
      await identity.discard()
    })
  })
}

export function describeLocks(kind: string, tabs: () => Locks | null): void {
  describe(`locks ${kind}`, () => {
    const acquire = async (name: string) => await tabs()?.tryAcquire(name)

    test('are held by one at a time, by name', async () => {
      const letGo = await acquire('one')
      expect(letGo).toBeTypeOf('function')
      expect(await acquire('one')).toBeNull()
      const other = await acquire('two')
      expect(other).toBeTypeOf('function')
      await letGo?.()
      await other?.()
    })

    test('are free again at once after letting go, and letting go twice does not take them from the next', async () => {
      const first = await acquire('one')
      await first?.()
      const second = await acquire('one')
      expect(second).toBeTypeOf('function')
      await first?.()
      expect(await acquire('one')).toBeNull()
      await second?.()
    })
  })
}

import 'fake-indexeddb/auto'
import { hexToBytes } from '@noble/hashes/utils.js'
import { deleteDB, openDB } from 'idb'
import { afterEach, describe, expect, test } from 'vitest'
import golden from '../../test/golden/history.json' with { type: 'json' }
import { createIdentityKey, type IdentityKey, identityFrom, openIdentityKey, wrapIdentityKey } from '../crypto/index.ts'
import { createMemoryLocks, openIdentityVault, openIndexedDbStore, ownTipName, type Store } from '../store/index.ts'
import { createHashing } from '../wire/index.ts'
import { type Engine, startEngine } from './engine.ts'
import { createBlockTeller, readBlock } from './final-block.ts'
import { readSection } from './homecoming.ts'
import { ownRandom } from './opening.ts'
import { readStored } from './stored-block.ts'

const room = 'golden'
const identities = `parsec-web/identities/${room}`
const history = `parsec-web/section/${room}/${golden.peer}`
const hashing = createHashing()

/** Both databases as that format left them. */
async function write(format: number): Promise<void> {
  const vault = await openDB(identities, 1, { upgrade: (fresh) => void fresh.createObjectStore('identities') })
  const key = { peer: golden.peer, secret: hexToBytes(golden.seed) }
  await vault.put('identities', { key, touchedAtMs: 1_790_000_000_000 }, golden.peer)
  vault.close()
  const database = await openDB(history, format, {
    upgrade(fresh) {
      fresh.createObjectStore('events', { autoIncrement: true }).createIndex('id', 'id', { unique: true })
      fresh.createObjectStore('values')
    },
  })
  for (const { id, bytes, checksum } of golden.events) {
    await database.put('events', { id, bytes: hexToBytes(bytes), checksum: hexToBytes(checksum) })
  }
  for (const { name, formats, value, checksum } of golden.values) {
    if (!formats.includes(format)) continue
    await database.put('values', { value: hexToBytes(value), checksum: hexToBytes(checksum) }, name)
  }
  database.close()
}

/** Everything that a reopened tab does before it connects. */
async function reopen(): Promise<{ engine: Engine; key: IdentityKey; store: Store }> {
  const vault = openIdentityVault(room, {
    create: createIdentityKey,
    forms: [{ name: 'wrapped', keep: wrapIdentityKey }],
    open: openIdentityKey,
    locks: createMemoryLocks(),
  })
  const { key } = await vault.claim()
  const store = await openIndexedDbStore(history)
  const section = await readSection(store, hashing)
  if (!section?.genesis) throw new Error('no section')
  let clockMs = 1_790_000_100_000
  const engine = await startEngine({
    identity: identityFrom(key),
    ...{ genesis: section.genesis, hashing, store },
    nowMs: () => {
      clockMs += 10
      return clockMs
    },
    ...{ send: () => {}, report: () => {}, stalled: () => {} },
    failed: (error) => {
      throw error
    },
  })
  return { engine, key, store }
}

afterEach(async () => {
  await deleteDB(identities)
  await deleteDB(history)
})

describe.each([1, 2])('the history that a tab kept in format %i', (format) => {
  test('is that of the same member, with the same blocks', async () => {
    await write(format)
    const { engine, key, store } = await reopen()
    expect(key.peer).toBe(golden.peer)
    expect(engine.core.status()).toMatchObject({ sectionId: golden.sectionId, height: golden.height })
    expect(engine.core.block(golden.height)?.hash).toBe(golden.lastBlock)
    const teller = createBlockTeller(ownRandom)
    const values: unknown[] = []
    for (const height of [1, 2, 3]) {
      const block = engine.core.block(height)
      if (!block) continue
      const told = teller.tell(await readStored(block, engine.load), [])
      values.push(...readBlock(told).transactions.map(({ value }) => value))
    }
    expect(values).toEqual(['first', { kind: 'pay', to: golden.peer, amount: 5 }, [1, 2, 3]])
    await engine.stop()
    await store.close()
  })

  test('names its last own event from then on, and goes on behind it', async () => {
    await write(format)
    const { engine, store } = await reopen()
    const tip = golden.values.find(({ name }) => name === ownTipName)?.value ?? ''
    expect(await store.readValue(ownTipName)).toEqual(hexToBytes(tip))
    engine.start()
    engine.put({ kind: 'submit', transactions: [Uint8Array.of(1)] })
    await engine.settled()
    const next = engine.core.ordering.graph.vertices.at(golden.events.length)
    expect(next && engine.core.ordering.contentOf(next)).toMatchObject({ selfParent: golden.events.at(-1)?.id })
    expect(await store.readValue(ownTipName)).not.toEqual(hexToBytes(tip))
    await engine.stop()
    await store.close()
  })
})

test('what format 1 kept has to be whole: it does not say which event was the last', async () => {
  await write(1)
  const database = await openDB(history)
  const [position] = await database.getAllKeys('events')
  await database.put('events', { ...(await database.get('events', position ?? 1)), bytes: new Uint8Array() }, position)
  database.close()
  await expect(reopen()).rejects.toThrow(expect.objectContaining({ name: 'StoreError', code: 'damaged' }))
})

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { PeerId } from '../core/gossip/event.ts'
import { createIdentityKey, type Identity, identityFrom } from '../crypto/index.ts'
import {
  blockHeader,
  blockHeaderHash,
  createHashing,
  decodeFile,
  decodeHistoryRecord,
  encodeEvent,
  encodeFile,
  encodeHistoryRecord,
  type FileParts,
  type HistoryRecord,
} from '../wire/index.ts'
import { verifyHistory } from './history.ts'

const golden = new Uint8Array(readFileSync(new URL('../../test/golden/exported-history.bin', import.meta.url)))
const parts = partsOf(golden)

function partsOf(file: Uint8Array): FileParts {
  const decoded = decodeFile('history', file)
  if ('error' in decoded) throw new Error(decoded.error.detail)
  return decoded.ok
}

/** Where the record of each height begins, its length included; from 1. */
function startOf(height: number): number {
  const following = parts.records.slice(height - 1)
  return golden.length - following.reduce((sum, record) => sum + 4 + record.length, 0)
}

const heightAt = (position: number) => parts.records.filter((_, index) => startOf(index + 1) <= position).length

describe('a history of version 1', () => {
  test('is valid, and tells where it ends', async () => {
    expect(parts.preamble).toMatchObject({ height: 8, count: 8 })
    expect(await verifyHistory(golden)).toMatchObject({
      valid: true,
      sectionId: parts.preamble.sectionId,
      height: 8,
      transactions: 4,
    })
  })

  test('that was changed in any byte fails at the block that the byte is in', async () => {
    const preambleEnd = startOf(1)
    // The last eight bytes of the preamble count what follows; a step that is coprime to every field's length.
    for (let position = 0; position < golden.length; position += position < 40 ? 1 : 101) {
      if (position >= preambleEnd - 8 && position < preambleEnd) continue
      const changed = golden.slice()
      changed[position] = (changed[position] as number) ^ 0x55
      const verdict = await verifyHistory(changed)
      expect({ position, ...verdict }).toMatchObject({ position, valid: false, height: heightAt(position) })
    }
  })

  test('that claims another number of blocks, or that more or fewer of them are certified, fails', async () => {
    const { preamble, records } = parts
    const claiming = (height: number) => encodeFile('history', { ...preamble, height }, records)
    expect(await verifyHistory(claiming(7))).toMatchObject({ valid: false, height: 0, reason: 'wrongHeight' })
    expect(await verifyHistory(claiming(9))).toMatchObject({ valid: false, height: 0, reason: 'wrongHeight' })
    const fewer = golden.slice()
    fewer[startOf(1) - 1] = 5
    expect(await verifyHistory(fewer)).toMatchObject({ valid: false, height: 6, reason: 'trailingBytes' })
    const more = golden.slice()
    more[startOf(1) - 1] = 10
    expect(await verifyHistory(more)).toMatchObject({ valid: false, height: 9, reason: 'truncated' })
  })

  test('that is cut off fails at the block at which it ends', async () => {
    for (const cut of [startOf(3) + 2, startOf(4) - 1, startOf(3)]) {
      const verdict = await verifyHistory(golden.subarray(0, cut))
      expect(verdict).toMatchObject({ valid: false, height: 3, reason: 'truncated' })
    }
    expect(await verifyHistory(new Uint8Array())).toMatchObject({ valid: false, height: 0, reason: 'malformed' })
  })

  test('of another section than the one asked for fails', async () => {
    const sectionId = 'ab'.repeat(32)
    expect(await verifyHistory(golden, { sectionId })).toMatchObject({ height: 0, reason: 'wrongSection' })
  })

  test('a record that says it is longer than any is refused before it is read', async () => {
    const changed = golden.slice()
    changed[startOf(2)] = 0xff
    expect(await verifyHistory(changed)).toMatchObject({ valid: false, height: 2, reason: 'recordTooLarge' })
  })
})

// A forger rewrites the chain so that every hash fits; only signatures stop it.
describe('a history that was made up', () => {
  const hashing = createHashing()
  const names = ['ann', 'ben', 'cleo', 'dan'] as const
  const people = Object.fromEntries(names.map((name) => [name, identityFrom(createIdentityKey())])) as Record<
    (typeof names)[number],
    Identity
  >
  const { ann, ben, cleo, dan } = people
  const genesis = {
    ...{ founders: [ann.peer, ben.peer, cleo.peer].sort(), createdAtMs: 1_000, salt: '00'.repeat(32) },
    ...{ previousSection: null, maxVoters: 4 },
  }
  const sectionId = hashing.genesis(genesis)

  interface Plan {
    readonly voters: readonly PeerId[]
    readonly observations?: HistoryRecord['observations']
    readonly signers: readonly Identity[]
    readonly timeMs?: number
  }

  async function history(plans: readonly Plan[], height = plans.length): Promise<Uint8Array> {
    let previous = sectionId
    const records: Uint8Array[] = []
    for (const [index, { voters, observations = [], signers, timeMs = 2_000 + index }] of plans.entries()) {
      const content = { sectionId, height: index + 1, previous, timeMs, voters, items: [], observations }
      const header = blockHeader(content)
      const hash = blockHeaderHash(header)
      const attestations = await Promise.all(signers.map((signer) => attest(signer, index + 1, hash)))
      records.push(encodeHistoryRecord({ hash, header, items: [], observations, attestations }))
      previous = hash
    }
    return encodeFile('history', { sectionId, genesis, height }, records)
  }

  async function attest({ peer, sign }: Identity, height: number, blockHash: string) {
    const { header, id } = encodeEvent({
      ...{ sectionId, creator: peer, seq: 0, selfParent: null, otherParents: [], createdAtMs: 1 },
      attest: { height, blockHash },
      body: { transactions: [], observations: [] },
    })
    return { header, signature: await sign(Uint8Array.from(Buffer.from(id, 'hex'))) }
  }

  const founders = genesis.founders
  const admitted = [...founders, dan.peer].sort()
  const addDan = { kind: 'add', peer: dan.peer, since: 0 } as const
  const promoteDan = { kind: 'voters', promote: [dan.peer], demote: [], since: 0 } as const

  test('passes when all founders signed', async () => {
    const file = await history([{ voters: founders, signers: [ann, ben, cleo] }])
    expect(await verifyHistory(file)).toMatchObject({ valid: true, height: 1 })
  })

  test('fails at the lowest block that not more than two thirds of its voters signed', async () => {
    const file = await history([
      { voters: founders, signers: [ann, ben, cleo] },
      { voters: founders, signers: [ann, ben] },
      { voters: founders, signers: [ann] },
    ])
    expect(await verifyHistory(file)).toMatchObject({ valid: false, height: 2, reason: 'notCertified' })
  })

  test('a signature on a block counts for those below it', async () => {
    const file = await history([
      { voters: founders, signers: [] },
      { voters: founders, signers: [ann, ben, cleo] },
    ])
    expect(await verifyHistory(file)).toMatchObject({ valid: true, height: 2 })
  })

  test('a block above the last certified one only leads to a signature', async () => {
    const file = await history(
      [
        { voters: founders, signers: [ann, ben] },
        { voters: founders, signers: [cleo] },
      ],
      1,
    )
    expect(await verifyHistory(file)).toMatchObject({ valid: true, height: 1, timeMs: 2_000 })
  })

  test('whoever is added and promoted votes from the next block on, and three of four are enough', async () => {
    const grown = { voters: founders, observations: [addDan, promoteDan], signers: [ann, ben, cleo] }
    const file = await history([grown, { voters: admitted, signers: [ann, ben, dan] }])
    expect(await verifyHistory(file)).toMatchObject({ valid: true, height: 2, voters: admitted })
  })

  test('signatures of members that do not vote do not count', async () => {
    const file = await history([
      { voters: founders, observations: [addDan], signers: [ann, ben, cleo] },
      { voters: founders, signers: [ann, ben, dan] },
    ])
    expect(await verifyHistory(file)).toMatchObject({ height: 2, reason: 'notCertified' })
  })

  test('a block that names its own voters fails at its height', async () => {
    const file = await history([
      { voters: founders, signers: [ann, ben, cleo] },
      { voters: [dan.peer], signers: [dan] },
    ])
    expect(await verifyHistory(file)).toMatchObject({ height: 2, reason: 'wrongVoters' })
  })

  test('a block that is not later than the one below fails', async () => {
    const signers = [ann, ben, cleo]
    const file = await history([
      { voters: founders, signers, timeMs: 2_000 },
      { voters: founders, signers, timeMs: 2_000 },
    ])
    expect(await verifyHistory(file)).toMatchObject({ height: 2, reason: 'wrongTime' })
  })

  test('one voter signing twice is counted once, and named', async () => {
    const file = await history([{ voters: founders, signers: [ann, ben, ben] }])
    expect(await verifyHistory(file)).toMatchObject({ height: 1, reason: 'attestedTwice', detail: `by ${ben.peer}` })
  })

  test('a signature on another block of that height is no signature on this one', async () => {
    const other = await attest(ann, 1, 'cd'.repeat(32))
    const { preamble, records } = partsOf(await history([{ voters: founders, signers: [ben, cleo] }]))
    const record = decodeHistoryRecord(records[0] as Uint8Array)
    if ('error' in record) throw new Error(record.error.detail)
    const attestations = [...record.ok.attestations, other]
    const file = encodeFile('history', preamble, [encodeHistoryRecord({ ...record.ok, attestations })])
    expect(await verifyHistory(file)).toMatchObject({ height: 1, reason: 'otherBlock' })
  })
})

/** Properties of every decoder; fast-check prints the seed of a failure. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventContent, Hash } from '../core/gossip/event.ts'
import type { Malice } from '../core/malice/malice.ts'
import type { Genesis } from '../core/section/block.ts'
import type { Observation } from '../core/section/observation.ts'
import { blockHeaderHash, decodeBlockHeader, encodeBlockHeader } from './block.ts'
import { type Decoded, decodeWith, encodeWith } from './codec.ts'
import { bodyCoder, decodeSealedEvent, encodeEvent, type SealedEvent, sealedBytes } from './event.ts'
import { decodeGenesis, encodeGenesis } from './genesis.ts'
import { limits } from './limits.ts'
import { decodeMessage, encodeMessage, type PeerMessage } from './message.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hash: fc.Arbitrary<Hash> = exactly(32).map((value) => Buffer.from(value).toString('hex'))
const u32 = fc.nat({ max: 2 ** 32 - 1 })
const u48 = fc.nat({ max: 2 ** 48 - 1 })
const hashes = fc.array(hash, { maxLength: 5 })
const keySet = fc.uniqueArray(hash, { maxLength: 5 }).map((keys) => keys.toSorted())
const founders = fc.uniqueArray(hash, { minLength: 1, maxLength: 5 }).map((keys) => keys.toSorted())
const malice = fc.constantFrom<Malice['kind']>(
  'fork',
  'duplicateVote',
  'falseAttestation',
  'invalidAccusation',
  'accomplice',
)

const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('add' as const, 'remove' as const), peer: hash, since: u32 }),
  fc.record({ kind: fc.constant('voters' as const), promote: keySet, demote: keySet, since: u32 }),
  fc.record({ kind: fc.constant('accusation' as const), accused: hash, malice, evidence: hashes }),
  fc.record({ kind: fc.constant('vote' as const), value: bytes(20) }),
)

const content: fc.Arbitrary<EventContent> = fc.record({
  sectionId: hash,
  creator: hash,
  seq: u32,
  selfParent: fc.option(hash),
  otherParents: hashes,
  createdAtMs: u48,
  attest: fc.record({ height: u32, blockHash: hash }),
  body: fc.record({
    transactions: fc.array(bytes(20), { maxLength: 5 }),
    observations: fc.array(observation, { maxLength: 5 }),
  }),
})

const sealed: fc.Arbitrary<SealedEvent> = fc.tuple(content, exactly(64)).map(([said, signature]) => {
  const { header, body, id } = encodeEvent(said)
  return { event: { ...said, id }, header, body, signature }
})

const genesis: fc.Arbitrary<Genesis> = fc.record({
  founders,
  createdAtMs: u48,
  salt: hash,
  previousSection: fc.option(fc.record({ sectionId: hash, height: u32, blockHash: hash })),
  maxVoters: fc.integer({ min: 1, max: 256 }),
})

const blockHeader = fc.record({
  sectionId: hash,
  height: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  previous: hash,
  timeMs: u48,
  votersRoot: hash,
  itemsRoot: hash,
  observationsRoot: hash,
})

const message: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({ kind: fc.constant('events' as const), events: fc.array(sealed, { maxLength: 3 }), more: fc.boolean() }),
  fc.record({ kind: fc.constant('tips' as const), tips: hashes }),
  fc.record({ kind: fc.constant('want' as const), ids: hashes, tips: hashes }),
  fc.record({
    kind: fc.constant('links' as const),
    statement: fc.record({
      of: hash,
      sinceMs: u48,
      peers: hashes,
      signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    }),
  }),
  fc.record({
    kind: fc.constant('section' as const),
    sectionId: fc.option(hash),
    genesis: fc.option(genesis),
    height: u32,
    voters: fc.nat({ max: 256 }),
    members: fc.nat({ max: 4096 }),
    hasHistory: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('join' as const), invitation: bytes(1024) }),
  fc.record({ kind: fc.constant('refused' as const), reason: fc.string({ unit: 'grapheme-ascii', maxLength: 200 }) }),
  fc.record({ kind: fc.constant('presence' as const), asleep: fc.boolean() }),
)

/** One change of the kinds that find sloppy decoders: a byte, a bit, a cut, an insertion. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  value: fc.nat({ max: 255 }),
  how: fc.constantFrom('set', 'flip', 'cut', 'insert'),
})

function mutate(original: Uint8Array, { at, value, how }: { at: number; value: number; how: string }): Uint8Array {
  const index = Math.floor(at * original.length)
  if (how === 'cut') return original.slice(0, index)
  if (how === 'insert') return Uint8Array.of(...original.subarray(0, index), value, ...original.subarray(index))
  const changed = original.slice()
  changed[index] = how === 'set' ? value : (original[index] ?? 0) ^ (1 << (value % 8))
  return changed
}

interface Format<T> {
  readonly values: fc.Arbitrary<T>
  encode(value: T): Uint8Array
  decode(received: Uint8Array): Decoded<T>
}

function isCanonical<T>({ encode, decode }: Format<T>, received: Uint8Array): void {
  const decoded = decode(received)
  if ('ok' in decoded) expect(Buffer.compare(encode(decoded.ok), received)).toBe(0)
  else expect(decoded.error.detail.length).toBeLessThanOrEqual(160)
}

function describeFormat<T>(name: string, format: Format<T>): void {
  describe(name, () => {
    test('comes back as it was', () => {
      fc.assert(
        fc.property(format.values, (value) => {
          expect(format.decode(format.encode(value))).toEqual({ ok: value })
        }),
      )
    })
    test('has one encoding only: damaged bytes are refused, without an exception, or are those of another value', () => {
      fc.assert(
        fc.property(format.values, mutation, (value, change) =>
          isCanonical(format, mutate(format.encode(value), change)),
        ),
        {
          numRuns: 1000,
        },
      )
    })
    test('is not found in noise without being canonical there', () => {
      fc.assert(
        fc.property(bytes(300), (noise) => isCanonical(format, noise)),
        { numRuns: 1000 },
      )
    })
  })
}

describeFormat('event', { values: sealed, encode: sealedBytes, decode: decodeSealedEvent })
describeFormat('body', {
  values: content.map(({ body }) => body),
  encode: (body) => encodeWith(bodyCoder, body),
  decode: (received) => decodeWith(bodyCoder, received, limits.bodyBytes),
})
describeFormat('genesis', { values: genesis, encode: encodeGenesis, decode: decodeGenesis })
describeFormat('block header', { values: blockHeader, encode: encodeBlockHeader, decode: decodeBlockHeader })
describeFormat('message', { values: message, encode: encodeMessage, decode: decodeMessage })

test('different values have different ids', () => {
  fc.assert(
    fc.property(content, content, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other))
      expect(encodeEvent(one).id).not.toBe(encodeEvent(other).id)
    }),
  )
  fc.assert(
    fc.property(blockHeader, u48, (header, timeMs) => {
      fc.pre(header.timeMs !== timeMs)
      expect(blockHeaderHash({ ...header, timeMs })).not.toBe(blockHeaderHash(header))
    }),
  )
})

test('a length that lies costs nothing: four gigabytes claimed in a few bytes are refused at once', () => {
  const claims = Uint8Array.of(1, 0xff, 0xff, ...new Uint8Array(8).fill(0xff))
  expect(decodeMessage(claims)).toMatchObject({ error: { code: 'malformed' } })
  expect(decodeSealedEvent(new Uint8Array(80).fill(0xff))).toMatchObject({ error: { code: 'malformed' } })
})

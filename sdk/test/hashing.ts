/**
 * Hashing for tests: SHA-256 over JSON. Says nothing about the wire format; only equal values have equal hashes.
 * May import the core only.
 */
import { createHash } from 'node:crypto'
import { createSectionCoin, type SectionCoin } from '../src/core/coin/section-coin.ts'
import type { Hash } from '../src/core/gossip/event.ts'
import type { Hashing } from '../src/core/io.ts'
import type { Coin } from '../src/core/options.ts'

const bytesAsHex = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? { hex: Buffer.from(value).toString('hex') } : value

export function sha256(domain: string, value: unknown): Hash {
  return createHash('sha256')
    .update(`${domain}\n${JSON.stringify(value, bytesAsHex)}`)
    .digest('hex')
}

export const testHashing: Hashing = {
  genesis: (genesis) => sha256('genesis', genesis),
  event: ({ sectionId, creator, seq, selfParent, otherParents, createdAtMs, attest, body }) =>
    sha256('event', [sectionId, creator, seq, selfParent, otherParents, createdAtMs, attest, body]),
  block: ({ sectionId, height, previous, timeMs, voters, items, observations }) =>
    sha256('block', [sectionId, height, previous, timeMs, voters, items, observations]),
  observation: (observation) => sha256('observation', observation),
  tieBreak: (previous, id) => sha256('tieBreak', [previous, id]),
  deals: (epoch, events) => sha256('deals', [epoch, events]),
  coin: (lastBlock, election, round, subject) => sha256('coin', [lastBlock, election, round, subject]),
}

/** The section's coin without keys: always this one. */
export const coinOf = (coin: Coin): SectionCoin => createSectionCoin(null, coin, testHashing)

/** A coin that differs between elections, rounds and subjects and that both sides of a comparison share. */
export const testCoin: Coin = (election, round, subject, lastBlock) =>
  Number.parseInt(sha256('shared coin', [election, round, subject, lastBlock]).slice(0, 2), 16) % 2 === 0

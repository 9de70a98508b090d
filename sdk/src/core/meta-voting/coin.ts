/** The coin's ports and its predictable stand-ins. Imports the core only. */
import type { Hash, PeerId } from '../gossip/event.ts'
import type { Hashing } from '../io.ts'
import type { Coin } from '../options.ts'

/**
 * The reference implementation's coin: no coin at all, and so a scheduler alone can stall agreement under it. Exists
 * to replay recorded graphs and to show the stall.
 */
export const parityCoin: Coin = (_election, round) => round % 2 !== 0

/**
 * The low bit of hash(last block, election, round, subject). Everybody can compute it, so everybody can predict it:
 * agreement is as safe as with any coin, but termination is promised only against a scheduler that does not read.
 */
export function hashCoin(hashing: Hashing): Coin {
  return (election: number, round: number, subject: PeerId, lastBlock: Hash) =>
    (Number.parseInt(hashing.coin(lastBlock, election, round, subject).slice(-1), 16) & 1) === 1
}

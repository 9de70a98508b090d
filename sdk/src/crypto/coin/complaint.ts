/**
 * Complaints that anybody can judge: the receiver of a bad share reveals the Diffie-Hellman key of its ciphertext with the
 * proof that it is the right one, so that everybody opens the ciphertext as the receiver did.
 */
import { decodeOrNull, provenElementCoder } from './codec.ts'
import { type CheckedDeal, openWith, requireReceiver } from './deal.ts'
import { haveEqualLogs, proveEqualLogs } from './equal-logs.ts'
import { type EncodedElement, type Random, requireKey } from './group.ts'
import { hash32, uint32 } from './hashing.ts'
import type { CoinKey } from './key.ts'
import { requireIndex } from './terms.ts'

export type Verdict =
  /** The ciphertext does not hold the share to which the dealer is committed. */
  | 'dealerCheated'
  /** The share was fine, and is public now. */
  | 'falseComplaint'
  /** Not canonical bytes, or not by this receiver about this share of this deal. Proves nothing about the dealer. */
  | 'malformed'

/**
 * 128 bytes. Only for a deal whose share `openShare` refused: about any other it is false, and gives that share away. Takes
 * 32 random bytes. Throws `CoinInputError` if the key is not that of `index`.
 */
export function createComplaint(deal: CheckedDeal, index: number, key: CoinKey, random: Random): Uint8Array {
  const secret = requireReceiver(deal, index, key)
  return provenElementCoder.encode(proveEqualLogs(statement(deal, index, requireKey(key.public)), secret, random(32)))
}

/** Never throws on any bytes. */
export function judgeComplaint(deal: CheckedDeal, index: number, complaint: Uint8Array): Verdict {
  requireIndex(deal.terms, index)
  const proof = decodeOrNull(provenElementCoder, complaint)
  if (proof === null) return 'malformed'
  const receiver = requireKey(deal.terms.receivers[index] as string)
  if (!haveEqualLogs(deal.ephemeral.element, [{ statement: statement(deal, index, receiver), proof }])) {
    return 'malformed'
  }
  return 'share' in openWith(deal, index, proof.image.element) ? 'falseComplaint' : 'dealerCheated'
}

function statement(deal: CheckedDeal, index: number, key: EncodedElement) {
  const binding = hash32('complaint', deal.hash, uint32(index))
  return { purpose: 'complaint', binding, base: deal.ephemeral.element, key } as const
}

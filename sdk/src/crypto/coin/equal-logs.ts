/**
 * Chaum and Pedersen's proof that one secret links two pairs, key = x·generator and image = x·base, made non-interactive
 * by Fiat and Shamir; with commitments in it, so that many proofs are checked as one sum.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { ProvenElement } from './codec.ts'
import {
  addScalars,
  type Element,
  type EncodedElement,
  encoded,
  encodeScalar,
  generator,
  multiplyScalars,
  multiplySecret,
  negateScalar,
  sumOfMultiples,
} from './group.ts'
import { hashToScalar, type Purpose } from './hashing.ts'
import { batchWeights } from './weights.ts'

export interface EqualLogsStatement {
  readonly purpose: Purpose
  /** Fixes the base and everything else that the proof must not be moved to. */
  readonly binding: Uint8Array
  readonly base: Element
  readonly key: EncodedElement
}

/**
 * `secret` is the logarithm of `key`. The nonce is a hash of the secret and the statement (as in RFC 8032), with `fresh`
 * randomness, which may be empty, added for hedging.
 */
export function proveEqualLogs(statement: EqualLogsStatement, secret: bigint, fresh: Uint8Array): ProvenElement {
  const { purpose, binding, base, key } = statement
  const image = encoded(multiplySecret(base, secret))
  const nonce = hashToScalar(
    'nonce',
    utf8ToBytes(purpose),
    encodeScalar(secret),
    fresh,
    binding,
    key.bytes,
    image.bytes,
  )
  const commitment = encoded(multiplySecret(generator, nonce))
  const baseCommitment = encoded(multiplySecret(base, nonce))
  const challenge = challengeOf(statement, { image, commitment, baseCommitment })
  return { image, commitment, baseCommitment, response: addScalars(nonce, multiplyScalars(challenge, secret)) }
}

/** Whether all of the proofs hold. The statements share one base. */
export function haveEqualLogs(
  base: Element,
  proofs: readonly { readonly statement: EqualLogsStatement; readonly proof: ProvenElement }[],
): boolean {
  const challenges = proofs.map(({ statement, proof }) => challengeOf(statement, proof))
  const inputs = proofs.flatMap(({ proof }, i) => [encodeScalar(challenges[i] as bigint), encodeScalar(proof.response)])
  const weights = batchWeights(inputs, 2 * proofs.length)
  let onGenerator = 0n
  let onBase = 0n
  const terms = proofs.flatMap(({ statement, proof }, i) => {
    const challenge = challenges[i] as bigint
    const [forKey, forImage] = [weights[2 * i] as bigint, weights[2 * i + 1] as bigint]
    onGenerator = addScalars(onGenerator, multiplyScalars(forKey, proof.response))
    onBase = addScalars(onBase, multiplyScalars(forImage, proof.response))
    return [
      [negateScalar(multiplyScalars(forKey, challenge)), statement.key.element],
      [negateScalar(multiplyScalars(forImage, challenge)), proof.image.element],
      [forKey, proof.commitment.element.negate()],
      [forImage, proof.baseCommitment.element.negate()],
    ] as const
  })
  return sumOfMultiples([[onGenerator, generator], [onBase, base], ...terms]).is0()
}

function challengeOf(
  { purpose, binding, key }: EqualLogsStatement,
  { image, commitment, baseCommitment }: Omit<ProvenElement, 'response'>,
): bigint {
  return hashToScalar(purpose, binding, key.bytes, image.bytes, commitment.bytes, baseCommitment.bytes)
}

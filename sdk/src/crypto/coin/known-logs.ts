/**
 * Schnorr's proof of knowledge of the logarithms of one or more elements, made non-interactive by Fiat and Shamir. It
 * carries commitments rather than the challenge, so that all its equations are checked as one sum.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { LogsProof } from './codec.ts'
import {
  addScalars,
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

/** What is being proved: the elements, for one purpose, bound to everything that `binding` names. */
export interface LogsStatement {
  readonly purpose: Purpose
  readonly binding: Uint8Array
  readonly elements: readonly EncodedElement[]
}

/** Hedged: the nonce depends on the secrets, the statement and fresh randomness, so that repeated randomness does no harm. */
export function proveLogs(statement: LogsStatement, secrets: readonly bigint[], fresh: Uint8Array): LogsProof {
  const { purpose, binding, elements } = statement
  const seed = secrets.map(encodeScalar)
  const names = elements.map(({ bytes }) => bytes)
  const nonces = secrets.map((_, i) =>
    hashToScalar('nonce', encodePlace(purpose, i), ...seed, fresh, binding, ...names),
  )
  const commitments = nonces.map((nonce) => encoded(multiplySecret(generator, nonce)))
  const challenge = challengeOf(statement, commitments)
  const responses = nonces.map((nonce, i) => addScalars(nonce, multiplyScalars(challenge, secrets[i] as bigint)))
  return { commitments, responses }
}

export function knowsLogs(statement: LogsStatement, { commitments, responses }: LogsProof): boolean {
  const { elements } = statement
  const challenge = challengeOf(statement, commitments)
  const weights = batchWeights([encodeScalar(challenge), ...responses.map(encodeScalar)], elements.length)
  let onGenerator = 0n
  const terms = elements.flatMap(({ element }, i) => {
    const weight = weights[i] as bigint
    onGenerator = addScalars(onGenerator, multiplyScalars(weight, responses[i] as bigint))
    const commitment = commitments[i] as EncodedElement
    return [
      [negateScalar(multiplyScalars(weight, challenge)), element],
      [weight, commitment.element.negate()],
    ] as const
  })
  return sumOfMultiples([[onGenerator, generator], ...terms]).is0()
}

function challengeOf({ purpose, binding, elements }: LogsStatement, commitments: readonly EncodedElement[]): bigint {
  return hashToScalar(purpose, binding, ...[...elements, ...commitments].map(({ bytes }) => bytes))
}

function encodePlace(purpose: Purpose, index: number): Uint8Array {
  return utf8ToBytes(`${purpose} ${index}`)
}

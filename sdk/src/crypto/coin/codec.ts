/** The coin's fixed layouts over micro-packed: one byte string per value, every count bounded before it is used. */
import * as P from 'micro-packed'
import { decodeElement, decodeScalar, type EncodedElement, encodeScalar } from './group.ts'
import { coinLimits, dealBytesMax, elementBytes, scalarBytes, sealedShareBytes } from './limits.ts'

export type Coder<T> = P.CoderType<T>

/** Canonical and not the identity. */
export const elementCoder: Coder<EncodedElement> = P.apply(P.bytes(elementBytes), {
  // A copy, as the decoder's bytes are a view of its input.
  encode: (bytes) => ({ element: decodeElement(bytes), bytes: bytes.slice() }),
  decode: ({ bytes }: EncodedElement) => bytes,
})

/** Canonical: below ℓ. */
export const scalarCoder: Coder<bigint> = P.apply(P.bytes(scalarBytes), {
  encode: decodeScalar,
  decode: encodeScalar,
})

/** The fields one after another, in the order in which they are written here. */
export function record<T extends object>(fields: { readonly [K in keyof T]-?: Coder<T[K]> }): Coder<T> {
  return P.struct(fields as never) as unknown as Coder<T>
}

/** A list with an 8-bit count. */
export function listOf<T>(min: number, max: number, inner: Coder<T>): Coder<readonly T[]> {
  const count = P.validate(P.U8, (value) => {
    if (value < min || value > max) throw new RangeError(`${value} items, not ${min} to ${max}`)
    return value
  })
  return P.array(count, inner) as unknown as Coder<readonly T[]>
}

/** Null for bytes that are not the one encoding of a value, trailing bytes included. Never throws. */
export function decodeOrNull<T>(coder: Coder<T>, bytes: Uint8Array): T | null {
  if (bytes.length > dealBytesMax) return null
  try {
    return coder.decode(bytes)
  } catch {
    return null
  }
}

/** A proof that the prover knows the logarithms of some elements. */
export interface LogsProof {
  readonly commitments: readonly EncodedElement[]
  readonly responses: readonly bigint[]
}

export function logsProofCoder(count: number): Coder<LogsProof> {
  return record<LogsProof>({
    commitments: P.array(count, elementCoder) as unknown as Coder<readonly EncodedElement[]>,
    responses: P.array(count, scalarCoder) as unknown as Coder<readonly bigint[]>,
  })
}

/** A proof that two elements have the same logarithm, each to its own base. */
export interface EqualLogsProof {
  /** Of the nonce to the generator and to the other base. */
  readonly commitment: EncodedElement
  readonly baseCommitment: EncodedElement
  readonly response: bigint
}

/** What a coin share and a complaint look like: an element, and the proof that its logarithm is the right one. */
export interface ProvenElement extends EqualLogsProof {
  readonly image: EncodedElement
}

export const provenElementCoder = record<ProvenElement>({
  image: elementCoder,
  commitment: elementCoder,
  baseCommitment: elementCoder,
  response: scalarCoder,
})

export interface DealBody {
  /** To the polynomial's coefficients, the constant term first. */
  readonly commitments: readonly EncodedElement[]
  readonly ephemeral: EncodedElement
  /** One per receiver, in order. */
  readonly sealed: readonly Uint8Array[]
}

const dealBodyFields = {
  commitments: listOf(2, coinLimits.threshold + 1, elementCoder),
  ephemeral: elementCoder,
  sealed: listOf(3, coinLimits.receivers, P.bytes(sealedShareBytes)),
}

export const dealBodyCoder = record<DealBody>(dealBodyFields)

export const dealCoder = record<DealBody & { readonly proof: LogsProof }>({
  ...dealBodyFields,
  proof: logsProofCoder(2),
})

/** Bounds and sizes of everything the coin keeps, sends or computes. Counts in items, sizes in bytes. */
export const coinLimits = {
  /** Holders of one epoch's key. */
  receivers: 64,
  /** f of 64 voters. */
  threshold: 21,
  contextBytes: 1024,
  messageBytes: 1024,
} as const

export const scalarBytes = 32
export const elementBytes = 32
/** A sealed scalar: the ciphertext and Poly1305's tag. */
export const sealedShareBytes = scalarBytes + 16
/** One commitment, one response. */
export const coinKeyProofBytes = elementBytes + scalarBytes
/** The key of the ciphertext, two commitments, one response. */
export const complaintBytes = 3 * elementBytes + scalarBytes
/** The share, two commitments, one response. */
export const coinShareBytes = 3 * elementBytes + scalarBytes

/** Two counts, f + 1 commitments, the ephemeral key, n sealed shares, and the proof: two commitments, two responses. */
export function dealBytes(receivers: number, threshold: number): number {
  return 2 + (threshold + 2) * elementBytes + receivers * sealedShareBytes + 2 * (elementBytes + scalarBytes)
}

/** No deal is larger. */
export const dealBytesMax = dealBytes(coinLimits.receivers, coinLimits.threshold)

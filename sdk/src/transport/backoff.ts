/** When to try again after a failure. */

/** Uniform in [0, 1). */
export type Random = () => number

export const cryptoRandom: Random = () => {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1))
  return word / 2 ** 32
}

export const randomHex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * Doubles with every failure from `firstMs` up to `mostMs`, then takes between half and all of it, so that peers that
 * failed together do not return together.
 */
export const backoffMs = (failures: number, firstMs: number, mostMs: number, random: Random): number =>
  Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30)) * (0.5 + random() / 2)

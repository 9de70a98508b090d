/** Many byte strings in one buffer, so that they travel from one thread to another as one. */

export interface Packed {
  /** All of them, one after another. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly lengths: Uint32Array<ArrayBuffer>
}

export function packBytes(strings: readonly Uint8Array[]): Packed {
  let total = 0
  for (const { length } of strings) total += length
  const bytes = new Uint8Array(total)
  const lengths = new Uint32Array(strings.length)
  let at = 0
  strings.forEach((string, i) => {
    bytes.set(string, at)
    lengths[i] = string.length
    at += string.length
  })
  return { bytes, lengths }
}

/** As views of the one buffer. */
export function unpackBytes({ bytes, lengths }: Packed): Uint8Array[] {
  let end = 0
  return Array.from(lengths, (length) => {
    end += length
    return bytes.subarray(end - length, end)
  })
}

/** For the thread that gives them away. */
export const buffersOf = ({ bytes, lengths }: Packed): ArrayBuffer[] => [bytes.buffer, lengths.buffer]

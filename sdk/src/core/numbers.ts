/** A list of numbers that grows with the history: typed arrays, never copied whole. Imports nothing. */

export interface Numbers {
  push(value: number): void
  /** Undefined beyond the end. */
  at(index: number): number | undefined
  /** Undefined while it is empty. */
  readonly last: number | undefined
  readonly length: number
}

const PIECE = 1024

/** 32-bit integers: 4 bytes each. */
export const createIntegers = (): Numbers => createNumbers((length) => new Int32Array(length))

/** 0 … 255: 1 byte each. */
export const createBytes = (): Numbers => createNumbers((length) => new Uint8Array(length))

/** 8 bytes each. */
export const createFloats = (): Numbers => createNumbers((length) => new Float64Array(length))

type Piece = Uint8Array | Int32Array | Float64Array

function createNumbers(create: (length: number) => Piece): Numbers {
  const pieces: Piece[] = []
  let length = 0
  const at = (index: number) => (index < length ? pieces[Math.floor(index / PIECE)]?.[index % PIECE] : undefined)
  return {
    push(value) {
      const place = length % PIECE
      // The first piece grows: many lists stay short.
      if (length < PIECE && place === (pieces[0]?.length ?? 0)) {
        const grown = create(Math.min(PIECE, Math.max(8, 2 * length)))
        if (pieces[0]) grown.set(pieces[0])
        pieces[0] = grown
      } else if (place === 0) pieces.push(create(PIECE))
      ;(pieces[pieces.length - 1] as Piece)[place] = value
      length++
    },
    at,
    get last() {
      return at(length - 1)
    },
    get length() {
      return length
    },
  }
}

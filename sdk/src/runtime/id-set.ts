/**
 * The ids of all final transactions of a section, of which there are millions. Authors count theirs, so that most ids
 * follow another: 64 that differ in nothing but their last 6 bits share one entry in tables of numbers, with a bit for each,
 * which is half a byte an id. Ids that follow no other take an entry each. Whole ids, so that no two are taken for one.
 */

/** One of 32 hexadecimal digits, lower case. */
type Id = string

export interface IdSet {
  /** False: it was there already. */
  add(id: Id): boolean
  readonly size: number
  /** Of the tables. */
  readonly bytes: number
}

/** What the ids of an entry have in common, and its bits. */
const KEY_WORDS = 4
const WORDS = KEY_WORDS + 2
/** Of an id, those that choose the bit in its entry. */
const LOW_BITS = 6
/** Tables grow one at a time, so that nothing waits for all of them, and no second copy of all is needed meanwhile. */
const TABLE_BITS = 6
const FIRST_CAPACITY = 16
const LOAD_MAX = 0.85
const GROWTH = 1.25

interface Table {
  /** Entries of `WORDS` each; one without a bit is an empty place. */
  words: Int32Array
  capacity: number
  count: number
}

/**
 * Authors choose their ids, within what they can compute: `random` keys where an id has its place, so that nobody can
 * aim at one. The answers do not depend on it.
 */
export function createIdSet(random: (length: number) => Uint8Array): IdSet {
  const [k0, k1, k2, k3] = oddWords(random(4 * KEY_WORDS))
  const tables = Array.from({ length: 1 << TABLE_BITS }, () => emptyTable(FIRST_CAPACITY))
  let size = 0

  /** The first bits choose the table, those after them the place. */
  function hash(a: number, b: number, c: number, d: number): number {
    return (Math.imul(a, k0) + Math.imul(b, k1) + Math.imul(c, k2) + Math.imul(d, k3)) | 0
  }

  /** Where in the words this key's entry is, or would be. */
  function find({ words, capacity }: Table, h: number, a: number, b: number, c: number, d: number): number {
    let at = WORDS * Math.floor(((h << TABLE_BITS) >>> 0) * (capacity / 2 ** 32))
    while (!isEmpty(words, at)) {
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) break
      at += WORDS
      if (at === words.length) at = 0
    }
    return at
  }

  function grow(table: Table): void {
    const { words } = table
    const larger = emptyTable(Math.ceil(table.capacity * GROWTH))
    for (let at = 0; at < words.length; at += WORDS) {
      if (isEmpty(words, at)) continue
      const a = words[at] as number
      const b = words[at + 1] as number
      const c = words[at + 2] as number
      const d = words[at + 3] as number
      larger.words.set(words.subarray(at, at + WORDS), find(larger, hash(a, b, c, d), a, b, c, d))
    }
    table.words = larger.words
    table.capacity = larger.capacity
  }

  return {
    add(id) {
      const a = wordAt(id, 0)
      const b = wordAt(id, 8)
      const c = wordAt(id, 16)
      const last = wordAt(id, 24)
      const d = last >>> LOW_BITS
      const bit = 1 << (last & 31)
      const h = hash(a, b, c, d)
      const table = tables[h >>> (32 - TABLE_BITS)] as Table
      if (table.count >= LOAD_MAX * table.capacity) grow(table)
      const { words } = table
      const at = find(table, h, a, b, c, d)
      const bitsAt = at + KEY_WORDS + ((last >>> 5) & 1)
      if (((words[bitsAt] as number) & bit) !== 0) return false
      if (isEmpty(words, at)) {
        words[at] = a
        words[at + 1] = b
        words[at + 2] = c
        words[at + 3] = d
        table.count++
      }
      words[bitsAt] = (words[bitsAt] as number) | bit
      size++
      return true
    },
    get size() {
      return size
    },
    get bytes() {
      return tables.reduce((sum, { words }) => sum + words.byteLength, 0)
    },
  }
}

function emptyTable(capacity: number): Table {
  return { words: new Int32Array(WORDS * capacity), capacity, count: 0 }
}

function isEmpty(words: Int32Array, at: number): boolean {
  return words[at + KEY_WORDS] === 0 && words[at + KEY_WORDS + 1] === 0
}

function oddWords(bytes: Uint8Array): [number, number, number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return [view.getInt32(0) | 1, view.getInt32(4) | 1, view.getInt32(8) | 1, view.getInt32(12) | 1]
}

/** Eight digits. */
function wordAt(id: Id, from: number): number {
  let word = 0
  for (let i = from; i < from + 8; i++) {
    const code = id.charCodeAt(i)
    word = (word << 4) | (code <= NINE ? code - ZERO : code - TEN_ABOVE)
  }
  return word
}

const ZERO = 0x30
const NINE = 0x39
/** Where `a` would have to begin for it to be ten. */
const TEN_ABOVE = 0x61 - 10

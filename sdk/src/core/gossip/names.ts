/**
 * The ids of events, by the events' indices and back. Imports core types only.
 *
 * Recent ones are strings in a map. The others, of which there are as many as there is history, are 32 bytes each and a
 * place in a table: a string and its entry in a map take four times as much. Whoever makes ids that meet in the table, at
 * millions of hashes for each, makes a look-up one comparison of numbers longer.
 */
import { invariant } from '../invariant.ts'
import type { EventId } from './event.ts'

export interface Names {
  /** Names the event with this index; each index once. */
  name(index: number, id: EventId): void
  find(id: EventId): number | undefined
  /** Of a named event. */
  idOf(index: number): EventId
  /** Packs the names of all events before this index. */
  retire(upTo: number): void
}

const WORDS_PER_ID = 8
const DIGITS_PER_WORD = 8
/** Ids in one piece of the packed list: pieces are never copied. */
const IDS_PER_PIECE = 1024
const FIRST_TABLE_SIZE = 1024

export function createNames(): Names {
  const recent = new Map<EventId, number>()
  // Of the events from `packed` on; undefined: not named yet.
  let ids: (EventId | undefined)[] = []
  let packed = 0
  const pieces: Uint32Array[] = []
  // Index + 1 at the first free place from the id's own on; 0: free.
  let table = new Int32Array(FIRST_TABLE_SIZE)

  const pieceOf = (index: number) => pieces[Math.floor(index / IDS_PER_PIECE)] as Uint32Array
  const placeIn = (index: number) => (index % IDS_PER_PIECE) * WORDS_PER_ID

  function put(index: number): void {
    const mask = table.length - 1
    let at = (pieceOf(index)[placeIn(index)] as number) & mask
    while (table[at] !== 0) at = (at + 1) & mask
    table[at] = index + 1
  }

  function pack(index: number, id: EventId): void {
    if (index % IDS_PER_PIECE === 0) pieces.push(new Uint32Array(IDS_PER_PIECE * WORDS_PER_ID))
    const piece = pieceOf(index)
    for (let i = 0; i < WORDS_PER_ID; i++) piece[placeIn(index) + i] = wordOf(id, i)
    if (2 * (index + 1) > table.length) {
      table = new Int32Array(2 * table.length)
      for (let earlier = 0; earlier < index; earlier++) put(earlier)
    }
    put(index)
  }

  function findPacked(id: EventId): number | undefined {
    if (packed === 0) return undefined
    // Most that is asked for and not recent is not there at all: one word tells.
    const mask = table.length - 1
    for (let at = wordOf(id, 0) & mask; ; at = (at + 1) & mask) {
      const index = (table[at] as number) - 1
      if (index < 0) return undefined
      const piece = pieceOf(index)
      const place = placeIn(index)
      let i = 0
      while (i < WORDS_PER_ID && piece[place + i] === wordOf(id, i)) i++
      if (i === WORDS_PER_ID) return index
    }
  }

  return {
    name(index, id) {
      recent.set(id, index)
      while (ids.length < index - packed) ids.push(undefined)
      ids[index - packed] = id
    },
    find: (id) => recent.get(id) ?? findPacked(id),
    idOf(index) {
      if (index >= packed) {
        const id = ids[index - packed]
        invariant(id, 'an event is named before anything refers to it')
        return id
      }
      const piece = pieceOf(index)
      const place = placeIn(index)
      let id = ''
      for (let i = 0; i < WORDS_PER_ID; i++) {
        id += (piece[place + i] as number).toString(16).padStart(DIGITS_PER_WORD, '0')
      }
      return id
    },
    retire(upTo) {
      const count = upTo - packed
      if (count <= 0) return
      for (let i = 0; i < count; i++) {
        const id = ids[i]
        invariant(id, 'an event is named before anything refers to it')
        pack(packed + i, id)
        recent.delete(id)
      }
      packed = upTo
      ids = ids.slice(count)
    },
  }
}

/** Eight of the id's lower-case hexadecimal digits as a number. */
function wordOf(id: EventId, word: number): number {
  let value = 0
  const end = (word + 1) * DIGITS_PER_WORD
  for (let i = word * DIGITS_PER_WORD; i < end; i++) {
    const code = id.charCodeAt(i)
    value = (value << 4) | (code <= DIGIT_NINE ? code - DIGIT_ZERO : code - LETTER_A + 10)
  }
  return value >>> 0
}

const DIGIT_ZERO = 48
const DIGIT_NINE = 57
const LETTER_A = 97

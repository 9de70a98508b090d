/** Yjs updates (version 1), read within bounds and written. May import only packages and this folder. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { limits } from './limits.ts'

/** Content and where it was put, or a range without content. */
export type Struct = Y.Item | Y.GC

/** Of one client's clocks, end exclusive. */
export interface Range {
  readonly client: number
  readonly start: number
  readonly end: number
}

export interface Update {
  readonly structs: readonly Struct[]
  readonly deletes: readonly Range[]
}

/** Stops where engines may differ in how far they get: at counts and depths. */
class BoundedDecoder extends Y.UpdateDecoderV1 {
  #structs = 0
  #ranges = 0

  override readInfo(): number {
    if (++this.#structs > limits.structsPerUpdate) throw new RangeError('too many structs')
    return super.readInfo()
  }

  override readDsLen(): number {
    if (++this.#ranges > limits.deletedRangesPerUpdate) throw new RangeError('too many ranges')
    return super.readDsLen()
  }

  override readAny(): unknown {
    const start = this.restDecoder.pos
    skipAny(this.restDecoder, 0)
    this.restDecoder.pos = start
    return super.readAny()
  }

  override readJSON(): unknown {
    const start = this.restDecoder.pos
    checkJsonDepth(decoding.readVarString(this.restDecoder))
    this.restDecoder.pos = start
    return super.readJSON()
  }
}

const anyArray = 117
const anyObject = 118

/** lib0's encoding of plain values. Throws if they are nested too deep, whatever keys may hide of it. */
function skipAny(decoder: decoding.Decoder, depth: number): void {
  const tag = decoder.arr[decoder.pos]
  if (tag !== anyArray && tag !== anyObject) return void decoding.readAny(decoder)
  if (depth >= limits.valueDepth) throw new RangeError('nested too deep')
  decoder.pos++
  const count = decoding.readVarUint(decoder)
  for (let i = 0; i < count; i++) {
    if (tag === anyObject) decoding.readVarString(decoder)
    skipAny(decoder, depth + 1)
  }
}

function checkJsonDepth(json: string): void {
  let depth = 0
  let isInString = false
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (character === '"') isInString = !isInString
    else if (isInString) at += character === '\\' ? 1 : 0
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
    if (depth > limits.valueDepth) throw new RangeError('nested too deep')
  }
}

/** Null for bytes that are no update, that leave a gap, or that refer to what its author had not written yet. */
export function decodeUpdate(bytes: Uint8Array): Update | null {
  try {
    // A copy: lib0 reads past the end of a view, on in the buffer that it lies in.
    const { structs, ds } = Y.decodeUpdateV2(new Uint8Array(bytes), BoundedDecoder)
    const deletes = [...ds.clients].flatMap(([client, ranges]) =>
      ranges.map(({ clock, len }) => ({ client, start: clock, end: clock + len })),
    )
    if (!structs.every(isSound) || !deletes.every(isRange)) return null
    return { structs: structs as Struct[], deletes }
  } catch {
    return null
  }
}

const isRange = ({ start, end }: Range) => end > start && Number.isSafeInteger(end)

function isSound(struct: Y.AbstractStruct): boolean {
  const { clock, client } = struct.id
  if (!(struct.length > 0 && Number.isSafeInteger(clock + struct.length))) return false
  if (struct instanceof Y.GC) return true
  return struct instanceof Y.Item && referencesOf(struct).every((id) => id.client !== client || id.clock < clock)
}

/** What has to be there before this. */
export function referencesOf(struct: Struct): Y.ID[] {
  if (!(struct instanceof Y.Item)) return []
  const { origin, rightOrigin, parent } = struct
  return [origin, rightOrigin, parent].filter((id) => id instanceof Y.ID)
}

/** The structs are of one client, in order and without gaps. */
export function encodeUpdate({ structs, deletes }: Update): Uint8Array {
  const encoder = new Y.UpdateEncoderV1()
  const rest = encoder.restEncoder
  const [first] = structs
  encoding.writeVarUint(rest, first ? 1 : 0)
  if (first) {
    encoding.writeVarUint(rest, structs.length)
    encoder.writeClient(first.id.client)
    encoding.writeVarUint(rest, first.id.clock)
    for (const struct of structs) struct.write(encoder, 0)
  }
  const byClient = new Map<number, Range[]>()
  for (const range of deletes) {
    const ranges = byClient.get(range.client)
    if (ranges) ranges.push(range)
    else byClient.set(range.client, [range])
  }
  encoding.writeVarUint(rest, byClient.size)
  for (const [client, ranges] of byClient) {
    encoding.writeVarUint(rest, client)
    encoding.writeVarUint(rest, ranges.length)
    for (const { start, end } of ranges) {
      encoding.writeVarUint(rest, start)
      encoding.writeVarUint(rest, end - start)
    }
  }
  return encoder.toUint8Array()
}

/** The same in as many updates as the limits ask for. What alone is too large becomes a range without content. */
export function splitUpdate(update: Update): Uint8Array[] {
  const { structs, deletes } = update
  if (structs.length <= limits.structsPerUpdate && deletes.length <= limits.deletedRangesPerUpdate) {
    const bytes = encodeUpdate(update)
    if (bytes.length <= limits.updateBytes) return [bytes]
  }
  const [first] = structs
  if (first && deletes.length > 0)
    return [
      { structs, deletes: [] },
      { structs: [], deletes },
    ].flatMap(splitUpdate)
  if (first && structs.length === 1) return [encodeUpdate({ structs: [new Y.GC(first.id, first.length)], deletes })]
  const [left, right] = halves(structs)
  const [early, late] = halves(deletes)
  return [
    { structs: left, deletes: early },
    { structs: right, deletes: late },
  ].flatMap(splitUpdate)
}

function halves<T>(list: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(list.length / 2)
  return [list.slice(0, middle), list.slice(middle)]
}

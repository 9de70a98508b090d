/** How deep shared types lie inside each other. May import only packages and this folder. */
import * as Y from 'yjs'
import { limits } from './limits.ts'
import type { Struct } from './update.ts'

/**
 * Whether these structs, about to be added to the document, put a type deeper than the limit. Yjs deletes a type with all
 * that is in it by recursion, and how far that can go differs from engine to engine.
 */
export function typesNestTooDeep({ store }: Y.Doc, structs: readonly Struct[]): boolean {
  if (!structs.some((struct) => struct instanceof Y.Item && struct.content instanceof Y.ContentType)) return false
  const client = structs[0]?.id.client
  const known = client === undefined ? 0 : Y.getState(store, client)
  // Of the types around each struct; what a struct refers to among these stands before it.
  const depths: number[] = []

  const around = (id: Y.ID): number =>
    id.client === client && id.clock >= known
      ? (depths[indexAt(structs, id.clock)] ?? 0)
      : storedDepth(Y.getItem(store, id))

  return structs.some((struct) => {
    let depth = 0
    if (struct instanceof Y.Item) {
      const beside = struct.origin ?? struct.rightOrigin
      if (beside) depth = around(beside)
      else if (struct.parent instanceof Y.ID) depth = around(struct.parent) + 1
    }
    depths.push(depth)
    return depth >= limits.typeDepth && struct instanceof Y.Item && struct.content instanceof Y.ContentType
  })
}

function storedDepth(struct: Y.AbstractStruct): number {
  let depth = 0
  for (let item: Y.Item | null = struct instanceof Y.Item ? struct : null; item; ) {
    item = item.parent instanceof Y.AbstractType ? item.parent._item : null
    if (item) depth++
  }
  return depth
}

/** Of the struct that covers a clock, in a list without gaps. */
function indexAt(structs: readonly Struct[], clock: number): number {
  let low = 0
  let high = structs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((structs[middle] as Struct).id.clock <= clock) low = middle
    else high = middle - 1
  }
  return low
}

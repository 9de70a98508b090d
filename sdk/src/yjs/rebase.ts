/**
 * Edits that hang on content which never became final, hung on what did. May import only packages and this folder.
 *
 * An author's text may stand beside what an outsider typed, or a member that left before it submitted. The author then
 * submits its own structs once more, each beside the nearest final neighbours instead; what lies inside of a shared type
 * that is not final is left out.
 */
import * as Y from 'yjs'
import type { Range, Struct, Update } from './update.ts'

/** What is final so far: all clocks of a client below this one. */
type ClockOf = (client: number) => number

/** The range of an own client in the live document, such that it builds on final content and on itself only. */
export function rebase(doc: Y.Doc, range: Range, clockOf: ClockOf): Update {
  const { client } = range
  const structs: Struct[] = []
  const deletes: Range[] = []
  for (const struct of doc.store.clients.get(client) ?? []) {
    const start = Math.max(range.start, struct.id.clock)
    const end = Math.min(range.end, struct.id.clock + struct.length)
    if (start >= end) continue
    const nothing = emptied({ id: Y.createID(client, start), length: end - start })
    structs.push((struct instanceof Y.Item && rebased(doc, struct, start, end, clockOf)) || nothing)
    if (struct.deleted) deletes.push({ client, start, end })
  }
  return { structs, deletes }
}

/** Its clocks without content, so that what its author wrote afterwards can become final. */
export function emptied({ id, length }: Pick<Struct, 'id' | 'length'>): Y.GC {
  return new Y.GC(id, length)
}

/** The part of an item between two clocks, beside final neighbours; null where there is no final place for it. */
function rebased(doc: Y.Doc, item: Y.Item, start: number, end: number, clockOf: ClockOf): Y.Item | null {
  const { client } = item.id
  // The structs of this update come before those that refer to them.
  const endOf = (each: number) => (each === client ? start : clockOf(each))
  const isThere = (id: Y.ID) => id.clock < endOf(id.client)
  const origin = start > item.id.clock ? Y.createID(client, start - 1) : nearestLeft(doc, item.origin, endOf)
  const rightOrigin = nearestRight(doc, item.rightOrigin, endOf)
  const { parent } = item
  if (!(parent instanceof Y.AbstractType)) return null
  const hasAnchor = origin !== null || rightOrigin !== null
  if (!hasAnchor && parent._item && !isThere(parent._item.id)) return null
  const content = cut(item, start, end)
  return new Y.Item(Y.createID(client, start), null, origin, null, rightOrigin, parent, item.parentSub, content)
}

function nearestLeft(doc: Y.Doc, from: Y.ID | null, endOf: ClockOf): Y.ID | null {
  if (from === null || from.clock < endOf(from.client)) return from
  for (let item = itemAt(doc, from); item; item = item.left) {
    const { client, clock } = item.id
    const end = Math.min(clock + item.length, endOf(client))
    if (end > clock) return Y.createID(client, end - 1)
  }
  return null
}

function nearestRight(doc: Y.Doc, from: Y.ID | null, endOf: ClockOf): Y.ID | null {
  if (from === null || from.clock < endOf(from.client)) return from
  for (let item = itemAt(doc, from); item; item = item.right) {
    if (item.id.clock < endOf(item.id.client)) return item.id
  }
  return null
}

function itemAt(doc: Y.Doc, id: Y.ID): Y.Item | null {
  const struct: Y.AbstractStruct = Y.getItem(doc.store, id)
  return struct instanceof Y.Item ? struct : null
}

function cut(item: Y.Item, start: number, end: number): Y.Item['content'] {
  const { clock } = item.id
  if (start === clock && end === clock + item.length) return item.content
  const content = item.content.copy()
  if (end < clock + item.length) content.splice(end - clock)
  return start > clock ? content.splice(start - clock) : content
}

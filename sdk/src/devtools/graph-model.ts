/**
 * The part of the gossip graph that is shown: the last so many events, each in its creator's column and one row below its
 * lowest parent. Rows are never moved, so that a batch costs as much as it is long.
 */
import type { InspectedElection, InspectedEvent, InspectedRole, Inspection, PeerId } from '../index.ts'
import { type EventKind, type KnownEvent, kindOf } from './kinds.ts'
import { siblingKey } from './known-events.ts'

export interface GraphNode extends KnownEvent {
  /** Grows with the batches: what an event is in an election may be told later than the event. */
  readonly roles: InspectedRole[]
  readonly kind: EventKind
  readonly row: number
  readonly column: number
  /** The self-parent first, if it is shown. */
  readonly parents: readonly GraphNode[]
  readonly selfParent: GraphNode | null
}

export interface GraphModel {
  /** Members in the order in which their events came. */
  readonly columns: readonly PeerId[]
  /** The first row that is shown, and the one after the last. */
  readonly rows: { readonly from: number; readonly to: number }
  readonly size: number
  /** Events left out, because more came at once than can be shown, or before. */
  readonly skipped: number
  row(number: number): readonly GraphNode[]
  find(id: string): GraphNode | undefined
  election(number: number): InspectedElection | undefined
  /** The elections that are decided at this row, and at none above. */
  decidedAt(row: number): readonly InspectedElection[]
  apply(inspection: Inspection): void
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

export function createGraphModel(windowSize = 2_000): GraphModel {
  let columns: PeerId[] = []
  let rows: Mutable<GraphNode>[][] = []
  let firstRow = 0
  let size = 0
  let skipped = 0
  const nodes = new Map<string, Mutable<GraphNode>>()
  const siblings = new Map<string, Mutable<GraphNode>>()
  const elections = new Map<number, InspectedElection>()
  // The first row at which each election is decided, and back.
  const decisions = new Map<number, number>()
  const decided = new Map<number, Set<number>>()

  function clear(): void {
    columns = []
    rows = []
    firstRow = 0
    size = 0
    skipped = 0
    for (const map of [nodes, siblings, elections, decisions, decided]) map.clear()
  }

  function apply(inspection: Inspection): void {
    if (inspection.reset) clear()
    skipped += inspection.skipped
    for (const election of inspection.elections) elections.set(election.number, election)
    for (const event of inspection.events) add(event)
    for (const role of inspection.roles) assign(role)
    for (const block of inspection.blocks) {
      for (const id of block.events) {
        const node = nodes.get(id)
        if (node) node.finalIn = block.height
      }
    }
    while (size > windowSize) dropRow()
    const oldest = Math.max(...elections.keys()) - windowSize
    for (const number of elections.keys()) if (number < oldest) elections.delete(number)
  }

  function add(event: InspectedEvent): void {
    if (nodes.has(event.id)) return
    const selfParent = (event.selfParent !== null && nodes.get(event.selfParent)) || null
    const others = event.otherParents.flatMap((id) => nodes.get(id) ?? [])
    const parents = selfParent ? [selfParent, ...others] : others
    let row = parents.length === 0 ? Math.max(firstRow, firstRow + rows.length - 1) : firstRow
    for (const parent of parents) row = Math.max(row, parent.row + 1)
    const known = { event, roles: [], finalIn: null, isFork: false }
    const node: Mutable<GraphNode> = {
      ...known,
      ...{ kind: kindOf(known), row, column: columnOf(event.creator), parents, selfParent },
    }
    nodes.set(event.id, node)
    while (firstRow + rows.length <= row) rows.push([])
    rows[row - firstRow]?.push(node)
    size++
    tellFork(node)
  }

  function tellFork(node: Mutable<GraphNode>): void {
    const key = siblingKey(node.event)
    const sibling = siblings.get(key)
    if (!sibling) return void siblings.set(key, node)
    for (const each of [node, sibling]) {
      each.isFork = true
      each.kind = kindOf(each)
    }
  }

  function columnOf(peer: PeerId): number {
    const known = columns.indexOf(peer)
    return known >= 0 ? known : columns.push(peer) - 1
  }

  function assign(role: InspectedRole): void {
    const node = nodes.get(role.event)
    if (!node) return
    node.roles.push(role)
    node.kind = kindOf(node)
    if (!role.decides) return
    const row = decisions.get(role.election)
    if (row !== undefined && row <= node.row) return
    if (row !== undefined) decided.get(row)?.delete(role.election)
    decisions.set(role.election, node.row)
    decided.set(node.row, (decided.get(node.row) ?? new Set()).add(role.election))
  }

  function dropRow(): void {
    for (const node of rows.shift() ?? []) {
      nodes.delete(node.event.id)
      if (siblings.get(siblingKey(node.event)) === node) siblings.delete(siblingKey(node.event))
      // What follows it still points here: nothing more may hang on that.
      node.parents = []
      node.selfParent = null
      size--
    }
    for (const election of decided.get(firstRow) ?? []) decisions.delete(election)
    decided.delete(firstRow)
    firstRow++
  }

  return {
    get columns() {
      return columns
    },
    get rows() {
      return { from: firstRow, to: firstRow + rows.length }
    },
    get size() {
      return size
    },
    get skipped() {
      return skipped
    },
    row: (number) => rows[number - firstRow] ?? [],
    find: (id) => nodes.get(id),
    election: (number) => elections.get(number),
    decidedAt: (row) => [...(decided.get(row) ?? [])].flatMap((number) => elections.get(number) ?? []),
    apply,
  }
}

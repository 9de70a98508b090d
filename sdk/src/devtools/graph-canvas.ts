/** Draws the rows of a graph that are in view. Only what can be seen is looked at, so that a frame costs what it shows. */
import type { PeerId } from '../index.ts'
import type { GraphModel, GraphNode } from './graph-model.ts'
import { eventKinds } from './kinds.ts'
import { type Palette, shapes } from './palette.ts'

const ROW_HEIGHT = 20
const HEAD_HEIGHT = 26
const GUTTER = 58
const BRANCH_SHIFT = 14
/** Parents further up than this are drawn from the edge of the picture. */
const ROWS_ABOVE = 40

export interface Picture {
  readonly width: number
  readonly height: number
  /** Row at the top edge below the head; fractions scroll. */
  readonly top: number
}

export interface Drawn extends Picture {
  readonly palette: Palette
  readonly nameOf: (peer: PeerId) => string
  readonly selected: GraphNode | null
  readonly pointed: GraphNode | null
}

export const rowsIn = ({ height }: Pick<Picture, 'height'>) => Math.max(1, (height - HEAD_HEIGHT) / ROW_HEIGHT)

/** The canvas is scaled so that one unit is one CSS pixel. */
export function drawGraph(context: CanvasRenderingContext2D, model: GraphModel, drawn: Drawn, shape: ShapeCache): void {
  const { width, height, palette } = drawn
  context.fillStyle = palette.ground
  context.fillRect(0, 0, width, height)
  const from = Math.max(model.rows.from, Math.floor(drawn.top) - 1)
  const to = Math.min(model.rows.to, Math.ceil(drawn.top + rowsIn(drawn)) + 1)
  drawColumns(context, model, drawn)
  const place = placing(model, drawn)
  drawEdges(context, model, drawn, { from, to: Math.min(model.rows.to, to + ROWS_ABOVE) }, place)
  drawNodes(context, model, drawn, { from, to }, place, shape)
  drawGutter(context, model, drawn, { from, to })
  drawHead(context, model, drawn)
}

/** A path for each kind, made once per canvas. */
export type ShapeCache = (kind: (typeof eventKinds)[number]) => Path2D

export function createShapes(): ShapeCache {
  const made = new Map(eventKinds.map((kind) => [kind, new Path2D(shapes[kind])]))
  return (kind) => made.get(kind) as Path2D
}

/** The event under a point; null where there is none. */
export function nodeAt(model: GraphModel, picture: Picture, x: number, y: number): GraphNode | null {
  const place = placing(model, picture)
  const row = Math.floor(picture.top + (y - HEAD_HEIGHT) / ROW_HEIGHT)
  let nearest: GraphNode | null = null
  let best = 12 ** 2
  for (let each = row - 1; each <= row + 1; each++) {
    for (const node of model.row(each)) {
      const distance = (place.x(node) - x) ** 2 + (place.y(node) - y) ** 2
      if (distance >= best) continue
      best = distance
      nearest = node
    }
  }
  return nearest
}

interface Rows {
  readonly from: number
  readonly to: number
}

interface Placing {
  readonly columnX: (column: number) => number
  readonly x: (node: GraphNode) => number
  readonly y: (node: GraphNode) => number
}

function placing(model: GraphModel, { width, top }: Picture): Placing {
  const spacing = (width - GUTTER) / Math.max(1, model.columns.length)
  const columnX = (column: number) => GUTTER + (column + 0.5) * spacing
  return {
    columnX,
    x: ({ column, event }) => columnX(column) + Math.min(event.branch * BRANCH_SHIFT, spacing / 2 - 6),
    y: ({ row }) => HEAD_HEIGHT + (row - top + 0.5) * ROW_HEIGHT,
  }
}

function drawColumns(context: CanvasRenderingContext2D, model: GraphModel, drawn: Drawn): void {
  const { columnX } = placing(model, drawn)
  context.beginPath()
  for (let column = 0; column < model.columns.length; column++) {
    context.moveTo(columnX(column), HEAD_HEIGHT)
    context.lineTo(columnX(column), drawn.height)
  }
  context.strokeStyle = drawn.palette.line
  context.lineWidth = 1
  context.stroke()
}

/** One stroke for all chains and one for all other edges, whatever their number; those of the event looked at on top. */
function drawEdges(
  context: CanvasRenderingContext2D,
  model: GraphModel,
  { palette, selected, pointed }: Drawn,
  { from, to }: Rows,
  { x, y }: Placing,
): void {
  const stroke = (style: string, width: number, edges: (draw: (a: GraphNode, b: GraphNode) => void) => void) => {
    context.beginPath()
    edges((a, b) => {
      context.moveTo(x(a), y(a))
      context.lineTo(x(b), y(b))
    })
    context.strokeStyle = style
    context.lineWidth = width
    context.stroke()
  }
  const each = (visit: (node: GraphNode) => void) => {
    for (let row = from; row < to; row++) for (const node of model.row(row)) visit(node)
  }
  stroke(palette.edge, 0.75, (draw) =>
    each((node) => {
      for (const parent of node.parents) if (parent !== node.selfParent) draw(node, parent)
    }),
  )
  stroke(palette.chain, 1.75, (draw) => each((node) => node.selfParent && draw(node, node.selfParent)))
  for (const node of new Set([pointed, selected])) {
    if (node) stroke(palette.accent, 1.75, (draw) => node.parents.forEach((parent) => void draw(node, parent)))
  }
}

function drawNodes(
  context: CanvasRenderingContext2D,
  model: GraphModel,
  { palette, selected, pointed }: Drawn,
  { from, to }: Rows,
  { x, y }: Placing,
  shape: ShapeCache,
): void {
  const transform = context.getTransform()
  const { a: scale } = transform
  context.strokeStyle = palette.ground
  context.lineWidth = 1
  // From the least to the most telling, one colour after another.
  for (const kind of eventKinds.toReversed()) {
    const path = shape(kind)
    context.fillStyle = palette.kinds[kind]
    for (let row = from; row < to; row++) {
      for (const node of model.row(row)) {
        if (node.kind !== kind) continue
        context.setTransform(scale, 0, 0, scale, x(node) * scale, y(node) * scale)
        context.fill(path)
        if (node.event.transactions > 0) context.stroke(path)
      }
    }
  }
  context.setTransform(transform)
  drawCores(context, model, palette.kinds.interesting, { from, to }, { x, y })
  for (const node of [pointed, selected]) {
    if (!node) continue
    context.beginPath()
    context.arc(x(node), y(node), 10, 0, 2 * Math.PI)
    context.strokeStyle = palette.accent
    context.lineWidth = node === selected ? 2.5 : 1.5
    context.stroke()
  }
}

/** An event may be interesting in one election and more in the one before. */
function drawCores(
  context: CanvasRenderingContext2D,
  model: GraphModel,
  colour: string,
  { from, to }: Rows,
  { x, y }: Pick<Placing, 'x' | 'y'>,
): void {
  context.beginPath()
  for (let row = from; row < to; row++) {
    for (const node of model.row(row)) {
      if (node.kind === 'interesting' || !node.roles.some(({ interesting }) => interesting)) continue
      context.moveTo(x(node) + 2.5, y(node))
      context.arc(x(node), y(node), 2.5, 0, 2 * Math.PI)
    }
  }
  context.fillStyle = colour
  context.fill()
}

function drawGutter(context: CanvasRenderingContext2D, model: GraphModel, drawn: Drawn, { from, to }: Rows): void {
  const { palette, width, top } = drawn
  context.font = '11px system-ui, sans-serif'
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  for (let row = from; row < to; row++) {
    const heights = model.decidedAt(row).flatMap(({ outcome, height }) => (outcome === 'block' ? [height] : []))
    if (heights.length === 0) continue
    const y = HEAD_HEIGHT + (row - top + 0.5) * ROW_HEIGHT
    context.fillStyle = palette.kinds.decides
    context.globalAlpha = 0.12
    context.fillRect(0, y - ROW_HEIGHT / 2, width, ROW_HEIGHT)
    context.globalAlpha = 1
    context.fillText(`block ${heights.sort((a, b) => a - b).join(', ')}`, 8, y, GUTTER + 20)
  }
}

function drawHead(context: CanvasRenderingContext2D, model: GraphModel, drawn: Drawn): void {
  const { palette, width, nameOf } = drawn
  const { columnX } = placing(model, drawn)
  context.fillStyle = palette.ground
  context.fillRect(0, 0, width, HEAD_HEIGHT)
  context.fillStyle = palette.text
  context.font = '600 12px system-ui, sans-serif'
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  const space = (width - GUTTER) / Math.max(1, model.columns.length) - 6
  model.columns.forEach((peer, column) => {
    context.fillText(nameOf(peer), columnX(column), HEAD_HEIGHT / 2, space)
  })
  context.fillStyle = palette.line
  context.fillRect(0, HEAD_HEIGHT - 1, width, 1)
}

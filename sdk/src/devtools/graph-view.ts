/** The panel with the live gossip graph: scrolls, follows what is new, and tells what the pointer or the keys choose. */

import { element, glyph } from './dom.ts'
import { graphDot } from './dot.ts'
import { createShapes, drawGraph, nodeAt, rowsIn } from './graph-canvas.ts'
import type { GraphModel, GraphNode } from './graph-model.ts'
import { count, type EventKind, eventKinds, explain, kindWords } from './kinds.ts'
import { dark, light, shapes } from './palette.ts'
import type { Panel, Scene } from './panel.ts'
import { createSharpCanvas } from './sharp-canvas.ts'

/** Part of the way to where it follows that is made in one frame. */
const FOLLOW_STEP = 0.25
const WHEEL_ROWS = 1 / 24

/** `wake` asks for a frame. */
export function createGraphView(download: (name: string, text: string) => void, wake: () => void): Panel {
  const shape = createShapes()
  let top = 0
  let isFollowing = true
  let isDirty = true
  let selected: GraphNode | null = null
  let pointed: GraphNode | null = null
  let scene: Scene | null = null

  const touch = () => {
    isDirty = true
    wake()
  }
  const sharp = createSharpCanvas(
    { tabindex: 0, role: 'img', 'aria-describedby': 'graph-help', 'aria-label': 'Gossip graph' },
    touch,
  )
  const { canvas, context, size } = sharp
  const details = element('ul', { class: 'details' })
  const spoken = element('p', { class: 'unseen', role: 'status' })
  const follow = element('button', {
    type: 'button',
    'aria-pressed': 'true',
    onclick: () => setFollowing(!isFollowing),
  })
  follow.textContent = 'Follow'
  const root = element(
    'div',
    { class: 'graph' },
    canvas,
    element(
      'aside',
      {},
      element('div', { class: 'tools' }, follow, element('button', { type: 'button', onclick: save }, 'Save as DOT')),
      details,
      legend(),
      element('p', { id: 'graph-help', class: 'quiet' }, 'Arrow keys go along parents and columns, End follows.'),
    ),
    spoken,
  )

  function setFollowing(on: boolean): void {
    isFollowing = on
    follow.setAttribute('aria-pressed', String(on))
    touch()
  }

  function save(): void {
    if (!scene) return
    const { model, section, nameOf } = scene
    download(`gossip-${section.id.slice(0, 8)}.dot`, graphDot(shown(model, section.id), { nameOf }))
  }

  function scrollTo(row: number): void {
    if (!scene) return
    const { from, to } = scene.model.rows
    top = Math.max(from, Math.min(row, to - rowsIn(size)))
    touch()
  }

  function select(node: GraphNode | null): void {
    selected = node
    describe(node)
    if (!node) return
    setFollowing(false)
    if (node.row < top + 1 || node.row > top + rowsIn(size) - 2) scrollTo(node.row - rowsIn(size) / 2)
    spoken.textContent = scene ? words(node, scene).join('. ') : ''
  }

  function describe(node: GraphNode | null): void {
    touch()
    const lines = node && scene ? words(node, scene) : ['Point at an event, or choose one with the keys.']
    details.replaceChildren(...lines.map((line) => element('li', {}, line)))
  }

  canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
    const node = scene && nodeAt(scene.model, { ...size, top }, offsetX, offsetY)
    if (node === pointed) return
    pointed = node
    describe(node ?? selected)
  })
  canvas.addEventListener('pointerleave', () => {
    pointed = null
    describe(selected)
  })
  canvas.addEventListener('click', () => select(pointed))
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      if (event.deltaY < 0) setFollowing(false)
      scrollTo(top + event.deltaY * WHEEL_ROWS)
    },
    { passive: false },
  )
  canvas.addEventListener('keydown', (event) => {
    if (!scene) return
    const next = go(scene.model, selected, event.key)
    if (next === undefined) return
    event.preventDefault()
    if (next === 'follow') {
      select(null)
      setFollowing(true)
    } else select(next)
  })

  function frame(now: Scene, isNew: boolean): boolean {
    scene = now
    const { model, palette, nameOf } = now
    // What fell out of the window is not shown any more.
    if (selected && model.find(selected.event.id) !== selected) selected = null
    if (pointed && model.find(pointed.event.id) !== pointed) pointed = null
    const bottom = Math.max(model.rows.from, model.rows.to - rowsIn(size))
    const distance = bottom - top
    if (isFollowing && Math.abs(distance) > 0.01) {
      top = Math.abs(distance) > rowsIn(size) ? bottom : top + distance * FOLLOW_STEP
      isDirty = true
    }
    if (top < model.rows.from) top = model.rows.from
    if (!isDirty && !isNew) return false
    isDirty = false
    drawGraph(context, model, { ...size, top, palette, nameOf, selected, pointed }, shape)
    return isFollowing && Math.abs(bottom - top) > 0.01
  }

  describe(null)
  return {
    root,
    frame,
    refresh(now) {
      if (scene?.palette !== now.palette) touch()
      scene = now
      const { model, nameOf } = now
      const members = model.columns.map(nameOf).join(', ')
      canvas.setAttribute('aria-label', `Gossip graph: ${count(model.size, 'event')} by ${members}`)
      if (pointed ?? selected) describe(pointed ?? selected)
    },
    close: sharp.close,
  }
}

function words(node: GraphNode, { model, nameOf }: Scene): readonly string[] {
  return explain(node, { nameOf, electionOf: model.election })
}

/** Where a key leads; undefined if it means nothing here. */
function go(model: GraphModel, from: GraphNode | null, key: string): GraphNode | 'follow' | null | undefined {
  const { rows } = model
  if (key === 'End') return 'follow'
  if (key === 'Escape') return null
  if (key === 'Home') return model.row(rows.from)[0] ?? null
  if (!['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'].includes(key)) return undefined
  if (!from) return model.row(rows.to - 1)[0] ?? null
  if (key === 'ArrowUp') return from.selfParent ?? from
  if (key === 'ArrowDown') return childOf(model, from) ?? from
  return beside(model, from, key === 'ArrowLeft' ? -1 : 1) ?? from
}

function childOf(model: GraphModel, node: GraphNode): GraphNode | undefined {
  for (let row = node.row + 1; row < model.rows.to; row++) {
    const child = model.row(row).find(({ selfParent }) => selfParent === node)
    if (child) return child
  }
  return undefined
}

/** In the next column in which there is anything, the nearest row. */
function beside(model: GraphModel, node: GraphNode, step: 1 | -1): GraphNode | undefined {
  for (let column = node.column + step; column >= 0 && column < model.columns.length; column += step) {
    for (let away = 0; away < model.rows.to - model.rows.from; away++) {
      for (const row of [node.row - away, node.row + away]) {
        const found = model.row(row).find((each) => each.column === column)
        if (found) return found
      }
    }
  }
  return undefined
}

function shown(model: GraphModel, sectionId: string) {
  const nodes: GraphNode[] = []
  for (let row = model.rows.from; row < model.rows.to; row++) nodes.push(...model.row(row))
  const roles = nodes.flatMap((node) => node.roles)
  const elections = [...new Set(roles.map(({ election }) => election))].flatMap((each) => model.election(each) ?? [])
  const finals = new Map<number, string[]>()
  for (const { finalIn, event } of nodes) {
    if (finalIn !== null) finals.set(finalIn, [...(finals.get(finalIn) ?? []), event.id])
  }
  const blocks = [...finals].map(([height, events]) => ({ height, finalAtMs: null, events }))
  return { sectionId, events: nodes.map(({ event }) => event), roles, elections, blocks }
}

function legend(): HTMLElement {
  return element(
    'ul',
    { class: 'legend', 'aria-label': 'Legend' },
    ...eventKinds.map((kind) => legendItem(kind, kindWords[kind])),
    legendItem('interesting', 'as a core of others: interesting as well', shapes.plain),
  )
}

function legendItem(kind: EventKind, words: string, shape = shapes[kind]): HTMLElement {
  const colour = `light-dark(${light.kinds[kind]}, ${dark.kinds[kind]})`
  return element('li', {}, glyph(shape, colour), words)
}

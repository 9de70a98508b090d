/** Everything inside of the inspector: the head, the tabs, and what is drawn when. One per element and section. */
import type { Inspection, PeerId, Section } from '../index.ts'
import { createBlockPanel } from './block-panel.ts'
import { element } from './dom.ts'
import { shortName } from './dot.ts'
import { createGraphModel } from './graph-model.ts'
import { createGraphView } from './graph-view.ts'
import { count } from './kinds.ts'
import { createLogPanel } from './log-panel.ts'
import { createMemberPanel } from './member-panel.ts'
import { createMeter, median } from './meter.ts'
import { dark, light, type Palette } from './palette.ts'
import { type Panel, type PanelName, panelNames, type Scene } from './panel.ts'
import { createPlotPanel } from './plot-panel.ts'

export interface ViewOptions {
  readonly section: Section
  readonly nameOf: ((peer: PeerId) => string) | null
  readonly panel: PanelName
  readonly isCollapsed: boolean
  /** The person chose another panel, or opened or closed it. */
  readonly chosen: (choice: { readonly panel: PanelName; readonly isCollapsed: boolean }) => void
}

export interface InspectorView {
  readonly root: HTMLElement
  /** Milliseconds of script that the last frames took. */
  readonly frames: readonly number[]
  show(panel: PanelName, isCollapsed: boolean): void
  close(): void
}

const REFRESH_MS = 500
const FRAMES_KEPT = 1_000
/** Without frames, as in a hidden tab, batches are taken in like this. */
const BATCHES_WAITING_MAX = 100

const titles: Readonly<Record<PanelName, string>> = {
  graph: 'Graph',
  blocks: 'Blocks',
  members: 'Members and links',
  plots: 'Plots',
  log: 'Rejections and accusations',
}

export function createInspectorView({
  section,
  nameOf: givenName,
  panel,
  isCollapsed,
  chosen,
}: ViewOptions): InspectorView {
  const nameOf = givenName ?? shortName
  const frames: number[] = []
  let waiting: Inspection[] = []
  let isNew = true
  let current = panel
  let collapsed = isCollapsed
  let request: number | null = null
  const log = createLogPanel()
  const panels: Readonly<Record<PanelName, Panel>> = {
    graph: createGraphView(download, schedule),
    blocks: createBlockPanel(),
    members: createMemberPanel(),
    plots: createPlotPanel(),
    log,
  }
  const model = createGraphModel()
  const meter = createMeter()
  const head = createHead(() => choose(current, !collapsed))
  const tabs = createTabs(panels, (name) => choose(name, false))
  // Its colour tells which of the page's colour schemes is on.
  const probe = element('span', { class: 'probe', hidden: true })
  let scene = look()
  const frameRoot = element('section', { class: 'frame', 'aria-label': 'parsec-web inspector' }, head.root, probe)

  function look(): Scene {
    return { section, model, meter, nameOf, diagnostics: section.diagnostics(), palette: paletteOf() }
  }

  function paletteOf(): Palette {
    return probe.isConnected && getComputedStyle(probe).color !== 'rgb(0, 0, 0)' ? dark : light
  }

  function choose(name: PanelName, isClosed: boolean): void {
    show(name, isClosed)
    chosen({ panel: name, isCollapsed: isClosed })
  }

  function show(name: PanelName, isClosed: boolean): void {
    current = name
    collapsed = isClosed
    frameRoot.classList.toggle('open', !isClosed)
    head.setCollapsed(isClosed)
    tabs.select(name)
    if (isClosed) for (const each of tabs.roots) each.remove()
    else frameRoot.append(...tabs.roots)
    isNew = true
    refresh()
    schedule()
  }

  function refresh(): void {
    const startedMs = performance.now()
    scene = look()
    const rttMs = median(scene.diagnostics.transport.peers.flatMap((peer) => peer.rttMs ?? []))
    meter.pass(Date.now(), { rttMs, reachable: section.status.reachable })
    head.refresh(scene)
    if (!collapsed) panels[current].refresh?.(scene)
    noteFrame(performance.now() - startedMs)
    schedule()
  }

  function schedule(): void {
    request ??= requestAnimationFrame(frame)
  }

  function takeIn(): void {
    for (const inspection of waiting) {
      model.apply(inspection)
      meter.apply(inspection, (id) => model.find(id)?.event.createdAtMs)
      isNew = true
    }
    waiting = []
  }

  function frame(): void {
    request = null
    const startedMs = performance.now()
    takeIn()
    const goesOn = !collapsed && (panels[current].frame?.(scene, isNew) ?? false)
    isNew = false
    noteFrame(performance.now() - startedMs)
    if (goesOn) schedule()
  }

  function noteFrame(ms: number): void {
    frames.push(ms)
    if (frames.length > 2 * FRAMES_KEPT) frames.splice(0, FRAMES_KEPT)
  }

  const endInspection = section.inspect((inspection) => {
    if (inspection.reset) waiting = []
    waiting.push(inspection)
    if (waiting.length > BATCHES_WAITING_MAX) takeIn()
    schedule()
  })
  const endLog = log.watch(section)
  const timer = setInterval(refresh, REFRESH_MS)
  show(panel, isCollapsed)

  return {
    root: frameRoot,
    frames,
    show,
    close() {
      clearInterval(timer)
      endInspection()
      endLog()
      if (request !== null) cancelAnimationFrame(request)
      for (const each of Object.values(panels)) each.close?.()
      frameRoot.remove()
    },
  }
}

function createHead(toggled: () => void) {
  const state = element('span', { class: 'state' })
  const facts = element('span', { class: 'quiet' })
  const toggle = element('button', { type: 'button', class: 'spread', onclick: toggled })
  const root = element('header', {}, element('strong', {}, 'Section'), state, facts, toggle)
  return {
    root,
    setCollapsed(isCollapsed: boolean) {
      toggle.textContent = isCollapsed ? 'Open inspector' : 'Close'
      toggle.setAttribute('aria-expanded', String(!isCollapsed))
    },
    refresh({ section, model, meter }: Scene) {
      const { status } = section
      state.className = `state ${status.state}`
      state.textContent = status.state
      const rate = meter.seconds.slice(-6, -1).reduce((sum, { events }) => sum + events, 0) / 5
      facts.textContent = [
        section.id.slice(0, 12),
        `block ${status.height}, certified ${status.certifiedHeight}`,
        `${status.reachable} of ${count(status.voters, 'voter')}, ${status.needed} needed`,
        `${rate.toFixed(0)} events/s`,
        `${count(model.size, 'event')} shown`,
      ].join(' · ')
    },
  }
}

function createTabs(panels: Readonly<Record<PanelName, Panel>>, chosen: (name: PanelName) => void) {
  const buttons = panelNames.map((name) => {
    const onclick = () => chosen(name)
    const attributes = { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'panel', onclick }
    return element('button', attributes, titles[name])
  })
  const list = element('div', { role: 'tablist', 'aria-label': 'Views', onkeydown: onKey }, ...buttons)
  const body = element('div', { role: 'tabpanel', id: 'panel' })
  let selected = 0

  function onKey(event: KeyboardEvent): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    const next = (selected + step + panelNames.length) % panelNames.length
    chosen(panelNames[next] as PanelName)
    buttons[next]?.focus()
  }

  return {
    roots: [list, body] as const,
    select(name: PanelName) {
      selected = panelNames.indexOf(name)
      buttons.forEach((button, index) => {
        button.setAttribute('aria-selected', String(index === selected))
        button.tabIndex = index === selected ? 0 : -1
      })
      body.setAttribute('aria-labelledby', `tab-${name}`)
      if (body.firstChild !== panels[name].root) body.replaceChildren(panels[name].root)
    },
  }
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/vnd.graphviz' }))
  element('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url))
}

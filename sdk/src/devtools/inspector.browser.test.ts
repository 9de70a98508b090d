import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { InspectedEvent, Inspection, Section, SectionStatus } from '../index.ts'
import { defineInspector, type InspectorElement } from './index.ts'

const [ann, ben] = ['aa', 'bb'].map((digits) => digits.repeat(32)) as [string, string]

const status: SectionStatus = {
  ...{ state: 'ready', height: 0, certifiedHeight: 0, voters: 2, needed: 2, reachable: 2, asleep: 0, role: 'voter' },
  ...{ coin: 'none', pending: 0, previousSection: null, successors: [], reason: null, members: [] },
} as unknown as SectionStatus

/** Only what is looked at. */
function fakeSection() {
  const listeners = new Set<(inspection: Inspection) => void>()
  const events = new Set<unknown>()
  const section = {
    ...{ me: ann, id: 'cc'.repeat(32), status },
    on: (_: string, listener: unknown) => {
      events.add(listener)
      return () => void events.delete(listener)
    },
    inspect(listener: (inspection: Inspection) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    diagnostics: () => ({ findings: [], malice: [], transport: { peers: [], signaling: [], refusals: {} } }),
    block: () => undefined,
  } as unknown as Section
  const tell = (...told: InspectedEvent[]) => {
    const batch: Inspection = {
      ...{ version: 1, sectionId: section.id, reset: false, skipped: 0 },
      ...{ events: told, roles: [], elections: [], blocks: [] },
    }
    for (const listener of listeners) listener(batch)
  }
  return { section, tell, watched: () => listeners.size + events.size }
}

function event(creator: string, seq: number, ...otherParents: string[]): InspectedEvent {
  const name = creator.slice(0, 1)
  return {
    ...{ id: `${name}${seq}`, creator, seq, branch: 0, selfParent: seq === 0 ? null : `${name}${seq - 1}` },
    ...{ otherParents, createdAtMs: 0, transactions: 0, votes: [], coin: false, attestedHeight: 0 },
  }
}

function show(section: Section): InspectorElement {
  defineInspector()
  const inspector = document.createElement('parsec-inspector')
  inspector.nameOf = (peer) => (peer === ann ? 'Ann' : 'Ben')
  inspector.section = section
  document.body.append(inspector)
  onTestFinished(() => inspector.remove())
  return inspector
}

function within(inspector: InspectorElement) {
  const root = inspector.shadowRoot as ShadowRoot
  const find = <T extends HTMLElement>(selector: string) => root.querySelector<T>(selector) as T
  const press = (selector: string, key: string) =>
    find(selector).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  return { root, find, press, text: () => root.textContent ?? '' }
}

describe('<parsec-inspector>', () => {
  test('looks only while it is in the document and has a section', () => {
    const { section, watched } = fakeSection()
    const inspector = show(section)
    expect(watched()).toBeGreaterThan(0)
    inspector.remove()
    expect(watched()).toBe(0)
    document.body.append(inspector)
    expect(watched()).toBeGreaterThan(0)
    inspector.section = null
    expect(watched()).toBe(0)
  })

  test('its events are reached with the keys, and what they are is said', async () => {
    const { section, tell } = fakeSection()
    const { find, press } = within(show(section))
    tell(event(ann, 0), event(ben, 0, 'a0'), event(ann, 1, 'b0'))
    await vi.waitFor(() => expect(find('.graph canvas')).toBeTruthy())
    const said = () => find('[role=status]').textContent
    await vi.waitFor(() => {
      press('.graph canvas', 'Home')
      expect(said()).toMatch(/^Ann #0\. created/)
    })
    press('.graph canvas', 'ArrowDown')
    expect(said()).toMatch(/^Ann #1\./)
    press('.graph canvas', 'ArrowRight')
    expect(said()).toMatch(/^Ben #0\./)
  })

  test('its views are tabs that arrow keys go through; the attribute follows, and a change is told', () => {
    const inspector = show(fakeSection().section)
    const { find, press, root } = within(inspector)
    let changes = 0
    inspector.addEventListener('change', () => changes++)
    press('[role=tablist]', 'ArrowLeft')
    expect(inspector.panel).toBe('log')
    expect(find('[role=tab][aria-selected=true]').textContent).toBe('Rejections and accusations')
    press('[role=tablist]', 'ArrowRight')
    expect([inspector.getAttribute('panel'), changes]).toEqual(['graph', 2])
    inspector.panel = 'blocks'
    expect(find('[role=tabpanel]').textContent).toContain('No block is final yet.')
    expect(root.querySelectorAll('[role=tab][tabindex="0"]').length).toBe(1)
  })

  test('collapsed it shows one line and draws nothing', () => {
    const inspector = show(fakeSection().section)
    const { find, root } = within(inspector)
    inspector.collapsed = true
    expect(root.querySelector('[role=tabpanel]')).toBe(null)
    const toggle = find<HTMLButtonElement>('header button')
    expect([toggle.textContent, toggle.getAttribute('aria-expanded')]).toEqual(['Open inspector', 'false'])
    toggle.click()
    expect([inspector.collapsed, root.querySelector('[role=tabpanel]') !== null]).toEqual([false, true])
  })

  test('what peers say is text, never markup', () => {
    const { section } = fakeSection()
    const inspector = show({ ...section, status: { ...status, reason: '<img src=x>' } })
    inspector.panel = 'members'
    expect(within(inspector).text()).toContain('<img src=x>')
  })
})

/** The panel with what went wrong: refused messages and events, proven misbehaviour, alarms, other sections. */
import type { Malice, Section } from '../index.ts'
import { element, table } from './dom.ts'
import { clock } from './kinds.ts'
import type { Panel, Scene } from './panel.ts'

interface Entry {
  readonly what: string
  readonly whom: string | null
  readonly kind: 'refused' | 'malice' | 'alarm' | 'section'
  firstAtMs: number
  lastAtMs: number
  times: number
}

/** Different entries; the same again only counts. */
const ENTRIES_MAX = 200

export interface LogPanel extends Panel {
  /** Returns the function that ends it. */
  watch(section: Section): () => void
}

export function createLogPanel(): LogPanel {
  const root = element('div', { class: 'scroll', role: 'log', 'aria-live': 'off' })
  const entries = new Map<string, Entry>()
  let isDirty = true

  function note(kind: Entry['kind'], what: string, whom: string | null): void {
    const key = `${kind} ${what} ${whom}`
    const nowMs = Date.now()
    const entry = entries.get(key) ?? { kind, what, whom, firstAtMs: nowMs, lastAtMs: nowMs, times: 0 }
    entries.delete(key)
    entries.set(key, { ...entry, lastAtMs: nowMs, times: entry.times + 1 })
    const [oldest] = entries.keys()
    if (entries.size > ENTRIES_MAX && oldest !== undefined) entries.delete(oldest)
    isDirty = true
  }

  const noteMalice = ({ kind, accused, evidence }: Malice) =>
    note('malice', `${kind}, proven by ${evidence.map((id) => id.slice(0, 8)).join(' and ')}`, accused)

  function watch(section: Section): () => void {
    entries.clear()
    isDirty = true
    for (const malice of section.diagnostics().malice) noteMalice(malice)
    const ends = [
      section.on('rejection', ({ reason, peer }) => note('refused', reason, peer)),
      section.on('malice', noteMalice),
      section.on('conflict', (id) => note('section', `another section is in this room: ${id.slice(0, 8)}`, null)),
      section.on('successor', (id) => note('section', `others went on in section ${id.slice(0, 8)}`, null)),
      section.on('moved', ({ from, to }) =>
        note('section', `moved from section ${from.slice(0, 8)} to ${to.slice(0, 8)}`, null),
      ),
      section.on('alarm', (reason) => note('alarm', reason, null)),
    ]
    return () => {
      for (const end of ends) end()
    }
  }

  function refresh({ nameOf }: Scene): void {
    if (!isDirty) return
    isDirty = false
    const rows = [...entries.values()]
      .reverse()
      .map(({ kind, what, whom, times, firstAtMs, lastAtMs }) => [
        element('span', { class: `tag ${kind}` }, kind),
        what,
        whom === null ? '' : nameOf(whom),
        times === 1 ? clock(lastAtMs) : `${clock(firstAtMs)} – ${clock(lastAtMs)}`,
        String(times),
      ])
    root.replaceChildren(
      rows.length === 0
        ? element('p', { class: 'quiet' }, 'Nothing was refused, and nobody accused, since this was opened.')
        : table('Rejections and accusations', ['Kind', 'What', 'Whom', 'When', 'Times'], rows),
    )
  }

  return { root, watch, refresh }
}

/** The inspector beside the ledger: its code is fetched when it is first asked for. */
import type { PeerId, Section } from 'parsec-web'

/** What is looked at, and how its members are called; the same object for as long as it is shown. */
export interface Inspected {
  readonly section: Section
  readonly nameOf: (peer: PeerId) => string
}

export interface InspectorToggle {
  /** Null while it is closed. */
  readonly inspected: Inspected | null
  toggle(): void
}

/** `changed` is called once it is open, or closed. */
export function createInspectorToggle(
  section: () => Section | null,
  nameOf: (peer: PeerId) => string,
  changed: () => void,
): InspectorToggle {
  let inspected: Inspected | null = null
  let isWanted = false

  async function open(): Promise<void> {
    const { defineInspector } = await import('parsec-web/devtools')
    // Before the element is made, or what is set on it would not reach it.
    defineInspector()
    const live = section()
    inspected = isWanted && live ? { section: live, nameOf } : null
    changed()
  }

  return {
    get inspected() {
      return inspected
    },
    toggle() {
      isWanted = !isWanted
      if (isWanted) return void open().catch(() => changed())
      inspected = null
      changed()
    },
  }
}

/** The custom element `<parsec-inspector>`. */
import type { PeerId, Section } from '../index.ts'
import { type PanelName, panelNames } from './panel.ts'
import { style } from './style.ts'
import { createInspectorView, type InspectorView } from './view.ts'

/**
 * Shows a section live: gossip graph, blocks, members and links, plots, rejections and accusations. It looks for as long as it
 * is in the document and has a section. Its height is the CSS property `--height`; light or dark is the page's `color-scheme`.
 *
 * Attributes: `panel` (`graph`, `blocks`, `members`, `plots`, `log`) and `collapsed`; both follow what the person chooses, and
 * a `change` event tells that.
 */
export interface InspectorElement extends HTMLElement {
  section: Section | null
  /** How members are called; default: the first eight digits of their key. */
  nameOf: ((peer: PeerId) => string) | null
  panel: PanelName
  collapsed: boolean
  /** Milliseconds of script that each of the last thousand or so frames and refreshes took. */
  readonly frames: readonly number[]
}

declare global {
  interface HTMLElementTagNameMap {
    'parsec-inspector': InspectorElement
  }
}

/** Registers `<parsec-inspector>`, or does nothing if that has been done. Only where there is a DOM. */
export function defineInspector(): void {
  if (!customElements.get('parsec-inspector')) customElements.define('parsec-inspector', createElementClass())
}

// Not at the top of the module: where there is no DOM there is no HTMLElement to extend.
function createElementClass(): new () => InspectorElement {
  return class extends HTMLElement implements InspectorElement {
    static readonly observedAttributes = ['panel', 'collapsed']
    #section: Section | null = null
    #nameOf: ((peer: PeerId) => string) | null = null
    #view: InspectorView | null = null

    get section(): Section | null {
      return this.#section
    }
    set section(section: Section | null) {
      if (section === this.#section) return
      this.#section = section
      this.#restart()
    }
    get nameOf(): ((peer: PeerId) => string) | null {
      return this.#nameOf
    }
    set nameOf(nameOf: ((peer: PeerId) => string) | null) {
      if (nameOf === this.#nameOf) return
      this.#nameOf = nameOf
      this.#restart()
    }
    get panel(): PanelName {
      const name = this.getAttribute('panel')
      return panelNames.find((each) => each === name) ?? 'graph'
    }
    set panel(panel: PanelName) {
      this.setAttribute('panel', panel)
    }
    get collapsed(): boolean {
      return this.hasAttribute('collapsed')
    }
    set collapsed(collapsed: boolean) {
      this.toggleAttribute('collapsed', collapsed)
    }
    get frames(): readonly number[] {
      return this.#view?.frames ?? []
    }

    connectedCallback(): void {
      this.#restart()
    }
    disconnectedCallback(): void {
      this.#view?.close()
      this.#view = null
    }
    attributeChangedCallback(): void {
      this.#view?.show(this.panel, this.collapsed)
    }

    #open(): ShadowRoot {
      const root = this.attachShadow({ mode: 'open' })
      // Not a style element, which a page's content security policy may forbid.
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(style)
      root.adoptedStyleSheets = [sheet]
      return root
    }

    #restart(): void {
      this.#view?.close()
      this.#view = null
      if (!this.isConnected || !this.#section) return
      const root = this.shadowRoot ?? this.#open()
      this.#view = createInspectorView({
        ...{ section: this.#section, nameOf: this.#nameOf, panel: this.panel, isCollapsed: this.collapsed },
        chosen: ({ panel, isCollapsed }) => {
          this.panel = panel
          this.collapsed = isCollapsed
          this.dispatchEvent(new Event('change'))
        },
      })
      root.replaceChildren(this.#view.root)
      this.#view.show(this.panel, this.collapsed)
    }
  }
}

/** Elements in one line each. */

type Properties = Readonly<Record<string, string | number | boolean | ((event: never) => void)>>

/** `on…` are listeners, booleans set or leave out an attribute, the rest are attributes. Text is text, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value as (event: Event) => void)
    else if (typeof value === 'boolean') made.toggleAttribute(name, value)
    else made.setAttribute(name, String(value))
  }
  made.append(...children)
  return made
}

const svgNamespace = 'http://www.w3.org/2000/svg'

/** One path around 0, 0, as large as a letter. */
export function glyph(path: string, colour: string): SVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg')
  svg.setAttribute('viewBox', '-8 -8 16 16')
  svg.setAttribute('aria-hidden', 'true')
  const shape = document.createElementNS(svgNamespace, 'path')
  shape.setAttribute('d', path)
  shape.style.fill = colour
  svg.append(shape)
  return svg
}

/** A table whose caption is for screen readers. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly (Node | string)[])[]) {
  return element(
    'table',
    {},
    element('caption', { class: 'unseen' }, caption),
    element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
    element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell))))),
  )
}

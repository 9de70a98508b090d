/** Small pieces that several panels show. */
import { html, type TemplateResult } from 'lit-html'
import { type Persona, shortId } from '../names.ts'

/** Decoration: the name stands beside it. */
export function avatar({ name, hue }: Persona): TemplateResult {
  return html`<span class="avatar" style="--hue: ${hue}" aria-hidden="true">${[...name][0]?.toUpperCase()}</span>`
}

export function hash(text: string): TemplateResult {
  return html`<code class="hash" title=${text}>${shortId(text)}</code>`
}

export function coins(amount: number): TemplateResult {
  return html`<span class="coins">${amount.toLocaleString('en')}<span class="unit"> ${amount === 1 ? 'coin' : 'coins'}</span></span>`
}

/** Small pieces that several panels show. */
import { html, nothing, type TemplateResult } from 'lit-html'
import type { Fate } from '../activity.ts'
import { type Persona, shortId } from '../names.ts'
import type { Words } from '../words/words.ts'

/** Decoration: the name stands beside it. */
export function avatar({ name, hue }: Persona): TemplateResult {
  return html`<span class="avatar" style="--hue: ${hue}" aria-hidden="true">${[...name][0]?.toUpperCase()}</span>`
}

export function hash(text: string): TemplateResult {
  return html`<code class="hash" title=${text}>${shortId(text)}</code>`
}

export function coins(amount: number, t: Words): TemplateResult {
  return html`<span class="coins">${amount.toLocaleString(t.locale)}<span class="unit"> ${t.unit(amount)}</span></span>`
}

/** What became of something, in a sign and in words: colour only repeats it. */
export function fateBadge(fate: Fate, isCertified: boolean, t: Words): TemplateResult {
  const { kind } = fate
  const sign = { pending: '…', final: '✓', refused: '✕', lost: '⚠' }[kind]
  return html`<span class="badge ${kind}" title=${isCertified ? t.fate.certifiedTitle : nothing}>
    <span class="sign" aria-hidden="true">${sign}</span> ${fateWords(fate, t)}${isCertified ? `, ${t.fate.certified}` : nothing}
  </span>`
}

export function fateWords(fate: Fate, t: Words): string {
  switch (fate.kind) {
    case 'pending':
      return t.fate.pending
    case 'final':
      return t.fate.final
    case 'refused':
      return t.fate.rejected(t.refusal[fate.refusal])
    case 'lost':
      return t.fate.lost(fate.reason)
  }
}

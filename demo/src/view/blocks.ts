/** The final blocks, newest first, each with what it holds. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { PeerId } from 'parsec-web'
import type { Entry } from '../ledger.ts'
import { personaOf } from '../names.ts'
import type { AppliedBlock, Live } from '../session.ts'
import { coins, hash } from './parts.ts'
import { changeWords, count, refusalWords } from './wording.ts'

export function blocksPanel(state: Live, shown: number, showMore: () => void): TemplateResult {
  const newest = state.blocks.slice(-shown).reverse()
  const certified = Math.min(state.status.certifiedHeight, state.blocks.length)
  return html`
    <section class="panel blocks" aria-labelledby="blocks-title">
      <h2 id="blocks-title">Blocks <small>${certified} of ${state.blocks.length} certified</small></h2>
      ${state.blocks.length === 0 ? html`<p class="hint">None yet: an idle section makes none.</p>` : nothing}
      <ol class="chain" aria-label="Final blocks, newest first">
        ${repeat(
          newest,
          ({ block }) => block.height,
          (applied) => blockRow(state, applied),
        )}
      </ol>
      ${state.blocks.length > shown ? html`<button @click=${showMore}>Show older blocks</button>` : nothing}
    </section>
  `
}

function blockRow(state: Live, applied: AppliedBlock): TemplateResult {
  const { block, entries } = applied
  const name = (peer: PeerId) => personaOf(state.ledger, peer).name
  const refused = entries.filter((entry) => entry.refusal !== null).length
  const certified = block.height <= state.status.certifiedHeight
  return html`
    <li data-block=${block.height} data-hash=${block.hash}>
      <details>
        <summary>
          <span class="height">${block.height}</span>
          ${hash(block.hash)}
          <span class="content">${content(applied, name)}</span>
          ${refused > 0 ? html`<span class="badge refused">${refused} refused</span>` : nothing}
          ${certified ? html`<span class="badge final" title="more than two thirds of its voters signed it">certified</span>` : nothing}
          <time datetime=${new Date(block.timeMs).toISOString()}>${new Date(block.timeMs).toLocaleTimeString()}</time>
        </summary>
        <ul class="entries">
          ${entries.map((entry) => entryRow(entry, name))}
          ${block.changes.map((change) => html`<li>${changeWords(change, name)}</li>`)}
        </ul>
        <p class="hint">after ${hash(block.previous)} · decided by ${block.voters.map(name).join(', ')}</p>
      </details>
    </li>
  `
}

/** A block with one thing in it is told in full. */
function content({ block, entries }: AppliedBlock, name: (peer: PeerId) => string): TemplateResult | string {
  const [entry] = entries
  const [change] = block.changes
  if (entry && entries.length === 1 && !change) return entryWords(entry, name)
  if (change && block.changes.length === 1 && !entry) return changeWords(change, name)
  const payments = entries.filter((entry) => entry.action?.kind === 'pay').length
  const names = entries.filter((entry) => entry.action?.kind === 'profile').length
  const malformed = entries.length - payments - names
  const parts = [
    ...(payments > 0 ? [count(payments, 'payment')] : []),
    ...(names > 0 ? [count(names, 'name')] : []),
    ...(malformed > 0 ? [`${malformed} malformed`] : []),
    ...(block.changes.length > 0 ? [count(block.changes.length, 'change')] : []),
  ]
  return parts.join(', ')
}

function entryWords({ creator, action }: Entry, name: (peer: PeerId) => string): TemplateResult {
  if (action === null) return html`${name(creator)} sends something that is no payment`
  if (action.kind === 'profile') return html`${name(creator)} takes the name ${action.name}`
  if (action.kind === 'opening') return html`${name(creator)} carries over ${count(action.accounts.length, 'account')}`
  const note = action.note === '' ? nothing : html` <q>${action.note}</q>`
  return html`${name(creator)} pays ${coins(action.amount)} to ${name(action.to)}${note}`
}

function entryRow(entry: Entry, name: (peer: PeerId) => string): TemplateResult {
  const { refusal } = entry
  return html`<li data-refusal=${refusal ?? nothing}>
    ${entryWords(entry, name)}
    ${refusal === null ? nothing : html`<span class="badge refused">${refusalWords(refusal)}</span>`}
  </li>`
}

/** The final blocks, newest first, each with what it holds. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { FinalBlock, PeerId } from 'parsec-web'
import type { AppliedBlock } from '../history.ts'
import type { Entry } from '../ledger.ts'
import { deedWords, namesOf, noteOf } from './deeds.ts'
import { hash } from './parts.ts'
import type { View } from './view.ts'

/** Of one block: a page does not grow with it. */
const entriesMost = 100

export function blocksPanel(view: View): TemplateResult {
  const { state, face, actions, t } = view
  const { blocks, ledger, status } = state
  const newest = blocks.slice(-face.shownBlocks).reverse()
  const oldest = blocks[0]?.block.height ?? 1
  return html`
    <section class="panel blocks" aria-labelledby="blocks-title">
      <h2 id="blocks-title">
        ${t.blocks.title} <small>${t.blocks.certified(Math.min(status.certifiedHeight, ledger.height), ledger.height)}</small>
      </h2>
      ${blocks.length === 0 ? html`<p class="hint">${t.blocks.none}</p>` : nothing}
      <ol class="chain" aria-label=${t.blocks.label}>
        ${repeat(
          newest,
          ({ block }) => block.height,
          (applied) => blockRow(applied, view),
        )}
      </ol>
      ${blocks.length > face.shownBlocks ? html`<button @click=${actions.showMoreBlocks}>${t.blocks.older}</button>` : nothing}
      ${blocks.length <= face.shownBlocks && oldest > 1 ? html`<p class="hint">${t.blocks.rest}</p>` : nothing}
    </section>
  `
}

function blockRow(applied: AppliedBlock, view: View): TemplateResult {
  const { state, t } = view
  const { block, entries } = applied
  const refused = entries.filter((entry) => entry.refusal !== null).length
  const isCertified = block.height <= state.status.certifiedHeight
  return html`
    <li data-block=${block.height} data-hash=${block.hash}>
      <details>
        <summary>
          <span class="height">${block.height}</span>
          ${hash(block.hash)}
          <span class="content">${content(applied, view)}</span>
          ${refused > 0 ? html`<span class="badge refused"><span class="sign" aria-hidden="true">✕</span> ${t.blocks.refused(refused)}</span>` : nothing}
          ${isCertified ? html`<span class="badge final" title=${t.fate.certifiedTitle}><span class="sign" aria-hidden="true">✓</span> ${t.fate.certified}</span>` : nothing}
          <time datetime=${new Date(block.timeMs).toISOString()}>${new Date(block.timeMs).toLocaleTimeString(t.locale)}</time>
        </summary>
        <ul class="entries" tabindex="0">
          ${entries.slice(0, entriesMost).map((entry) => entryRow(entry, view))}
          ${entries.length > entriesMost ? html`<li>${t.blocks.rows(entries.length - entriesMost)}</li>` : nothing}
          ${block.changes.map((change) => html`<li>${changeWords(change, view)}</li>`)}
        </ul>
        <p class="hint">${t.blocks.after} ${hash(block.previous)} · ${t.blocks.origin(namesOf(block.voters, view))}</p>
      </details>
    </li>
  `
}

/** A block with one thing in it is told in full. */
function content({ block, entries }: AppliedBlock, view: View): string {
  const { t } = view
  const [entry] = entries
  const [change] = block.changes
  if (entry && entries.length === 1 && !change) return deedWords(entry, view)
  if (change && block.changes.length === 1 && !entry) return changeWords(change, view)
  // A key of the common coin, or shares of one.
  if (!entry && !change) return t.blocks.empty
  const payments = entries.filter(({ action }) => action?.kind === 'pay').length
  const requests = entries.filter(({ action }) => action?.kind === 'request').length
  const others = entries.length - payments - requests
  return t.list([
    ...(payments > 0 ? [t.blocks.payments(payments)] : []),
    ...(requests > 0 ? [t.blocks.requests(requests)] : []),
    ...(others > 0 ? [t.blocks.others(others)] : []),
    ...(block.changes.length > 0 ? [t.blocks.changes(block.changes.length)] : []),
  ])
}

function entryRow(entry: Entry, view: View): TemplateResult {
  const { t } = view
  const { refusal } = entry
  const note = noteOf(entry)
  return html`<li data-refusal=${refusal ?? nothing}>
    ${deedWords(entry, view)}${note === '' ? nothing : html` <q>${note}</q>`}
    ${refusal === null ? nothing : html`<span class="badge refused"><span class="sign" aria-hidden="true">✕</span> ${t.refusal[refusal]}</span>`}
  </li>`
}

function changeWords(change: FinalBlock['changes'][number], view: View): string {
  const { t, name } = view
  if (change.kind !== 'voters') return t.blocks[change.kind](name(change.peer))
  const names = (peers: readonly PeerId[]) => namesOf(peers, view)
  return t.list([
    ...(change.promote.length > 0 ? [t.blocks.promote(names(change.promote))] : []),
    ...(change.demote.length > 0 ? [t.blocks.demote(names(change.demote))] : []),
  ])
}

/** What happened, newest first, and the fields that look through it. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { guard } from 'lit-html/directives/guard.js'
import { live } from 'lit-html/directives/live.js'
import { repeat } from 'lit-html/directives/repeat.js'
import { everything, type Found, type Query, type Row, rowsOf, search } from '../history.ts'
import { shortId } from '../names.ts'
import { deedWords, noteOf } from './deeds.ts'
import { fateBadge } from './parts.ts'
import type { View } from './view.ts'

const states = ['any', 'pending', 'final', 'rejected'] as const

export function historyPanel(view: View): TemplateResult {
  const { state, face, actions, t, name } = view
  const { query, archive, shownRows } = face
  const rows = state.activity.rows()
  // Redrawn for what it shows, not for every tick of a counter.
  const drawnFor = [
    ...[state.blocks, state.ledger.accounts, state.status.certifiedHeight, t, query, archive, shownRows],
    ...[rows.length, rows.filter(({ fate }) => fate.kind === 'pending').length],
  ]
  const list = () => {
    const whole = typeof archive === 'object' ? archive : null
    const found = whole ?? search(rowsOf(state.blocks, rows, state.me), query, name, shownRows)
    return foundRows({ rows: found.rows.slice(0, shownRows), more: found.more || found.rows.length > shownRows }, view)
  }
  return html`
    <section class="panel history" aria-labelledby="history-title">
      <h2 id="history-title">
        ${t.history.title} <small>${typeof archive === 'object' && archive ? t.history.whole : t.history.recent(state.blocks.length)}</small>
      </h2>
      <form class="query" role="search" @submit=${(event: Event) => event.preventDefault()}>${fields(view)}</form>
      ${guard(drawnFor, list)}
      ${
        archive === null && hasMoreBlocks(view) && query !== everything
          ? html`<button name="searchAll" @click=${actions.searchAll}>${t.history.all(state.status.height)}</button>`
          : nothing
      }
      <p class="hint" role="status">${archive === 'searching' ? t.history.searching : nothing}</p>
    </section>
  `
}

function fields({ state, face, actions, t, name }: View): TemplateResult {
  const { query } = face
  const read = (event: Event) => (event.target as HTMLInputElement | HTMLSelectElement).value
  return html`
    <label>
      ${t.history.search}
      <input
        type="search" name="text" autocomplete="off" placeholder=${t.history.placeholder} .value=${live(query.text)}
        @input=${(event: Event) => actions.search({ text: read(event) })}
      />
    </label>
    <label>
      ${t.history.peer}
      <select name="peer" @change=${(event: Event) => actions.search({ peer: read(event) || null })}>
        <option value="" .selected=${live(query.peer === null)}>${t.history.everybody}</option>
        ${repeat(
          [...state.ledger.accounts.keys()],
          (peer) => peer,
          (peer) =>
            html`<option value=${peer} .selected=${live(peer === query.peer)}>${name(peer)} · ${shortId(peer)}</option>`,
        )}
      </select>
    </label>
    <label>
      ${t.history.state}
      <select name="state" @change=${(event: Event) => actions.search({ state: read(event) as Query['state'] })}>
        ${states.map((each) => html`<option value=${each} .selected=${live(each === query.state)}>${t.history.states[each]}</option>`)}
      </select>
    </label>
  `
}

function foundRows({ rows, more }: Found, view: View): TemplateResult {
  const { actions, t } = view
  if (rows.length === 0) return html`<p class="hint">${t.history.none}</p>`
  return html`
    <ol class="deeds" aria-label=${t.history.label} tabindex="0">
      ${repeat(
        rows,
        ({ id }) => id,
        (row) => historyRow(row, view),
      )}
    </ol>
    <p class="hint">${t.history.found(rows.length, more)}</p>
    ${more ? html`<button name="moreRows" @click=${actions.showMoreRows}>${t.history.more}</button>` : nothing}
  `
}

function historyRow(row: Row, view: View): TemplateResult {
  const { state, t } = view
  const { fate, timeMs } = row
  const note = noteOf(row)
  const height = 'height' in fate ? fate.height : null
  return html`
    <li class="deed" data-row=${row.id} data-state=${fate.kind}>
      <span class="what">${deedWords(row, view)}${note === '' ? nothing : html` <q>${note}</q>`}</span>
      ${fateBadge(fate, height !== null && height <= state.status.certifiedHeight, t)}
      <span class="when">
        ${height === null ? nothing : t.fate.block(height)}${timeMs === null ? nothing : ` · ${new Date(timeMs).toLocaleTimeString(t.locale)}`}
      </span>
    </li>
  `
}

/** What is at hand may not be all. */
function hasMoreBlocks({ state }: View): boolean {
  return (state.blocks[0]?.block.height ?? 1) > 1
}

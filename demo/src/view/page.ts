/** The whole page for one state. */
import { html, nothing, type TemplateResult } from 'lit-html'
import type { PeerId } from 'parsec-web'
import type { Place } from '../address.ts'
import type { Inspected } from '../inspector.ts'
import { ledgerHash, sumOfBalances } from '../ledger.ts'
import type { Live, State } from '../session.ts'
import { type AccountActions, accountPanel, type Draft } from './account.ts'
import { blocksPanel } from './blocks.ts'
import { membersPanel } from './members.ts'
import { count, roleWords, statusWords } from './wording.ts'

/** What the page knows beside the section's state. */
export interface Face {
  readonly place: Place
  readonly draft: Draft
  readonly shownBlocks: number
  readonly copied: boolean
  readonly dark: boolean
  /** Null while the inspector is closed. */
  readonly inspected: Inspected | null
}

export interface Actions extends AccountActions {
  choose(peer: PeerId): void
  showMore(): void
  copyLink(): void
  toggleTheme(): void
  toggleInspector(): void
  leave(): void
  reform(): void
  follow(sectionId: string): void
  retry(): void
}

export function page(state: State, face: Face, actions: Actions): TemplateResult {
  return html`
    ${header(state, face, actions)}
    <main>${main(state, face, actions)}</main>
  `
}

function header(state: State, face: Face, actions: Actions): TemplateResult {
  const canLeave = state.phase === 'live' && state.status.state !== 'left' && state.status.state !== 'stopped'
  return html`
    <header class="top">
      <h1><img src="./favicon.svg" alt="" width="28" height="28" /> Ledger</h1>
      <span class="room" title="Room">${face.place.room}</span>
      <nav aria-label="Page">
        <button name="copy" @click=${actions.copyLink}>${face.copied ? 'Copied' : 'Copy join link'}</button>
        ${
          state.phase === 'live'
            ? html`<button name="inspector" aria-pressed=${face.inspected !== null} @click=${actions.toggleInspector}>Inspector</button>`
            : nothing
        }
        <button name="theme" aria-pressed=${face.dark} @click=${actions.toggleTheme}>${face.dark ? 'Light' : 'Dark'}</button>
        ${canLeave ? html`<button name="leave" @click=${actions.leave}>Leave</button>` : nothing}
      </nav>
      <span class="sr-only" role="status">${face.copied ? 'The join link is in the clipboard' : nothing}</span>
    </header>
  `
}

function main(state: State, face: Face, actions: Actions): TemplateResult {
  switch (state.phase) {
    case 'joining':
      return html`<p class="splash" role="status"><span class="spinner" aria-hidden="true"></span> Looking for the section in
        <strong>${face.place.room}</strong> through ${face.place.signaling.join(', ')}</p>`
    case 'failed':
      return html`<section class="splash panel" role="alert">
        <h2>This tab could not join</h2>
        <p>${state.message}</p>
        <p><code>${state.code}</code></p>
        <button class="primary" @click=${actions.retry}>Try again</button>
      </section>`
    case 'live':
      return html`
        ${statusStrip(state, actions)} ${notices(state, actions)} ${inspectorPanel(face)}
        <div class="columns">
          ${accountPanel(state, face.draft, actions)}
          <div>${membersPanel(state, actions.choose)} ${blocksPanel(state, face.shownBlocks, actions.showMore)}</div>
        </div>
        ${foot(state)}
      `
  }
}

function statusStrip({ status, alarm }: Live, actions: Actions): TemplateResult {
  const { tone, headline, detail } = statusWords(status, alarm)
  const over = status.state === 'left' || status.state === 'stopped'
  return html`
    <section class="status ${tone}" aria-label="Status">
      <p role="status"><strong>${headline}</strong> <span>${detail}</span></p>
      <span class="quorum" role="img" aria-label="${status.reachable} of ${count(status.voters, 'voter')} reachable, ${status.needed} needed">
        ${Array.from({ length: status.voters }, (_, index) => {
          const needed = index === status.needed - 1 && status.voters > 1
          return html`<i class="${index < status.reachable ? 'here' : ''} ${needed ? 'needed' : ''}"></i>`
        })}
      </span>
      <span class="facts">
        ${over ? nothing : html`<span>${roleWords(status)}</span>`}
        <span>block ${status.height}</span>
        ${status.coin === 'none' ? nothing : html`<span title=${commonCoin}>common coin ${status.coin}</span>`}
        ${status.pending > 0 ? html`<span>${status.pending} pending</span>` : nothing}
      </span>
      ${over ? html`<button class="small" @click=${actions.retry}>Join again</button>` : nothing}
      ${canReform(status) ? html`<button class="small" name="reform" @click=${actions.reform}>Go on without them</button>` : nothing}
    </section>
  `
}

function inspectorPanel({ inspected }: Face): TemplateResult | typeof nothing {
  if (inspected === null) return nothing
  return html`<parsec-inspector class="inspector" .section=${inspected.section} .nameOf=${inspected.nameOf}></parsec-inspector>`
}

/** While it can go on by itself, nobody is asked. */
function canReform({ state, role }: Live['status']): boolean {
  return state === 'stalled' && (role === 'member' || role === 'voter')
}

function notices(
  { problem, status: { successors, storageReason }, diagnostics: { conflicts, malice } }: Live,
  actions: Actions,
): TemplateResult {
  return html`
    ${successors.map(
      (sectionId) => html`<p class="notice" role="alert">
        This ledger was re-formed by others, as <code>${sectionId.slice(0, 8)}</code>.
        <button class="small" name="follow" @click=${() => actions.follow(sectionId)}>Follow them</button>
      </p>`,
    )}
    ${storageReason === null ? nothing : html`<p class="notice" role="status">In memory only: ${storageReason}.</p>`}
    ${problem === null ? nothing : html`<p class="notice" role="alert">${problem}</p>`}
    ${
      conflicts.length === 0
        ? nothing
        : html`<p class="notice" role="alert">
            ${count(conflicts.length, 'other section')} with a history met in this room: their ledgers are never merged. Use the
            join link of the section you mean.
          </p>`
    }
    ${
      malice.length === 0
        ? nothing
        : html`<p class="notice" role="alert">Misbehaviour was proven: ${malice.map(({ kind }) => kind).join(', ')}.</p>`
    }
  `
}

function foot(state: Live): TemplateResult {
  return html`
    <footer>
      <dl>
        <div><dt>Ledger hash</dt><dd><code>${ledgerHash(state.ledger)}</code></dd></div>
        <div><dt>Sum of balances</dt><dd>${sumOfBalances(state.ledger)} in ${count(state.ledger.accounts.size, 'account')}</dd></div>
        <div><dt>Section</dt><dd><code>${state.sectionId}</code></dd></div>
        <div><dt>This tab</dt><dd><code>${state.me}</code></dd></div>
      </dl>
      <details>
        <summary>Diagnostics</summary>
        <pre>${JSON.stringify(state.diagnostics, null, 2)}</pre>
      </details>
    </footer>
  `
}

const commonCoin =
  'Votes that stay split are settled by a common coin. Until the voters share a key for it, it is predictable: agreement is as safe, but a network that reads every message could delay it.'

/** The whole page for one state. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { sumOfBalances } from '../ledger.ts'
import { personaOf } from '../names.ts'
import type { Live, State } from '../session.ts'
import { languages } from '../words/words.ts'
import { accountPanel } from './account.ts'
import { blocksPanel } from './blocks.ts'
import { breakingPanel, frozenBanner } from './breaking.ts'
import { newsWords } from './deeds.ts'
import { historyPanel } from './history.ts'
import { inviteDialog } from './invite.ts'
import { membersPanel } from './members.ts'
import { notices } from './notices.ts'
import { proofPanel } from './proof.ts'
import { statusStrip } from './status.ts'
import type { Actions, Face, View } from './view.ts'

export function page(state: State, face: Face, actions: Actions): TemplateResult {
  return html`
    <a class="skip" href="#account-title">${face.t.page.skip}</a>
    ${header(state, face, actions)}
    <main>${main(state, face, actions)}</main>
    ${inviteDialog(face, actions)}
  `
}

function header(state: State, face: Face, actions: Actions): TemplateResult {
  const { t, place, dark, inspected, breaking } = face
  const isLive = state.phase === 'live'
  const canLeave = isLive && state.status.state !== 'left' && state.status.state !== 'stopped'
  return html`
    <header class="top">
      <h1><img src="./favicon.svg" alt="" width="28" height="28" /> ${t.page.title}</h1>
      <span class="room" title=${t.page.room}>${place.room}</span>
      <nav aria-label=${t.page.nav}>
        <button name="invite" class="primary" @click=${actions.invite}>${t.page.invite}</button>
        ${
          isLive
            ? html`
                <button name="inspector" aria-pressed=${inspected !== null} @click=${actions.toggleInspector}>${t.page.inspector}</button>
                <button name="break" aria-pressed=${breaking.isOpen} @click=${actions.toggleBreaking}>${t.page.breakIt}</button>
              `
            : nothing
        }
        <button name="theme" @click=${actions.toggleTheme}>${dark ? t.page.light : t.page.dark}</button>
        <select name="language" aria-label=${t.page.languageSwitch} @change=${(event: Event) => actions.speak((event.target as HTMLSelectElement).value)}>
          ${languages.map(({ locale, language }) => html`<option value=${locale} lang=${locale} ?selected=${locale === t.locale}>${language}</option>`)}
        </select>
        ${canLeave ? html`<button name="leave" @click=${actions.leave}>${t.page.leave}</button>` : nothing}
      </nav>
    </header>
  `
}

function main(state: State, face: Face, actions: Actions): TemplateResult {
  const { t, place } = face
  switch (state.phase) {
    case 'joining':
      return html`<p class="splash" role="status"><span class="spinner" aria-hidden="true"></span>
        ${t.joining(place.room, place.signaling.join(', '))}</p>`
    case 'failed':
      return html`<section class="splash panel" role="alert">
          <h2>${t.failed.title}</h2>
          <p>${state.message}</p>
          <p><code>${state.code}</code></p>
          <button class="primary" @click=${actions.retry}>${t.failed.again}</button>
        </section>
        ${proofPanel(face, actions, false)}`
    case 'live': {
      const name = (peer: string) => personaOf(state.ledger, peer).name
      const { role, state: standing } = state.status
      const mayAct = (role === 'member' || role === 'voter') && standing !== 'left' && standing !== 'stopped'
      const view: View = { state, face, actions, t, mayAct, name }
      return html`
        <span class="sr-only" role="status" data-news>${newsWords(view)}</span>
        ${frozenBanner(view)} ${statusStrip(view)} ${notices(view)} ${breakingPanel(view)} ${inspectorPanel(face)}
        <div class="columns">
          <div>${accountPanel(view)} ${proofPanel(face, actions, true)}</div>
          <div>${membersPanel(view)} ${historyPanel(view)} ${blocksPanel(view)}</div>
        </div>
        ${foot(state, face)}
      `
    }
  }
}

function inspectorPanel({ inspected }: Face): TemplateResult | typeof nothing {
  if (inspected === null) return nothing
  return html`<parsec-inspector class="inspector" .section=${inspected.section} .nameOf=${inspected.nameOf}></parsec-inspector>`
}

function foot(state: Live, { t, ledgerHash }: Face): TemplateResult {
  return html`
    <footer>
      <dl>
        <div><dt>${t.foot.hash}</dt><dd><code>${ledgerHash}</code></dd></div>
        <div><dt>${t.foot.sum}</dt><dd>${t.foot.sumValue(sumOfBalances(state.ledger), state.ledger.accounts.size)}</dd></div>
        <div><dt>${t.foot.section}</dt><dd><code>${state.sectionId}</code></dd></div>
        <div><dt>${t.foot.tab}</dt><dd><code>${state.me}</code></dd></div>
      </dl>
      <details>
        <summary>${t.foot.diagnostics}</summary>
        <pre tabindex="0">${JSON.stringify(state.diagnostics, null, 2)}</pre>
      </details>
    </footer>
  `
}

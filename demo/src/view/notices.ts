/** What has to be said aside from the ledger: the network, other sections, misbehaviour and what became of it. */
import { html, nothing, type TemplateResult } from 'lit-html'
import type { Finding } from 'parsec-web'
import { shortId } from '../names.ts'
import type { Trial } from '../trials.ts'
import type { View } from './view.ts'

/** A removal stays in the history; here it makes way for the next. */
const trialsMost = 3

export function notices(view: View): TemplateResult {
  const { state, face, actions, t } = view
  const { problem, status, diagnostics } = state
  return html`
    <div class="notices">
      ${status.successors.map(
        (id) => html`<p class="notice" role="alert">
          ${t.notice.reformed(shortId(id))}
          <button class="small" name="follow" @click=${() => actions.follow(id)}>${t.notice.follow}</button>
        </p>`,
      )}
      ${face.online ? nothing : html`<p class="notice" role="status">${t.notice.offline}</p>`}
      ${face.online ? diagnostics.findings.map((finding) => html`<p class="notice" role="status">${findingWords(finding, view)}</p>`) : nothing}
      ${status.storageReason === null ? nothing : html`<p class="notice" role="status">${t.notice.memory(status.storageReason)}</p>`}
      ${problem === null ? nothing : html`<p class="notice" role="alert">${problem}</p>`}
      ${
        diagnostics.conflicts.length === 0
          ? nothing
          : html`<p class="notice" role="alert">${t.notice.conflicts(diagnostics.conflicts.length)}</p>`
      }
      ${state.trials.slice(-trialsMost).map((trial) => trialCard(trial, view))}
    </div>
  `
}

/** The SDK's own words, in English, where the page has none. */
function findingWords(finding: Finding, { t }: View): string {
  if (finding.code === 'signalingUnreachable') return t.notice.noServer(finding.urls.join(', '))
  return finding.text
}

function trialCard({ accused, kind, provenMs, removal }: Trial, { state, t, name }: View): TemplateResult {
  const who = accused === state.me ? `${name(accused)} (${t.trial.you})` : name(accused)
  const isTimed = removal !== null && removal.knownMs !== null && provenMs !== null
  return html`
    <section class="trial ${removal ? 'over' : ''}" role="alert" data-accused=${accused} data-removed=${removal?.height ?? nothing}>
      <h2><span class="sign" aria-hidden="true">⚖</span> ${t.trial.title}</h2>
      ${kind === null ? nothing : html`<p>${t.trial.proven(who, kind)}</p>`}
      <p>
        ${removal === null ? t.trial.pending : html`<strong>${t.trial.removed(who, removal.height)}</strong>`}
        ${isTimed ? t.trial.after(t.milliseconds(Math.max(0, removal.knownMs - provenMs))) : nothing}
      </p>
    </section>
  `
}

/** The own account: balance, name, the form that pays and asks, and what became of what was done here. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import { repeat } from 'lit-html/directives/repeat.js'
import type { PeerId } from 'parsec-web'
import { nameLength, noteLength } from '../actions.ts'
import type { Own } from '../activity.ts'
import { openRequestsMost } from '../ledger.ts'
import { personaOf, shortId } from '../names.ts'
import type { Live } from '../session.ts'
import { expelledIn } from '../trials.ts'
import { noteOf, ownWords } from './deeds.ts'
import { avatar, coins, fateBadge } from './parts.ts'
import { requestsParts } from './requests.ts'
import type { View } from './view.ts'

/** Payments of one press of the button that pays many. */
export const manyPayments = 25

const shownMost = 20

/** Whoever is here first; nobody who never comes back. */
export function payeesOf({ ledger, me, status, trials }: Live): PeerId[] {
  const online = new Set(status.members.flatMap((member) => (member.online ? member.peer : [])))
  const expelled = expelledIn(trials)
  const others = [...ledger.accounts.keys()].filter((peer) => peer !== me && !expelled.has(peer))
  return [...others.filter((peer) => online.has(peer)), ...others.filter((peer) => !online.has(peer))]
}

/** Who was chosen, while that one can be paid; else the first who can. Null: nobody. */
export function payeeOf(state: Live, chosen: PeerId | null): PeerId | null {
  const payees = payeesOf(state)
  return chosen !== null && payees.includes(chosen) ? chosen : (payees[0] ?? null)
}

export function accountPanel(view: View): TemplateResult {
  const { state, t } = view
  const account = state.ledger.accounts.get(state.me)
  const persona = personaOf(state.ledger, state.me)
  return html`
    <section class="panel account" aria-labelledby="account-title">
      <h2 id="account-title" tabindex="-1">${t.account.title}</h2>
      <div class="holder">
        ${avatar(persona)}
        <div>
          <strong class="name">${persona.name}</strong>
          <code class="hash" title=${state.me}>${shortId(state.me)}</code>
        </div>
        <span class="balance" role="group" aria-label=${t.account.balance}>${account ? coins(account.balance, t) : '…'}</span>
      </div>
      ${renameForm(view, persona.name)} ${requestsParts(view)} ${payForm(view)} ${ownDeeds(view)}
    </section>
  `
}

function renameForm({ t, actions, mayAct }: View, current: string): TemplateResult {
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const name = String(new FormData(form).get('name')).trim()
    if (name !== '') actions.submit({ kind: 'profile', name })
    form.closest('details')?.removeAttribute('open')
  }
  return html`
    <details class="rename">
      <summary>${t.account.rename}</summary>
      <form @submit=${save}>
        <label>${t.account.name} <input name="name" required maxlength=${nameLength} .value=${current} autocomplete="off" /></label>
        <button ?disabled=${!mayAct}>${t.account.save}</button>
      </form>
    </details>
  `
}

function payForm(view: View): TemplateResult {
  const { state, face, actions, t, name, mayAct } = view
  const payees = payeesOf(state)
  if (payees.length === 0) {
    return html`<p class="hint">${t.account.alone}</p>
      <p class="buttons">
        <button class="primary" type="button" @click=${actions.invite}>${t.page.invite}</button>
        <a class="button" href=${location.href} target="_blank" rel="noopener">${t.account.secondTab}</a>
      </p>`
  }
  const { draft } = face
  const balance = state.ledger.accounts.get(state.me)?.balance ?? 0
  const chosen = payeeOf(state, draft.to)
  const send = (event: SubmitEvent) => {
    event.preventDefault()
    if ((event.submitter as HTMLButtonElement | null)?.name === 'request') actions.request()
    else actions.pay()
  }
  return html`
    <form class="pay" @submit=${send} aria-label=${t.account.form}>
      <label class="wide">
        ${t.account.who}
        <select name="to" @change=${(event: Event) => actions.edit({ to: (event.target as HTMLSelectElement).value })}>
          ${repeat(
            payees,
            (peer) => peer,
            (peer) =>
              html`<option value=${peer} .selected=${live(peer === chosen)}>${name(peer)} · ${shortId(peer)}</option>`,
          )}
        </select>
      </label>
      <label>
        ${t.account.amount}
        <input
          name="amount"
          type="number"
          inputmode="numeric"
          min="1"
          max="1000000"
          step="1"
          required
          .value=${live(Number.isNaN(draft.amount) ? '' : String(draft.amount))}
          @input=${(event: Event) => actions.edit({ amount: (event.target as HTMLInputElement).valueAsNumber })}
        />
      </label>
      <label>
        ${t.account.note}
        <input
          name="note"
          maxlength=${noteLength}
          placeholder=${t.account.optional}
          autocomplete="off"
          .value=${live(draft.note)}
          @input=${(event: Event) => actions.edit({ note: (event.target as HTMLInputElement).value })}
        />
      </label>
      <div class="buttons">
        <button class="primary" name="pay" ?disabled=${!mayAct}>${t.account.pay}</button>
        <button name="request" ?disabled=${!mayAct || !mayAsk(state)}>${t.account.request}</button>
        <button type="button" name="many" ?disabled=${!mayAct} @click=${actions.payMany}>${t.account.many(manyPayments)}</button>
      </div>
      <p class="hint" role="status">${draft.amount > balance ? t.account.overdraft : nothing}</p>
    </form>
  `
}

function mayAsk({ ledger, me }: Live): boolean {
  return [...ledger.requests.values()].filter(({ by }) => by === me).length < openRequestsMost
}

function ownDeeds(view: View): TemplateResult {
  const { state, t } = view
  const rows = state.activity.rows()
  const median = state.activity.medianLatencyMs()
  const pending = rows.filter(({ fate }) => fate.kind === 'pending').length
  return html`
    <h3>
      ${t.account.own}
      <small>
        ${pending > 0 ? t.status.pending(pending) : nothing}
        ${median === null ? nothing : html`<span title=${t.account.medianTitle}>${t.account.median(t.milliseconds(median))}</span>`}
      </small>
    </h3>
    ${rows.length === 0 ? html`<p class="hint">${t.account.none}</p>` : nothing}
    <ol class="deeds" aria-label=${t.account.ownLabel}>
      ${repeat(
        rows.slice(-shownMost).reverse(),
        ({ id }) => id,
        (own) => ownRow(own, view),
      )}
    </ol>
    ${rows.length > shownMost ? html`<p class="hint">${t.account.older(rows.length - shownMost)}</p>` : nothing}
    <p class="hint legend">${t.fate.legend}</p>
  `
}

function ownRow(own: Own, view: View): TemplateResult {
  const { id, action, fate, latencyMs } = own
  const { state, t } = view
  const note = noteOf(own)
  const height = 'height' in fate ? fate.height : null
  const isCertified = height !== null && height <= state.status.certifiedHeight
  return html`
    <li class="deed" data-deed=${action.kind} data-id=${id} data-state=${fate.kind}>
      <span class="what">${ownWords(own, view)}${note === '' ? nothing : html` <q>${note}</q>`}</span>
      ${fateBadge(fate, isCertified, t)}
      <span class="when">
        ${height === null ? nothing : t.fate.block(height)}${latencyMs === null ? nothing : ` · ${t.milliseconds(latencyMs)}`}
      </span>
    </li>
  `
}

/** The own account: balance, name, the form that pays, and what became of the payments made here. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import { repeat } from 'lit-html/directives/repeat.js'
import type { PeerId } from 'parsec-web'
import { nameLength, noteLength } from '../ledger.ts'
import { personaOf, shortId } from '../names.ts'
import { medianLatencyMs, type OwnPayment } from '../payments.ts'
import type { Live } from '../session.ts'
import { avatar, coins } from './parts.ts'
import { count, duration, refusalWords } from './wording.ts'

/** What is typed into the form; null as long as nobody was chosen. */
export interface Draft {
  readonly to: PeerId | null
  readonly amount: number
  readonly note: string
}

export interface AccountActions {
  edit(part: Partial<Draft>): void
  pay(): void
  payMany(): void
  rename(name: string, hue: number): void
}

/** Payments of one press of the button that pays many. */
export const manyPayments = 25

const shownPayments = 50

export function payeesOf({ ledger, me }: Live): PeerId[] {
  return [...ledger.accounts.keys()].filter((peer) => peer !== me)
}

export function accountPanel(state: Live, draft: Draft, actions: AccountActions): TemplateResult {
  const account = state.ledger.accounts.get(state.me)
  const persona = personaOf(state.ledger, state.me)
  return html`
    <section class="panel account" aria-labelledby="account-title">
      <h2 id="account-title">Your account</h2>
      <div class="holder">
        ${avatar(persona)}
        <div>
          <strong class="name">${persona.name}</strong>
          <code class="hash" title=${state.me}>${shortId(state.me)}</code>
        </div>
        <output class="balance" aria-label="Your balance">${account ? coins(account.balance) : '…'}</output>
      </div>
      ${profileForm(persona, account !== undefined, actions)} ${payForm(state, draft, actions)} ${ownPayments(state)}
    </section>
  `
}

function profileForm(
  persona: { name: string; hue: number },
  enabled: boolean,
  actions: AccountActions,
): TemplateResult {
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const name = String(data.get('name')).trim()
    if (name !== '') actions.rename(name, Number(data.get('hue')))
    ;(event.currentTarget as HTMLElement).closest('details')?.removeAttribute('open')
  }
  return html`
    <details class="profile">
      <summary>Change name and colour</summary>
      <form @submit=${save}>
        <label>Name <input name="name" required maxlength=${nameLength} .value=${persona.name} autocomplete="off" /></label>
        <label>Colour <input name="hue" class="hue" type="range" min="0" max="359" .value=${String(persona.hue)} /></label>
        <button ?disabled=${!enabled}>Save</button>
      </form>
    </details>
  `
}

function payForm(state: Live, draft: Draft, actions: AccountActions): TemplateResult {
  const payees = payeesOf(state)
  if (payees.length === 0) {
    return html`<p class="hint">
      You are the only member. <a href=${location.href} target="_blank" rel="noopener">Open a second tab</a> or send the join
      link to somebody, and there is somebody to pay.
    </p>`
  }
  const balance = state.ledger.accounts.get(state.me)?.balance ?? 0
  const closed = state.status.state === 'left' || state.status.state === 'stopped'
  const chosen = draft.to ?? payees[0]
  const pay = (event: SubmitEvent) => {
    event.preventDefault()
    actions.pay()
  }
  return html`
    <form class="pay" @submit=${pay} aria-label="Pay">
      <label class="wide">
        To
        <select name="to" @change=${(event: Event) => actions.edit({ to: (event.target as HTMLSelectElement).value })}>
          ${repeat(
            payees,
            (peer) => peer,
            (peer) => html`<option value=${peer} .selected=${live(peer === chosen)}>
              ${personaOf(state.ledger, peer).name} · ${shortId(peer)}
            </option>`,
          )}
        </select>
      </label>
      <label>
        Coins
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
        Note
        <input
          name="note"
          maxlength=${noteLength}
          placeholder="optional"
          autocomplete="off"
          .value=${live(draft.note)}
          @input=${(event: Event) => actions.edit({ note: (event.target as HTMLInputElement).value })}
        />
      </label>
      <div class="buttons">
        <button class="primary" ?disabled=${closed}>Pay</button>
        <button type="button" name="many" ?disabled=${closed} @click=${actions.payMany}>
          ${manyPayments} payments of 1
        </button>
      </div>
      <p class="hint" role="status">
        ${draft.amount > balance ? 'More than you have: it will be in a block, and every tab will refuse it.' : nothing}
      </p>
    </form>
  `
}

function ownPayments({ payments, ledger }: Live): TemplateResult {
  const median = medianLatencyMs(payments)
  const pending = payments.filter(({ state }) => state.kind === 'pending').length
  const newest = payments.slice(-shownPayments).reverse()
  return html`
    <h3>
      Your payments
      <small class="latency">
        ${pending > 0 ? `${pending} pending` : nothing}
        ${median === null ? nothing : html`<span title="from the button to the final block">median ${duration(median)}</span>`}
      </small>
    </h3>
    ${payments.length === 0 ? html`<p class="hint">None yet.</p>` : nothing}
    <ol class="payments" aria-label="Your payments, newest first">
      ${repeat(
        newest,
        ({ id }) => id,
        (payment) => paymentRow(payment, personaOf(ledger, payment.to).name),
      )}
    </ol>
    ${payments.length > shownPayments ? html`<p class="hint">and ${count(payments.length - shownPayments, 'older one')}</p>` : nothing}
  `
}

function paymentRow({ id, amount, note, state, latencyMs }: OwnPayment, payee: string): TemplateResult {
  const refused = state.kind === 'final' && state.refusal !== null
  return html`
    <li class="payment" data-payment=${id} data-state=${refused ? 'refused' : state.kind}>
      <span class="what">${coins(amount)} to ${payee}${note === '' ? nothing : html` <q>${note}</q>`}</span>
      <span class="badge ${refused ? 'refused' : state.kind}">${fate(state)}</span>
      <span class="when">
        ${state.kind === 'final' ? `block ${state.height}` : nothing}${latencyMs === null ? nothing : ` · ${duration(latencyMs)}`}
      </span>
    </li>
  `
}

function fate(state: OwnPayment['state']): string {
  if (state.kind === 'pending') return 'pending'
  if (state.kind === 'lost') return `lost: ${state.reason}`
  return state.refusal === null ? 'final' : refusalWords(state.refusal)
}

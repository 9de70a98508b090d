/** Requests that are open: those that wait for our answer, and those of ours that wait for others'. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { Request } from '../ledger.ts'
import type { View } from './view.ts'

type Open = readonly [id: string, request: Request]

/** Anybody may ask us for something, up to a bound each. */
const shownMost = 10

export function requestsParts(view: View): TemplateResult {
  const { state, t } = view
  const open = [...state.ledger.requests]
  const incoming = open.filter(([, { of }]) => of === state.me)
  const outgoing = open.filter(([, { by }]) => by === state.me)
  // Until its block is here, an answer has no effect.
  const answered = new Set<string>()
  for (const { action, fate } of state.activity.rows()) {
    if (fate.kind === 'pending' && 'request' in action) answered.add(action.request)
  }
  return html`
    ${list(t.requests.incoming, 'incoming', incoming, (each) => incomingRow(each, answered, view), view)}
    ${list(t.requests.outgoing, 'outgoing', outgoing, (each) => outgoingRow(each, answered, view), view)}
  `
}

function list(
  title: string,
  name: string,
  open: readonly Open[],
  row: (each: Open) => TemplateResult,
  { t }: View,
): TemplateResult | typeof nothing {
  if (open.length === 0) return nothing
  return html`
    <h3 id="${name}-title">${title} <small>${open.length}</small></h3>
    <ul class="requests ${name}" aria-labelledby="${name}-title">
      ${repeat(open.slice(0, shownMost), ([id]) => id, row)}
    </ul>
    ${open.length > shownMost ? html`<p class="hint">${t.requests.older(open.length - shownMost)}</p>` : nothing}
  `
}

function incomingRow([id, { by, amount, note }]: Open, answered: ReadonlySet<string>, view: View): TemplateResult {
  const { state, actions, t, name, mayAct } = view
  const isAnswered = answered.has(id)
  const isTooMuch = amount > (state.ledger.accounts.get(state.me)?.balance ?? 0)
  const answer = (accept: boolean) => () => actions.submit({ kind: 'answer', request: id, accept })
  return html`
    <li data-request=${id}>
      <span class="what">${t.requests.by(name(by), amount)}${quoted(note)}
        ${isAnswered ? html`<span class="hint">${t.requests.underWay}</span>` : nothing}
        ${isTooMuch ? html`<span class="hint">${t.requests.tooMuch}</span>` : nothing}
      </span>
      <span class="buttons">
        <button
          class="small primary" name="accept" ?disabled=${!mayAct || isAnswered || isTooMuch}
          aria-label=${t.requests.acceptLabel(name(by), amount)} @click=${answer(true)}
        >${t.requests.accept}</button>
        <button
          class="small" name="decline" ?disabled=${!mayAct || isAnswered}
          aria-label=${t.requests.declineLabel(name(by), amount)} @click=${answer(false)}
        >${t.requests.decline}</button>
      </span>
    </li>
  `
}

function outgoingRow([id, { of, amount, note }]: Open, answered: ReadonlySet<string>, view: View): TemplateResult {
  const { actions, t, name, mayAct } = view
  return html`
    <li data-request=${id}>
      <span class="what">${t.requests.of(name(of), amount)}${quoted(note)} <span class="hint">${t.requests.waiting}</span></span>
      <button
        class="small" name="withdraw" ?disabled=${!mayAct || answered.has(id)}
        aria-label=${t.requests.withdrawLabel(name(of), amount)}
        @click=${() => actions.submit({ kind: 'withdraw', request: id })}
      >${t.requests.withdraw}</button>
    </li>
  `
}

function quoted(note: string): TemplateResult | typeof nothing {
  return note === '' ? nothing : html` <q>${note}</q>`
}

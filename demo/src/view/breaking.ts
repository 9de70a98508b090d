/** The panel that breaks things: each says what will happen before it does, and what to watch afterwards. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import { repeat } from 'lit-html/directives/repeat.js'
import { neighboursOf, treasonOf } from '../breaking.ts'
import { personaOf } from '../names.ts'
import { avatar } from './parts.ts'
import type { View } from './view.ts'

const delaysMs = [0, 100, 500, 2_000]

export function breakingPanel(view: View): TemplateResult | typeof nothing {
  const { face, t } = view
  if (!face.breaking.isOpen) return nothing
  return html`
    <section class="panel breaking" aria-labelledby="breaking-title">
      <h2 id="breaking-title">${t.breaking.title} <small>${t.breaking.lead}</small></h2>
      <div class="cards">${forkCard(view)} ${linksCard(view)} ${freezeCard(view)} ${killCard(view)}</div>
    </section>
  `
}

interface CardWords {
  readonly title: string
  readonly before: string
  readonly after: string
}

function card(name: string, { title, before, after }: CardWords, t: View['t'], controls: unknown): TemplateResult {
  return html`
    <section class="card" aria-labelledby="break-${name}">
      <h3 id="break-${name}">${title}</h3>
      <p><b>${t.breaking.before}:</b> ${before}</p>
      <p><b>${t.breaking.after}:</b> ${after}</p>
      ${controls}
    </section>
  `
}

function forkCard(view: View): TemplateResult {
  const { state, face, actions, t, name } = view
  const words = t.breaking.fork
  const treason = treasonOf(state)
  const isReady = typeof treason === 'object'
  const { forkedMs } = face.breaking
  const before = isReady ? words.before(treason.amount, name(treason.truth), name(treason.lie)) : words[treason]
  const removal = state.trials.find(({ accused }) => accused === state.me)?.removal ?? null
  const outcome = () => {
    if (forkedMs === null) return nothing
    if (removal?.knownMs) return words.caught(t.milliseconds(Math.max(0, removal.knownMs - forkedMs)))
    return words.done
  }
  return card(
    'fork',
    { title: words.title, before, after: words.after },
    t,
    html`
      <button class="danger" name="fork" ?disabled=${!isReady || forkedMs !== null} @click=${() => isReady && actions.fork(treason)}>
        ${words.betray}
      </button>
      <p class="hint" role="status">${outcome()}</p>
    `,
  )
}

function linksCard(view: View): TemplateResult {
  const { state, face, actions, t, name } = view
  const { breaking } = face
  const words = t.breaking.links
  const peers = neighboursOf(state)
  const isWhole = peers.every((peer) => !breaking.damageOf(peer).cut && breaking.damageOf(peer).delayMs === 0)
  const rows = repeat(
    peers,
    (peer) => peer,
    (peer) => {
      const { cut, delayMs } = breaking.damageOf(peer)
      return html`
        <li data-link=${peer}>
          ${avatar(personaOf(state.ledger, peer))} <span class="name">${name(peer)}</span>
          <label class="check">
            <input
              type="checkbox" name="cut" .checked=${live(cut)} aria-label=${words.cutLabel(name(peer))}
              @change=${(event: Event) => actions.damage(peer, { cut: (event.target as HTMLInputElement).checked })}
            />
            ${words.cut}
          </label>
          <label class="delay">
            ${words.delay}
            <select
              name="delay" aria-label=${words.delayLabel(name(peer))}
              @change=${(event: Event) => actions.damage(peer, { delayMs: Number((event.target as HTMLSelectElement).value) })}
            >
              ${delaysMs.map((ms) => html`<option value=${ms} .selected=${live(ms === delayMs)}>${words.delays(ms)}</option>`)}
            </select>
          </label>
        </li>
      `
    },
  )
  return card(
    'links',
    words,
    t,
    peers.length === 0
      ? html`<p class="hint">${words.none}</p>`
      : html`<ul class="links">${rows}</ul>
          <button name="mend" ?disabled=${isWhole} @click=${actions.mend}>${words.mend}</button>`,
  )
}

function freezeCard({ face, actions, t }: View): TemplateResult {
  const words = t.breaking.freeze
  const { isFrozen } = face.breaking
  return card(
    'freeze',
    words,
    t,
    html`<button name="freeze" aria-pressed=${isFrozen} @click=${() => actions.freeze(!isFrozen)}>${isFrozen ? words.thaw : words.freeze}</button>`,
  )
}

function killCard({ actions, t }: View): TemplateResult {
  const words = t.breaking.kill
  return card('kill', words, t, html`<button class="danger" name="kill" @click=${actions.kill}>${words.kill}</button>`)
}

/** Seen wherever the page is scrolled to: a frozen tab looks like any other. */
export function frozenBanner({ face, actions, t }: View): TemplateResult | typeof nothing {
  if (!face.breaking.isFrozen) return nothing
  return html`
    <p class="frozen" role="status">
      <span aria-hidden="true">❄</span> ${t.breaking.freeze.frozen}
      <button class="small" @click=${() => actions.freeze(false)}>${t.breaking.freeze.thaw}</button>
    </p>
  `
}

/** Whether payments become final, why not, and what can be done about it. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { namesOf } from './deeds.ts'
import type { View } from './view.ts'

interface StatusWords {
  readonly tone: 'good' | 'wait' | 'bad'
  readonly headline: string
  readonly detail: string
}

export function statusStrip(view: View): TemplateResult {
  const { state, actions, t } = view
  const { status, trials, me } = state
  const { tone, headline, detail } = statusWords(view)
  const isExpelled = trials.some(({ accused, removal }) => accused === me && removal !== null)
  const isOver = status.state === 'left' || status.state === 'stopped'
  return html`
    <section class="status ${tone}" aria-label=${t.status.label}>
      <p role="status">
        <span class="sign" aria-hidden="true">${{ good: '✓', wait: '…', bad: '✕' }[tone]}</span>
        <strong>${headline}</strong> <span class="detail">${detail}</span>
      </p>
      ${quorumPicture(view)}
      <span class="facts">
        ${isOver ? nothing : html`<span>${roleWords(view)}</span>`}
        <span>${t.status.block(status.height)}</span>
        ${status.coin === 'none' ? nothing : html`<span title=${t.status.coinTitle}>${status.coin === 'active' ? t.status.coinActive : t.status.coinForming}</span>`}
        ${status.pending > 0 ? html`<span>${t.status.pending(status.pending)}</span>` : nothing}
      </span>
      ${isOver ? html`<button class="small" @click=${actions.retry}>${t.status.rejoin}</button>` : nothing}
      ${isExpelled && !isOver ? html`<button class="small" name="startOver" @click=${actions.startOver}>${t.status.startOver}</button>` : nothing}
      ${isOver || status.voters === 0 ? nothing : quorumExplained(view)}
    </section>
  `
}

function statusWords({ state, t }: View): StatusWords {
  const { status, alarm, trials, me } = state
  const { reachable, voters, needed } = status
  if (alarm !== null) return { tone: 'bad', headline: t.status.stopped, detail: alarm }
  if (status.role === 'removed' && trials.some(({ accused }) => accused === me)) {
    return { tone: 'bad', headline: t.status.expelled, detail: t.status.expelledDetail }
  }
  switch (status.state) {
    case 'joining':
      return { tone: 'wait', headline: t.status.joining, detail: status.reason ?? t.status.joiningDetail }
    case 'ready':
      return { tone: 'good', headline: t.status.ready, detail: t.quorum.short(reachable, voters, needed) }
    case 'stalled':
      // Where too few voters are reachable, the page explains it itself.
      return {
        tone: 'wait',
        headline: t.status.stalled,
        detail: reachable < needed ? t.quorum.short(reachable, voters, needed) : (status.reason ?? ''),
      }
    case 'left':
      return { tone: 'bad', headline: t.status.left, detail: t.status.leftDetail }
    case 'stopped':
      return { tone: 'bad', headline: t.status.stopped, detail: status.reason ?? t.status.stoppedDetail }
  }
}

function roleWords({ state, t }: View): string {
  return t.status[state.status.role]
}

/** One box per voter, and the line that has to be reached. */
function quorumPicture({ state, t }: View): TemplateResult | typeof nothing {
  const { reachable, voters, needed } = state.status
  if (voters === 0) return nothing
  return html`
    <span class="quorum" role="img" aria-label=${t.quorum.label(reachable, voters, needed)}>
      ${Array.from({ length: voters }, (_, index) => {
        const isNeeded = index === needed - 1 && voters > 1
        return html`<i class="${index < reachable ? 'here' : ''} ${isNeeded ? 'needed' : ''}"></i>`
      })}
    </span>
  `
}

function quorumExplained(view: View): TemplateResult {
  const { state, actions, t, name } = view
  const { status } = state
  const { members, voters, needed, reachable } = status
  const missing = members.filter(({ voter, online, peer }) => voter && !online && peer !== state.me)
  const asleep = missing.filter((member) => member.asleep)
  const away = missing.filter((member) => !member.asleep)
  const isStalled = status.state === 'stalled' && reachable < needed
  const [only] = members.filter(({ voter }) => voter)
  const sentences = [
    voters === 1 && only ? t.quorum.one(name(only.peer)) : t.quorum.several(voters, needed, voters - needed),
    ...(voters > 1 ? [t.quorum.reachable(reachable, voters)] : []),
    ...(asleep.length > 0 ? [t.quorum.asleep(namesOf(peersOf(asleep), view))] : []),
    ...(away.length > 0 ? [t.quorum.away(namesOf(peersOf(away), view))] : []),
    ...(isStalled ? [t.quorum.stalled(needed - reachable), t.quorum.remedy] : []),
  ]
  return html`
    <details class="quorum-words" ?open=${isStalled}>
      <summary>${t.quorum.question}</summary>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
      ${canReform(view) ? html`<button class="small" name="reform" @click=${actions.reform}>${t.status.reform}</button>` : nothing}
    </details>
  `
}

function peersOf(members: readonly { readonly peer: string }[]): string[] {
  return members.map(({ peer }) => peer)
}

/** While it can go on by itself, nobody is asked. */
function canReform({ state }: View): boolean {
  const { status } = state
  return status.state === 'stalled' && (status.role === 'member' || status.role === 'voter')
}

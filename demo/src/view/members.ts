/** Who is in the section, who votes, who is online, and what everybody has. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { PeerId } from 'parsec-web'
import type { Account } from '../ledger.ts'
import { personaOf, shortId } from '../names.ts'
import type { Live } from '../session.ts'
import { avatar, coins } from './parts.ts'
import { count } from './wording.ts'

export function membersPanel(state: Live, choose: (peer: PeerId) => void): TemplateResult {
  const standing = new Map(state.status.members.map((member) => [member.peer, member]))
  const former = [...state.ledger.accounts].filter(([peer]) => !standing.has(peer))
  const most = Math.max(1, ...[...state.ledger.accounts.values()].map(({ balance }) => balance))
  return html`
    <section class="panel" aria-labelledby="members-title">
      <h2 id="members-title">
        Members <small title="1, 4, 7, … voters: with 3f + 1 of them, any f may be away or dishonest">${count(standing.size, 'member')}, ${count(state.status.voters, 'voter')}</small>
      </h2>
      <ul class="members">
        ${repeat(
          [...standing.values()],
          ({ peer }) => peer,
          ({ peer, voter, online, asleep }) =>
            memberRow(state, peer, state.ledger.accounts.get(peer), most, choose, [
              ...(peer === state.me ? ['you'] : []),
              ...(voter ? ['votes'] : []),
              ...(online || peer === state.me ? [] : [asleep ? 'asleep' : 'away']),
            ]),
        )}
        ${repeat(
          former,
          ([peer]) => peer,
          ([peer, account]) => memberRow(state, peer, account, most, choose, ['gone']),
        )}
      </ul>
    </section>
  `
}

function memberRow(
  { ledger, me, status }: Live,
  peer: PeerId,
  account: Account | undefined,
  most: number,
  choose: (peer: PeerId) => void,
  tags: readonly string[],
): TemplateResult {
  const persona = personaOf(ledger, peer)
  const away = tags.includes('away') || tags.includes('gone')
  return html`
    <li class="member ${away ? 'away' : ''}" data-peer=${peer} data-balance=${account?.balance ?? ''}>
      ${avatar(persona)}
      <span class="who">
        <span class="name">${persona.name}</span>
        <code class="hash" title=${peer}>${shortId(peer)}</code>
        ${tags.map((tag) => html`<span class="tag ${tag}">${tag}</span>`)}
      </span>
      <span class="held">${account ? coins(account.balance) : html`<span class="hint">no account yet</span>`}</span>
      ${
        peer === me || !account || !mayPay(status)
          ? nothing
          : html`<button class="small" aria-label="Pay ${persona.name}" @click=${() => choose(peer)}>Pay</button>`
      }
      <span class="bar" style="--share: ${(account?.balance ?? 0) / most}; --hue: ${persona.hue}" aria-hidden="true"></span>
    </li>
  `
}

/** Whoever left cannot pay any more. */
function mayPay({ state, role }: Live['status']): boolean {
  return state !== 'left' && state !== 'stopped' && (role === 'member' || role === 'voter')
}

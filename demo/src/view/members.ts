/** Who is in the section, who votes, who is online, and what everybody has. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { Member, PeerId } from 'parsec-web'
import { personaOf, shortId } from '../names.ts'
import { expelledIn } from '../trials.ts'
import { avatar, coins } from './parts.ts'
import type { View } from './view.ts'

type Tag = 'you' | 'votes' | 'asleep' | 'away' | 'gone' | 'expelled'

export function membersPanel(view: View): TemplateResult {
  const { state, t } = view
  const { members, voters } = state.status
  const present = new Set(members.map(({ peer }) => peer))
  const former = [...state.ledger.accounts.keys()].filter((peer) => !present.has(peer))
  const most = Math.max(1, ...[...state.ledger.accounts.values()].map(({ balance }) => balance))
  const expelled = expelledIn(state.trials)
  const rows = [
    ...members.map((member): readonly [PeerId, readonly Tag[]] => [member.peer, tagsOf(member, state.me)]),
    ...former.map((peer): readonly [PeerId, readonly Tag[]] => [peer, [expelled.has(peer) ? 'expelled' : 'gone']]),
  ]
  return html`
    <section class="panel" aria-labelledby="members-title">
      <h2 id="members-title">
        ${t.members.title} <small title=${t.members.sizesTitle}>${t.members.sizes(members.length, voters)}</small>
      </h2>
      <ul class="members">
        ${repeat(
          rows,
          ([peer]) => peer,
          ([peer, tags]) => memberRow(peer, tags, most, view),
        )}
      </ul>
    </section>
  `
}

function tagsOf({ peer, voter, online, asleep }: Member, me: PeerId): Tag[] {
  const tags: Tag[] = []
  if (peer === me) tags.push('you')
  if (voter) tags.push('votes')
  if (!online && peer !== me) tags.push(asleep ? 'asleep' : 'away')
  return tags
}

function memberRow(
  peer: PeerId,
  tags: readonly Tag[],
  most: number,
  { state, actions, t, mayAct }: View,
): TemplateResult {
  const { ledger, me } = state
  const account = ledger.accounts.get(peer)
  const persona = personaOf(ledger, peer)
  const isAway = tags.some((tag) => tag === 'away' || tag === 'gone' || tag === 'expelled')
  return html`
    <li class="member ${isAway ? 'away' : ''}" data-peer=${peer} data-balance=${account?.balance ?? ''}>
      ${avatar(persona)}
      <span class="who">
        <span class="name">${persona.name}</span>
        <code class="hash" title=${peer}>${shortId(peer)}</code>
        ${tags.map((tag) => html`<span class="tag ${tag}">${t.members[tag]}</span>`)}
      </span>
      <span class="held">${account ? coins(account.balance, t) : html`<span class="hint">${t.members.noAccount}</span>`}</span>
      ${
        peer === me || !account || !mayAct || tags.includes('expelled')
          ? nothing
          : html`<button class="small" aria-label=${t.members.chooseLabel(persona.name)} @click=${() => actions.choose(peer)}>${t.members.choose}</button>`
      }
      <span class="bar" style="--share: ${(account?.balance ?? 0) / most}; --hue: ${persona.hue}" aria-hidden="true"></span>
    </li>
  `
}

/** The panel with quorum, members and links. */
import type { Diagnostics, Member } from '../index.ts'
import { element, table } from './dom.ts'
import { count } from './kinds.ts'
import type { Panel, Scene } from './panel.ts'

type Link = Diagnostics['transport']['peers'][number]

/** A section may have thousands of members. */
const ROWS_MAX = 200

export function createMemberPanel(): Panel {
  const root = element('div', { class: 'scroll' })

  function refresh(scene: Scene): void {
    const { section, diagnostics } = scene
    const { status } = section
    const links = new Map(diagnostics.transport.peers.map((link) => [link.peer, link]))
    const members = [...status.members].sort((a, b) => Number(b.voter) - Number(a.voter)).slice(0, ROWS_MAX)
    const guests = diagnostics.transport.peers.filter(({ peer }) => status.members.every((each) => each.peer !== peer))
    root.replaceChildren(
      element('p', {}, quorumWords(scene)),
      element('ul', { class: 'findings' }, ...diagnostics.findings.map(({ text }) => element('li', {}, text))),
      table(
        'Members and links',
        ['Member', 'Role', 'State', 'Path', 'Round trip', 'Sent', 'Received', 'Waiting', 'Clock'],
        [
          ...members.map((member) => memberRow(member, links.get(member.peer), scene)),
          ...guests.slice(0, ROWS_MAX).map((link) => row(scene.nameOf(link.peer), 'guest', link.state, link)),
        ],
      ),
      table(
        'Ways to meet others',
        ['Signaling server', 'State'],
        diagnostics.transport.signaling.map(({ kind, url, connected }) => [
          kind === 'server' ? url : 'tabs of this browser',
          connected ? 'connected' : 'not reached',
        ]),
      ),
    )
  }

  return { root, refresh }
}

function quorumWords({ section }: Scene): string {
  const { reachable, voters, needed, asleep, reason } = section.status
  const sleeping = asleep > 0 ? `, ${asleep} asleep` : ''
  const words = `${reachable} of ${count(voters, 'voter')} reachable${sleeping}, ${needed} needed.`
  return reason === null ? words : `${words} ${reason}`
}

function memberRow(member: Member, link: Link | undefined, { section, nameOf }: Scene): (Node | string)[] {
  const isMe = member.peer === section.me
  const state = member.asleep ? 'asleep' : member.online ? 'here' : 'away'
  return row(`${nameOf(member.peer)}${isMe ? ' (this tab)' : ''}`, member.voter ? 'voter' : 'member', state, link)
}

function row(name: string, role: string, state: string, link: Link | undefined): (Node | string)[] {
  if (!link) return [name, role, state, '', '', '', '', '', '']
  const { path, rttMs, bytesSent, bytesReceived, bufferedBytes, clockOffsetMs } = link
  return [
    ...[name, role, state, path, rttMs === null ? '' : `${rttMs.toFixed(1)} ms`],
    ...[bytes(bytesSent), bytes(bytesReceived), bufferedBytes === 0 ? '' : bytes(bufferedBytes)],
    clockOffsetMs === null ? '' : `${clockOffsetMs >= 0 ? '+' : '−'}${Math.abs(clockOffsetMs).toFixed(0)} ms`,
  ]
}

function bytes(number: number): string {
  if (number < 1_000) return `${number} B`
  return number < 1_000_000 ? `${(number / 1_000).toFixed(1)} kB` : `${(number / 1_000_000).toFixed(1)} MB`
}

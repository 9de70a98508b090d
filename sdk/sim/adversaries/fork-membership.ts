/**
 * Forks inside a membership change: of two events with one self-parent, one is to descend from the block that adds,
 * removes, promotes or demotes somebody, and the other does not know of it; each goes to other peers. The ignorant
 * branch then goes on with a parent from beyond the block. It does so while the election of the change is open, or when
 * it has just been decided.
 * Can: attest truthfully on both branches, and show each to whom it likes until they meet. Cannot: bring about a change
 * of members by itself, or keep correct peers from comparing the branches.
 */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { Observation } from '../../src/core/section/observation.ts'
import { type Adversary, type AdversaryContext, successor } from './adversary.ts'

const forksMax = 2

const changesMembers = ({ kind }: Observation) =>
  kind === 'add' || kind === 'remove' || kind === 'expel' || kind === 'voters'

interface Fork {
  /** The number of the last event that both branches share; -1: none. */
  readonly base: number
  readonly ignorant: GossipEvent[]
  /** When the ignorant branch is to be led past the block. */
  isCrossing: boolean
  isOver: boolean
}

export function forkMembership(context: AdversaryContext): Adversary {
  const { host, engine, random, registry, deltaMs } = context
  const isEarly = random.chance(0.5)
  let forks = 0
  let fork: Fork | null = null
  // As of the last hand-over.
  let seen = { height: 0, events: 0 }
  const sides = new Map<PeerId, boolean>()
  const isKeptIgnorant = (peer: PeerId) => {
    const side = sides.get(peer) ?? random.chance(0.5)
    sides.set(peer, side)
    return side
  }
  const isOwn = (event: GossipEvent) => event.creator === host.identity()
  const label = (what: string) => [new TextEncoder().encode(`${what} ${host.slot} ${forks}`)]

  function showTheIgnorant(events: readonly GossipEvent[]): void {
    for (const peer of host.connectedPeers())
      if (isKeptIgnorant(peer)) host.sendRaw(peer, { kind: 'events', events, more: false })
  }

  /** What an honest core with our key would say to these events, so that it attests truthfully. */
  function answerTo(events: readonly GossipEvent[]): GossipEvent[] {
    const core = context.createCore(host.identity())
    core.step({ kind: 'restore', nowMs: context.nowMs(), events })
    const { drafts } = core.step({ kind: 'submit', nowMs: context.nowMs(), transactions: label('ignorant') })
    return drafts.map((draft) => registry.signDraft(draft))
  }

  function begin(known: readonly GossipEvent[]): void {
    const ignorant = answerTo(known)
    if (ignorant.length === 0) return
    forks++
    fork = { base: known.findLast(isOwn)?.seq ?? -1, ignorant, isCrossing: false, isOver: false }
    showTheIgnorant(ignorant)
  }

  function cross({ ignorant }: Fork, height: number): void {
    const tip = ignorant.at(-1)
    const beyond = host.stored().filter((event) => !isOwn(event) && event.attest.height >= height)
    if (tip === undefined || beyond.length === 0 || !host.isRunning()) return
    const { id, attest } = random.pick(beyond)
    const content = successor(context, tip, { transactions: label('crossing') })
    ignorant.push(registry.sign({ ...content, otherParents: [id], attest }))
    showTheIgnorant(ignorant)
  }

  /** Before anything of the hand-over is sent. */
  function look(): void {
    if (engine.now() > context.activeMs || !host.isRunning()) return
    const { blocks, openBallots } = host.core().ordering
    const change = blocks.slice(seen.height).findLast(({ observations }) => observations.some(changesMembers))
    if ((fork === null || fork.isOver) && forks < forksMax) {
      const isOpen = openBallots().some(({ observation }) => changesMembers(observation))
      if (isEarly && isOpen && !change) begin(host.stored())
      if (!isEarly && change) begin(host.stored().slice(0, seen.events))
    }
    const current = fork
    if (!change || current === null || current.isCrossing) return
    current.isCrossing = true
    engine.after(deltaMs * random.int(0, 12), () => {
      cross(current, change.height)
      current.isOver = true
    })
  }

  /** Of our own events those who are kept ignorant get only what both branches share, and the ignorant one. */
  const isForTheIgnorant = (event: GossipEvent, { base, ignorant }: Fork) =>
    !isOwn(event) || event.seq <= base || ignorant.includes(event)

  return {
    outgoing(sends) {
      const before = fork
      look()
      const current = fork
      // The other branch: our own core goes on by itself, and now at the latest.
      if (current !== null && current !== before)
        engine.after(0, () => host.feed({ kind: 'submit', transactions: label('knowing') }))
      if (current === null) return sends
      return sends.map(({ to, message }) => {
        if (message.kind !== 'events' || !isKeptIgnorant(to)) return { to, message }
        return { to, message: { ...message, events: message.events.filter((one) => isForTheIgnorant(one, current)) } }
      })
    },
    after() {
      seen = { height: host.isRunning() ? host.core().ordering.blocks.length : 0, events: host.stored().length }
    },
  }
}

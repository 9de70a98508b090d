/**
 * Equivocates by signing a sibling of an event of its own, now and then building a branch on it.
 * Can: fork once, often, at its very first event, keep a branch hidden and show it late, show every peer another branch.
 * Cannot: run a second core on the other branch (see twins), or make a branch that attests other blocks truthfully.
 */
import type { GossipEvent } from '../../src/core/gossip/event.ts'
import { type Adversary, type AdversaryContext, ownEvents, repeatedly, sibling, successor } from './adversary.ts'

/** A sibling of `event` and up to `length` events on top of it. */
function branchBeside(context: AdversaryContext, event: GossipEvent, length: number, label: string): GossipEvent[] {
  const branch = [sibling(context, event, label)]
  for (let step = 0; step < length; step++) {
    const last = branch.at(-1)
    if (last !== undefined) branch.push(context.registry.sign(successor(context, last)))
  }
  return branch
}

function showTo(context: AdversaryContext, branch: readonly GossipEvent[], share: number): void {
  for (const peer of context.host.connectedPeers()) {
    if (context.random.chance(share)) context.host.sendRaw(peer, { kind: 'events', events: branch, more: false })
  }
}

const labelOf = (context: AdversaryContext, what: string) =>
  `fork ${context.host.slot} ${what} ${context.random.int(0, 1_000_000)}`

function forkAt(context: AdversaryContext, event: GossipEvent, share: number): void {
  showTo(context, branchBeside(context, event, context.random.int(0, 2), labelOf(context, 'now')), share)
}

export function forkOnce(context: AdversaryContext): Adversary {
  let done = false
  repeatedly(context, 10, () => {
    const last = ownEvents(context).at(-1)
    if (done || last === undefined) return
    done = true
    forkAt(context, last, 0.5)
  })
  return {}
}

export function forkMany(context: AdversaryContext): Adversary {
  repeatedly(context, 5, () => {
    const own = ownEvents(context)
    if (own.length > 0) forkAt(context, context.random.pick(own), 0.5)
  })
  return {}
}

export function forkFirst(context: AdversaryContext): Adversary {
  let done = false
  repeatedly(context, 4, () => {
    const first = ownEvents(context)[0]
    if (done || first === undefined) return
    done = true
    forkAt(context, first, 0.7)
  })
  return {}
}

export function forkHidden(context: AdversaryContext): Adversary {
  repeatedly(context, 8, () => {
    const last = ownEvents(context).at(-1)
    if (last === undefined) return
    const branch = branchBeside(context, last, context.random.int(0, 3), labelOf(context, 'hidden'))
    const lateMs = context.deltaMs * context.random.int(5, 40)
    context.engine.after(lateMs, () => {
      if (context.host.isRunning()) showTo(context, branch, 0.6)
    })
  })
  return {}
}

/**
 * Some own events go to some peers as they are and to the others with a sibling in their place: to one peer only, so
 * that a quorum agrees on a branch that somebody does not hold, or to about half.
 */
export function forkPerPeer(context: AdversaryContext): Adversary {
  const { random, host, engine } = context
  const fromMs = random.float() * context.activeMs * 0.7
  const odd = random.pick([0.2, 0.2, 0.5])
  let forked = 0
  return {
    outgoing(sends) {
      if (engine.now() < fromMs || forked > 2) return sends
      const victim = sends
        .flatMap(({ message }) => (message.kind === 'events' ? message.events : []))
        .findLast((event) => event.creator === host.identity())
      if (victim === undefined || !random.chance(0.4)) return sends
      forked++
      const other = sibling(context, victim, `fork ${host.slot} beside ${victim.seq}`)
      return sends.map(({ to, message }) => {
        if (message.kind !== 'events' || !random.chance(odd)) return { to, message }
        return {
          to,
          message: { ...message, events: message.events.map((event) => (event === victim ? other : event)) },
        }
      })
    },
  }
}

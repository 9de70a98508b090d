/**
 * Runs two honest cores under one key: one speaks with one half of the peers, the other with the other half, as a
 * copied browser profile would. Each branch is well-formed and attests truthfully.
 * Can: keep two consistent stories going for long. Cannot: keep the halves from comparing them.
 */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { Input, Output } from '../../src/core/io.ts'
import type { Parsec } from '../../src/core/options.ts'
import { spelledOut } from '../spelled-out.ts'
import type { Adversary, AdversaryContext } from './adversary.ts'

export function twins(context: AdversaryContext): Adversary {
  const { host, engine, random, registry } = context
  const fromMs = random.float() * context.activeMs * 0.6
  const salt = random.int(0, 1)
  const hears = (peer: PeerId) => Number.parseInt(peer.slice(1, 2), 16) % 2 === salt
  let twin: Parsec | null = null
  let broken = false
  let cancelTimer = () => {}

  function step(input: Input): void {
    if (twin === null) return
    let output: Output
    try {
      output = twin.step(input)
    } catch {
      // A core that meets its own fork may refuse to go on; the twin is silent from then on.
      twin = null
      broken = true
      return
    }
    for (const draft of output.drafts) registry.signDraft(draft)
    for (const { to, message } of output.send)
      if (hears(to)) host.sendRaw(to, spelledOut(message, registry.get, registry.signLinks))
    cancelTimer()
    if (output.nextTimerMs === null) return
    const waitMs = Math.max(1, output.nextTimerMs - context.nowMs())
    cancelTimer = engine.after(waitMs, () => {
      if (host.isRunning()) step({ kind: 'timer', nowMs: context.nowMs() })
    })
  }

  function begin(): void {
    twin = context.createCore(host.identity())
    const known = host.stored()
    const own = known.filter((event) => event.creator === host.identity())
    const cut = random.chance(0.5) ? known.indexOf(own.at(-1) as GossipEvent) : known.length
    step({ kind: 'restore', nowMs: context.nowMs(), events: known.slice(0, Math.max(cut, 0)) })
    for (const peer of host.connectedPeers()) step({ kind: 'peerUp', nowMs: context.nowMs(), peer })
    const text = new TextEncoder().encode(`twin ${host.slot}`)
    step({ kind: 'submit', nowMs: context.nowMs(), transactions: [text] })
  }

  return {
    outgoing: (sends) => (twin === null && !broken ? sends : sends.filter((send) => !hears(send.to))),
    incoming(from, message) {
      if (twin === null && !broken && engine.now() >= fromMs && engine.now() < context.activeMs) begin()
      if (twin === null || !hears(from)) return message
      const known =
        message.kind === 'events' ? { ...message, events: message.events.filter(registry.isGenuine) } : message
      step({ kind: 'message', nowMs: context.nowMs(), from, message: known })
      return null
    },
  }
}

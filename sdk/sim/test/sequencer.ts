/**
 * A stand-in for the core, to test the simulator itself: the first founder orders what it hears of. It tolerates
 * nothing, and keeps every promise in good weather.
 */
import type { EventId, GossipEvent } from '../../src/core/gossip/event.ts'
import type { Input, Output } from '../../src/core/io.ts'
import type { Parsec, ParsecOptions } from '../../src/core/options.ts'
import type { Block } from '../../src/core/section/block.ts'

export function createSequencer({ self, genesis, hashing }: ParsecOptions): Parsec {
  const sectionId = hashing.genesis(genesis)
  const leader = genesis.founders[0]
  const events = new Map<EventId, GossipEvent>()
  const waiting: GossipEvent[] = []
  const peers = new Set<string>()
  const blocks: Block[] = []
  let last: GossipEvent | null = null

  function draft(nowMs: number, otherParents: readonly EventId[], transactions: readonly Uint8Array[]): GossipEvent {
    const content = {
      sectionId,
      creator: self,
      seq: last === null ? 0 : last.seq + 1,
      selfParent: last?.id ?? null,
      otherParents,
      createdAtMs: nowMs,
      attest: { height: 0, blockHash: sectionId },
      body: { transactions, observations: [] },
    }
    return { ...content, id: hashing.event(content) }
  }

  function accept(event: GossipEvent): Block[] {
    events.set(event.id, event)
    if (event.creator === self) last = event
    if (event.creator !== leader) return []
    const ordered = [...event.otherParents.map((id) => events.get(id)), event].filter(
      (one): one is GossipEvent => one !== undefined && one.body.transactions.length > 0,
    )
    return ordered.map(blockOf)
  }

  function blockOf(event: GossipEvent): Block {
    const below = blocks.at(-1)
    const content = {
      sectionId,
      height: blocks.length + 1,
      previous: below?.hash ?? sectionId,
      timeMs: genesis.createdAtMs + blocks.length + 1,
      voters: genesis.founders,
      items: [{ event: event.id, creator: event.creator, transactions: event.body.transactions }],
      observations: [],
    }
    const block = { ...content, hash: hashing.block(content) }
    blocks.push(block)
    return block
  }

  const parentsKnown = (event: GossipEvent) =>
    [...event.otherParents, ...(event.selfParent === null ? [] : [event.selfParent])].every((id) => events.has(id))

  function step(input: Input): Output {
    const drafts: GossipEvent[] = []
    const persist: GossipEvent[] = []
    const made: Block[] = []
    const send: Output['send'][number][] = []
    const take = (event: GossipEvent) => {
      persist.push(event)
      made.push(...accept(event))
    }
    const create = (otherParents: readonly EventId[], transactions: readonly Uint8Array[]) => {
      const event = draft(input.nowMs, otherParents, transactions)
      drafts.push(event)
      take(event)
    }
    if (input.kind === 'restore') for (const event of input.events) made.push(...accept(event))
    if (input.kind === 'peerDown') peers.delete(input.peer)
    if (input.kind === 'peerUp') {
      peers.add(input.peer)
      send.push({ to: input.peer, message: { kind: 'events', events: [...events.keys()], more: false } })
    }
    if (input.kind === 'submit') create([], input.transactions)
    if (input.kind === 'message' && input.message.kind === 'events') {
      waiting.push(...input.message.events)
      for (let found = 0; found >= 0; ) {
        found = waiting.findIndex(parentsKnown)
        const event = found < 0 ? undefined : waiting.splice(found, 1)[0]
        if (event === undefined || events.has(event.id)) continue
        take(event)
        if (self === leader && event.creator !== self && event.body.transactions.length > 0) create([event.id], [])
      }
    }
    if (persist.length > 0)
      for (const to of peers)
        send.push({ to, message: { kind: 'events', events: persist.map(({ id }) => id), more: false } })
    const rest = { certifiedHeight: 0, rejections: [], evidence: [], nextTimerMs: null, alarm: null }
    return { drafts, persist, send, blocks: made, ...rest }
  }

  const parts: Omit<Parsec, 'ordering'> = {
    step,
    block: (height) => blocks[height - 1],
    holds: () => true,
    certificate: () => undefined,
    randomness: () => null,
    status: () => ({
      sectionId,
      height: blocks.length,
      certifiedHeight: 0,
      membership: 'member',
      members: genesis.founders.map((peer) => ({ peer, voter: true, online: true, since: 0 })),
      needed: 1,
      reachable: 1,
      pending: 0,
      waiting: waiting.length,
      coin: { state: 'none', epoch: null, flips: 0 },
    }),
  }
  // There is no graph to look at, and the simulator looks at nothing else.
  const kept = () => ({ elections: 0, contents: 0, recentEvents: 0, transactions: 0 })
  const ordering = { elections: 0, kept, graph: { vertices: [] }, state: { coin: { draws: new Map() } } }
  return { ...parts, ordering } as unknown as Parsec
}

/**
 * Where a tab lives among others: whom it meets, what they tell each other, and who is linked to its section. Which
 * section that is, and every move to another, is in `dwelling.ts`. Joins the engine with the network.
 */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Genesis } from '../core/section/block.ts'
import { StoreError } from '../store/index.ts'
import type { Transport, TransportHandlers } from '../transport/port.ts'
import type { PeerMessage } from '../wire/index.ts'
import { admissionRefusalOf } from './admission.ts'
import { type Claim, claimOf, hasHistory } from './claim.ts'
import { createDoorkeeper } from './doorkeeper.ts'
import { createDoubles } from './doubles.ts'
import { openDwelling } from './dwelling.ts'
import { createEligibility } from './eligibility.ts'
import { IdentityInUseError } from './engine.ts'
import { encounter, GIVE_UP_MS, shouldFound } from './founding.ts'
import { createLinks } from './links.ts'
import type { Residence, ResidenceEvents, ResidenceOptions } from './residing.ts'
import { createServers } from './servers.ts'
import { relationTo } from './succession.ts'
import { createTurnedAway } from './turned-away.ts'

/** Every member may re-form a section once, and more often only out of malice. */
const MAX_SUCCESSORS = 16
/** A section with a history is a peer's word: of made-up ones there is no end. */
const MAX_CONFLICTS = 16
/** How often a tab without a section looks around again. */
const LOOK_AROUND_MS = 250

/** Rejects with `StoreError` where what is stored cannot be read, and with `OtherSectionError`. */
export async function takeResidence(options: ResidenceOptions, events: ResidenceEvents): Promise<Residence> {
  const { identity, hashing, nowMs } = options
  const me = identity.peer
  const claims = new Map<PeerId, Claim>()
  const linked = new Set<PeerId>()
  const connected = new Set<PeerId>()
  const asleep = new Set<PeerId>()
  const servers = createServers(options.isServerless ?? false)
  const conflicts = new Set<Hash>()
  const successors = new Map<Hash, Genesis>()
  let isClosing = false
  let transport: Transport | null = null
  const turnedAway = createTurnedAway()
  const mayVote = createEligibility(options.mayVote, () => dwelling.home?.engine.put({ kind: 'timer' }))
  const doorkeeper = createDoorkeeper({
    admission: options.admission,
    context: () =>
      dwelling.home && {
        sectionId: dwelling.home.id,
        state: dwelling.home.engine.core.ordering.state,
        verifier: options.verifier,
        nowMs: nowMs(),
      },
    admit: (peer, invitation) =>
      dwelling.home?.engine.put({ kind: 'admit', peer, ...(invitation === null ? {} : { invitation }) }),
    refuse: (peer, reason) => links.send(peer, { kind: 'refused', reason }),
    welcome: (peer) => {
      if (linked.has(peer)) dwelling.home?.engine.put({ kind: 'peerUp', peer })
    },
  })

  const dwelling = await openDwelling(options, events, {
    mayVote,
    isClosing: () => isClosing,
    send: (to, message) => {
      if (message.kind !== 'events' || doorkeeper.mayRead(to)) links.send(to, message)
    },
    reported: (output) => {
      if (output.blocks.length > 0) doorkeeper.review()
    },
    gone: () => linked.clear(),
    superseded: () => successors.clear(),
    come: meetAll,
    wake,
    failed: giveUp,
  })

  /** Everybody is told where we are now, and what they said before counts anew. */
  function meetAll(): void {
    for (const peer of connected) {
      tell(peer)
      const claim = claims.get(peer)
      if (claim) meet(peer, claim)
    }
  }

  /** Whoever cannot speak is better gone than silent: the others then go on without. */
  function giveUp(error: unknown): void {
    if (isClosing) return
    isClosing = true
    events.failed(error)
    void transport?.close()
    void dwelling.home?.engine.stop()
  }

  function isLockedOut(): boolean {
    return connected.size === 0 && servers.isUnreadable
  }

  function lookAround(): void {
    if (isClosing || dwelling.isMoving) return
    const refusal = turnedAway.latest
    if (refusal !== null && turnedAway.isFinal(linked, nowMs())) events.turnedAway(refusal)
    const connectedForMs = servers.connectedAtMs === null ? null : nowMs() - servers.connectedAtMs
    if (isLockedOut() && (connectedForMs ?? 0) >= GIVE_UP_MS) events.lockedOut()
    if (dwelling.home || dwelling.wanted !== null) return
    const homeless = [...claims].flatMap(([peer, claim]) => (claim.sectionId === null ? peer : []))
    const found = shouldFound({
      self: me,
      connectedForMs,
      clients: servers.clients,
      homeless,
      silent: connected.size - claims.size,
      unreadable: isLockedOut(),
    })
    if (!found) return
    dwelling.found()
  }

  // Peers

  /** Whoever hears it greets us anew, and with that we learn what we missed. */
  function wake(): void {
    dwelling.home?.engine.put({ kind: 'wake' })
    for (const peer of connected) links.send(peer, { kind: 'presence', asleep: false })
  }

  function tell(peer: PeerId): void {
    links.send(peer, claimOf(dwelling.home, me))
  }

  function meet(peer: PeerId, claim: Claim): void {
    claims.set(peer, claim)
    const { home } = dwelling
    const { sectionId, genesis } = claim
    if (sectionId !== home?.id) unlink(peer)
    if (sectionId === null || genesis === null || dwelling.isMoving) return
    if (hashing.genesis(genesis) !== sectionId) return events.refused('wrongGenesis', peer)
    const relation = home
      ? relationTo({ ...home, core: home.engine.core }, { id: sectionId, genesis }, peer)
      : 'stranger'
    if (relation === 'successor') return onSuccessor(sectionId, genesis)
    // They see from what we say that theirs was re-formed.
    if (relation === 'predecessor') return
    if (dwelling.wanted !== null && sectionId !== dwelling.wanted) return events.refused('wrongSection', peer)
    if (!home) return dwelling.move(sectionId, genesis)
    const outcome = encounter(
      { sectionId: home.id, hasHistory: hasHistory(home, me) },
      { sectionId, hasHistory: claim.hasHistory },
    )
    if (outcome === 'weYield') return dwelling.move(sectionId, genesis)
    if (outcome === 'conflict') return onConflict(peer, sectionId)
    if (outcome === 'same') link(peer)
  }

  function onSuccessor(sectionId: Hash, genesis: Genesis): void {
    if (successors.has(sectionId) || successors.size >= MAX_SUCCESSORS) return
    successors.set(sectionId, genesis)
    events.successor(sectionId)
    events.changed()
  }

  function onConflict(peer: PeerId, sectionId: Hash): void {
    events.refused('wrongSection', peer)
    if (conflicts.has(sectionId) || conflicts.size >= MAX_CONFLICTS) return
    conflicts.add(sectionId)
    events.conflict(sectionId)
  }

  function link(peer: PeerId): void {
    if (!dwelling.home || linked.has(peer) || asleep.has(peer)) return
    linked.add(peer)
    dwelling.home.engine.put({ kind: 'peerUp', peer })
    const { membership } = dwelling.home.engine.core.status()
    if (membership === 'outside' || membership === 'removed') {
      links.send(peer, { kind: 'join', invitation: options.invitation })
    }
  }

  function unlink(peer: PeerId): void {
    if (linked.delete(peer)) dwelling.home?.engine.put({ kind: 'peerDown', peer })
  }

  /** A sleeper is not waited for and nothing is sent to it; awake, it is told all that it missed. */
  function onPresence(peer: PeerId, isAsleep: boolean): void {
    if (isAsleep) asleep.add(peer)
    else asleep.delete(peer)
    unlink(peer)
    const claim = claims.get(peer)
    if (!isAsleep && claim) meet(peer, claim)
    events.changed()
  }

  function onMessage(peer: PeerId, message: PeerMessage, isOver: boolean): void {
    // Last words may be understood only after the peer is gone; all else was about its connection.
    if (isOver && message.kind !== 'events') return
    switch (message.kind) {
      case 'section':
        meet(peer, message)
        return lookAround()
      case 'join':
        if (linked.has(peer)) doorkeeper.onRequest({ peer, invitation: message.invitation })
        return
      case 'refused':
        turnedAway.refusedBy(peer, admissionRefusalOf(message.reason), nowMs())
        events.changed()
        return events.refused(`refusedByPeer: ${message.reason}`, peer)
      case 'presence':
        return onPresence(peer, message.asleep)
      case 'events':
        if (dwelling.home && (linked.has(peer) || isOver))
          dwelling.home.engine.putEvents(peer, message.events, message.more)
        return
      default:
        if (dwelling.home && linked.has(peer)) dwelling.home.engine.put({ kind: 'message', from: peer, message })
    }
  }

  const doubles = createDoubles(
    () => connected.size === 0,
    () => giveUp(new IdentityInUseError(false)),
  )

  /** Nobody is heard, or spoken to, before there is a transport. */
  function reached(): Transport {
    if (!transport) throw new Error('there is no transport yet')
    return transport
  }

  const links = createLinks({
    transport: reached,
    verifier: options.verifier,
    isKnown: ({ event }) => dwelling.home?.engine.knows(event.id) ?? false,
    prepare: hashing.prepare,
    message: onMessage,
    caughtUp: (peer) => {
      if (linked.has(peer)) dwelling.home?.engine.put({ kind: 'peerUp', peer })
    },
  })

  const handlers: TransportHandlers = {
    peerUp(peer) {
      connected.add(peer)
      doubles.peerUp(peer)
      asleep.delete(peer)
      links.peerUp(peer)
      tell(peer)
      events.changed()
    },
    peerDown(peer) {
      connected.delete(peer)
      doubles.peerDown(peer)
      claims.delete(peer)
      turnedAway.forget(peer)
      doorkeeper.peerDown(peer)
      links.peerDown(peer)
      unlink(peer)
      // Only of members does anybody want to know whether they sleep.
      if (!dwelling.home?.engine.core.status().members.some((member) => member.peer === peer)) asleep.delete(peer)
      events.changed()
    },
    frame: (peer, bytes) => links.frame(peer, bytes),
    drained: (peer) => links.drained(peer),
    delay: (peer, roundTripMs) => {
      if (linked.has(peer)) dwelling.home?.engine.put({ kind: 'delay', peer, oneWayMs: roundTripMs / 2 })
    },
    signaling(server) {
      servers.report(server, nowMs())
      lookAround()
      events.changed()
    },
    refused(refusal) {
      events.refused(refusal.code, refusal.peer)
      const { code, by, peer } = refusal
      if (code === 'duplicateIdentity' && by === 'them' && peer !== null) doubles.replaced(peer)
    },
  }

  try {
    await dwelling.comeHome()
  } catch (error) {
    // Nobody takes up an identity with a damaged history again.
    const isDamaged = error instanceof StoreError && error.code === 'damaged'
    if (isDamaged) options.lastWords?.clear()
    await (isDamaged ? dwelling.store.delete() : dwelling.store.close())
    throw error
  }
  // Only now may peers and servers answer: whoever has a section founds none.
  transport = options.connect(handlers)
  if (isClosing) await transport.close()
  const lookout = setInterval(lookAround, LOOK_AROUND_MS)

  return {
    get home() {
      return dwelling.home
    },
    transport,
    get store() {
      return dwelling.store
    },
    get meeting() {
      if (servers.isConnected) return 'signaling'
      return connected.size > 0 ? 'members' : 'none'
    },
    get isLockedOut() {
      return isLockedOut()
    },
    get turnedAway() {
      return turnedAway.latest
    },
    asleep,
    faults: links.faults,
    standDown(how) {
      dwelling.home?.engine.standDown()
      if (how === 'frozen') for (const peer of connected) links.send(peer, { kind: 'presence', asleep: true })
    },
    wake,
    resume: () => void dwelling.resume(),
    successors,
    found: dwelling.successor,
    succeed: dwelling.succeed,
    settleDown: () => clearInterval(lookout),
    async close() {
      isClosing = true
      clearInterval(lookout)
      await dwelling.settled()
      // What is under way still goes out.
      await dwelling.home?.engine.settled().catch(() => {})
      await reached().close()
      await dwelling.home?.engine.stop()
    },
  }
}

/**
 * Where a tab lives: which section it is in, moving into the one it finds or founding one, and who is linked to it
 * there. Joins the engine with the network.
 *
 * One file, though a long one: moving, meeting and closing all read and change which section is home and who is linked
 * to it, and apart each would have to be told of every step of the others. What decides without that state is elsewhere.
 */
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Genesis } from '../core/section/block.ts'
import { StoreError } from '../store/index.ts'
import type { Transport, TransportHandlers } from '../transport/port.ts'
import type { PeerMessage } from '../wire/index.ts'
import { admissionRefusalOf } from './admission.ts'
import { type Claim, claimOf, hasHistory } from './claim.ts'
import { createDoorkeeper } from './doorkeeper.ts'
import { createDoubles } from './doubles.ts'
import { createEligibility } from './eligibility.ts'
import { type Engine, IdentityInUseError, startEngine } from './engine.ts'
import { encounter, GIVE_UP_MS, shouldFound } from './founding.ts'
import { leaveFor, readSection, writeSection } from './homecoming.ts'
import { createLinks } from './links.ts'
import {
  type Home,
  OtherSectionError,
  type Residence,
  type ResidenceEvents,
  type ResidenceOptions,
  type Submission,
} from './residing.ts'
import { notSaidYet } from './resubmission.ts'
import { createServers } from './servers.ts'
import { endOf, relationTo } from './succession.ts'
import { createTurnedAway } from './turned-away.ts'

/** Every member may re-form a section once, and more often only out of malice. */
const MAX_SUCCESSORS = 16
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
  let store = await options.openStore()
  let home: Home | null = null
  let moving: Promise<void> | null = null
  let isClosing = false
  let transport: Transport | null = null
  // The section to live in, or null: in whichever is found.
  let wanted = options.wanted
  const turnedAway = createTurnedAway()
  const mayVote = createEligibility(options.mayVote, () => home?.engine.put({ kind: 'timer' }))
  const doorkeeper = createDoorkeeper({
    admission: options.admission,
    context: () =>
      home && {
        sectionId: home.id,
        state: home.engine.core.ordering.state,
        verifier: options.verifier,
        nowMs: nowMs(),
      },
    admit: (peer, invitation) =>
      home?.engine.put({ kind: 'admit', peer, ...(invitation === null ? {} : { invitation }) }),
    refuse: (peer, reason) => links.send(peer, { kind: 'refused', reason }),
    welcome: (peer) => {
      if (linked.has(peer)) home?.engine.put({ kind: 'peerUp', peer })
    },
  })

  // Which section

  async function settle(id: Hash, genesis: Genesis): Promise<Engine> {
    const engine = await startEngine({
      identity,
      genesis,
      hashing,
      store,
      nowMs,
      mayVote,
      ...(options.forgetAfterMs === undefined ? {} : { forgetAfterMs: options.forgetAfterMs }),
      send: (to, message) => {
        if (message.kind !== 'events' || doorkeeper.mayRead(to)) links.send(to, message)
      },
      report: (output) => {
        events.report(output, engine)
        if (output.blocks.length > 0) doorkeeper.review()
      },
      ...(options.lastWords ? { lastWords: options.lastWords } : {}),
      stalled: wake,
      failed: giveUp,
    })
    home = { id, genesis, engine }
    engine.start()
    return engine
  }

  /** Everybody is told where we are now, and what they said before counts anew. */
  function meetAll(): void {
    for (const peer of connected) {
      tell(peer)
      const claim = claims.get(peer)
      if (claim) meet(peer, claim)
    }
  }

  function submitAll(submissions: readonly Submission[]): void {
    for (const submission of submissions) home?.engine.put({ kind: 'submit', ...submission })
  }

  /** One move at a time. The store is emptied first: what it held belonged to the section that yields. */
  function move(id: Hash, genesis: Genesis): void {
    moving ??= (async () => {
      const before = home
      let carried: readonly Submission[] = []
      if (before) {
        home = null
        linked.clear()
        await before.engine.stop()
        await forgetSection()
        carried = events.yielded()
      }
      await writeSection(store, genesis)
      await settle(id, genesis)
      submitAll(carried)
    })()
      .catch(giveUp)
      .finally(() => {
        moving = null
        meetAll()
      })
  }

  /** Into the section that the store holds, if it holds one. */
  async function comeHome(): Promise<void> {
    const stored = await readSection(store, hashing)
    if (stored === null) {
      if (options.hasPast) throw new StoreError('damaged', 'what this identity said is gone')
      return
    }
    // We moved there from the one that is wanted.
    if (stored.genesis?.previousSection?.sectionId === wanted) wanted = stored.id
    // The same key in another section must not cost this one's history: coming back would be a fork.
    if (wanted !== null && wanted !== stored.id) throw new OtherSectionError(stored.id)
    if (stored.genesis === null) wanted = stored.id
    else await settle(stored.id, stored.genesis)
  }

  /** Whoever cannot speak is better gone than silent: the others then go on without. */
  function giveUp(error: unknown): void {
    if (isClosing) return
    isClosing = true
    events.failed(error)
    void transport?.close()
    void home?.engine.stop()
  }

  async function forgetSection(): Promise<void> {
    await store.delete()
    store = await options.openStore()
  }

  function isLockedOut(): boolean {
    return connected.size === 0 && servers.isUnreadable
  }

  function lookAround(): void {
    if (isClosing || moving) return
    const refusal = turnedAway.latest
    if (refusal !== null && turnedAway.isFinal(linked, nowMs())) events.turnedAway(refusal)
    const connectedForMs = servers.connectedAtMs === null ? null : nowMs() - servers.connectedAtMs
    if (isLockedOut() && (connectedForMs ?? 0) >= GIVE_UP_MS) events.lockedOut()
    if (home || wanted !== null) return
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
    const genesis = ownGenesis(null, options.maxVoters)
    move(hashing.genesis(genesis), genesis)
  }

  function ownGenesis(previousSection: Genesis['previousSection'], maxVoters: number): Genesis {
    const salt = bytesToHex(options.random(32))
    return { founders: [me], createdAtMs: Math.floor(nowMs()), salt, previousSection, maxVoters }
  }

  /** One write decides: before it our key speaks in the one section only, after it in the other only. */
  async function succeed(id: Hash, genesis: Genesis): Promise<void> {
    await moving
    const before = home
    if (!before) return
    const task = (async () => {
      home = null
      linked.clear()
      await before.engine.stop()
      await leaveFor(store, genesis)
      if (wanted !== null) wanted = id
      successors.clear()
      events.moved({ from: before.id, to: id, height: genesis.previousSection?.height ?? 0 })
      await settle(id, genesis)
      submitAll(events.submitted())
    })()
    moving = task.catch(giveUp).finally(() => {
      moving = null
      meetAll()
    })
    await task
  }

  /** In the same section, with all that was submitted and is neither final nor in a stored event. */
  async function resume(): Promise<void> {
    while (moving) await moving
    const before = home
    if (isClosing) return
    moving = (async () => {
      await before?.engine.stop()
      events.resumed()
      if (!before || isClosing) return
      linked.clear()
      const engine = await settle(before.id, before.genesis)
      submitAll(notSaidYet(engine.core.ordering, me, events.submitted()))
    })()
      .catch(giveUp)
      .finally(() => {
        moving = null
        meetAll()
        wake()
      })
  }

  // Peers

  /** Whoever hears it greets us anew, and with that we learn what we missed. */
  function wake(): void {
    home?.engine.put({ kind: 'wake' })
    for (const peer of connected) links.send(peer, { kind: 'presence', asleep: false })
  }

  function tell(peer: PeerId): void {
    links.send(peer, claimOf(home, me))
  }

  function meet(peer: PeerId, claim: Claim): void {
    claims.set(peer, claim)
    const { sectionId, genesis } = claim
    if (sectionId !== home?.id) unlink(peer)
    if (sectionId === null || genesis === null || moving) return
    if (hashing.genesis(genesis) !== sectionId) return events.refused('wrongGenesis', peer)
    const relation = home
      ? relationTo({ ...home, core: home.engine.core }, { id: sectionId, genesis }, peer)
      : 'stranger'
    if (relation === 'successor') return onSuccessor(sectionId, genesis)
    // They see from what we say that theirs was re-formed.
    if (relation === 'predecessor') return
    if (wanted !== null && sectionId !== wanted) return events.refused('wrongSection', peer)
    if (!home) return move(sectionId, genesis)
    const outcome = encounter(
      { sectionId: home.id, hasHistory: hasHistory(home, me) },
      { sectionId, hasHistory: claim.hasHistory },
    )
    if (outcome === 'weYield') return move(sectionId, genesis)
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
    if (!conflicts.has(sectionId)) {
      conflicts.add(sectionId)
      events.conflict(sectionId)
    }
  }

  function link(peer: PeerId): void {
    if (!home || linked.has(peer) || asleep.has(peer)) return
    linked.add(peer)
    home.engine.put({ kind: 'peerUp', peer })
    const { membership } = home.engine.core.status()
    if (membership === 'outside' || membership === 'removed') {
      links.send(peer, { kind: 'join', invitation: options.invitation })
    }
  }

  function unlink(peer: PeerId): void {
    if (linked.delete(peer)) home?.engine.put({ kind: 'peerDown', peer })
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
        if (home && (linked.has(peer) || isOver)) home.engine.putEvents(peer, message.events, message.more)
        return
      default:
        if (home && linked.has(peer)) home.engine.put({ kind: 'message', from: peer, message })
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
    isKnown: ({ event }) => home?.engine.sealed(event.id) !== undefined,
    prepare: hashing.prepare,
    message: onMessage,
    caughtUp: (peer) => {
      if (linked.has(peer)) home?.engine.put({ kind: 'peerUp', peer })
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
      if (!home?.engine.core.status().members.some((member) => member.peer === peer)) asleep.delete(peer)
      events.changed()
    },
    frame: (peer, bytes) => links.frame(peer, bytes),
    drained: (peer) => links.drained(peer),
    delay: (peer, roundTripMs) => {
      if (linked.has(peer)) home?.engine.put({ kind: 'delay', peer, oneWayMs: roundTripMs / 2 })
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
    await comeHome()
  } catch (error) {
    // Nobody takes up an identity with a damaged history again.
    const isDamaged = error instanceof StoreError && error.code === 'damaged'
    if (isDamaged) options.lastWords?.clear()
    await (isDamaged ? store.delete() : store.close())
    throw error
  }
  // Only now may peers and servers answer: whoever has a section founds none.
  transport = options.connect(handlers)
  if (isClosing) await transport.close()
  const lookout = setInterval(lookAround, LOOK_AROUND_MS)

  return {
    get home() {
      return home
    },
    transport,
    get store() {
      return store
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
      home?.engine.standDown()
      if (how === 'frozen') for (const peer of connected) links.send(peer, { kind: 'presence', asleep: true })
    },
    wake,
    resume: () => void resume(),
    successors,
    found() {
      if (!home) throw new Error('there is no section to go on from')
      const genesis = ownGenesis(endOf({ ...home, core: home.engine.core }), home.genesis.maxVoters)
      return { id: hashing.genesis(genesis), genesis }
    },
    succeed,
    settleDown: () => clearInterval(lookout),
    async close() {
      isClosing = true
      clearInterval(lookout)
      await moving
      // What is under way still goes out.
      await home?.engine.settled().catch(() => {})
      await reached().close()
      await home?.engine.stop()
    },
  }
}

/**
 * One tab in one room: which section it is in, who is linked to it, and what its application sees. Joins every part of
 * the SDK; the platform is lent to it.
 */
import { createNanoEvents } from 'nanoevents'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Hashing, Output } from '../core/io.ts'
import type { Malice } from '../core/malice/malice.ts'
import type { Genesis } from '../core/section/block.ts'
import type { Identity, Verifier } from '../crypto/index.ts'
import type { Store } from '../store/index.ts'
import type { Refusal, SignalingState, Transport, TransportHandlers } from '../transport/port.ts'
import { decodeGenesis, encodeGenesis, type PeerMessage } from '../wire/index.ts'
import { toCertificate } from './certificate.ts'
import { deferred } from './deferred.ts'
import { type Engine, startEngine } from './engine.ts'
import { ParsecError } from './errors.ts'
import { encounter, shouldFound } from './founding.ts'
import { createHistory } from './history.ts'
import { toInvitation } from './invitation.ts'
import { createLinks } from './links.ts'
import { joiningStatus, toStatus } from './status.ts'
import type { Certificate, Diagnostics, Receipt, Section, SectionEvents, SectionStatus } from './types.ts'
import { encodeTransaction, NONCE_BYTES } from './value.ts'

export interface SessionOptions {
  readonly identity: Identity
  readonly verifier: Verifier
  readonly hashing: Hashing
  /** Opens the identity's store; called anew after `delete`. */
  readonly openStore: () => Promise<Store>
  readonly storageReason: string | null
  readonly connect: (handlers: TransportHandlers) => Transport
  readonly nowMs: () => number
  readonly random: (length: number) => Uint8Array
  /** Join this section or none. */
  readonly wanted: Hash | null
  readonly maxVoters: number
  readonly admission: (peer: PeerId) => boolean
  /** The identity is not needed any more (`forget`: and must not be used again), or only for now. */
  readonly release: (forget: boolean) => Promise<void>
}

export interface Session {
  readonly section: Section
  /** Resolves once we are a member. */
  readonly joined: Promise<void>
}

const GENESIS = 'genesis'
/** How often a tab without a section looks around again. */
const LOOK_AROUND_MS = 250
/** How long `leave` waits for its own removal to become final. */
const LEAVE_PATIENCE_MS = 5_000

/** Rejects with `StoreError` where what is stored cannot be read. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { identity, hashing, nowMs } = options
  const me = identity.peer
  const events = createNanoEvents<SectionEvents>()
  const history = createHistory(me, nowMs)
  const claims = new Map<PeerId, Extract<PeerMessage, { kind: 'section' }>>()
  const linked = new Set<PeerId>()
  const connected = new Set<PeerId>()
  const servers = new Map<string, SignalingState>()
  const refused: Record<string, number> = {}
  const malice: Malice[] = []
  const conflicts = new Set<Hash>()
  const joining = deferred<void>()
  let store = await options.openStore()
  let connectedAtMs: number | null = null
  let home: { readonly id: Hash; readonly genesis: Genesis; readonly engine: Engine } | null = null
  let moving: Promise<void> | null = null
  let phase: 'joining' | 'live' | 'left' = 'joining'
  let alarm: string | null = null
  let closing: Promise<void> | null = null
  let lastStatus = ''
  let lastMembers = ''
  let statusQueued = false
  let lookout: ReturnType<typeof setInterval> | undefined

  // What the application sees

  function status(): SectionStatus {
    if (!home) return joiningStatus('looking for the section in this room')
    const signalingConnected = [...servers.values()].some((server) => server.connected)
    return toStatus(home.engine.core.status(), { phase: alarm ? 'stopped' : phase, alarm, signalingConnected, me })
  }

  /** Tells of a change of status once per turn of the event loop, however much happened in it. */
  function statusMayHaveChanged(): void {
    if (statusQueued) return
    statusQueued = true
    queueMicrotask(() => {
      statusQueued = false
      const now = status()
      const text = JSON.stringify(now)
      if (text === lastStatus) return
      lastStatus = text
      events.emit('status', now)
      const members = JSON.stringify(now.members)
      if (members === lastMembers) return
      lastMembers = members
      events.emit('members', now.members)
    })
  }

  function count(reason: string, peer: PeerId | null): void {
    refused[reason] = (refused[reason] ?? 0) + 1
    events.emit('rejection', { reason, peer })
  }

  function report(output: Output): void {
    for (const { reason, from } of output.rejections) count(reason, from)
    for (const proof of output.evidence) {
      malice.push(proof)
      events.emit('malice', proof)
    }
    if (output.blocks.length > 0 && home) {
      for (const block of output.blocks) history.append(block, membersAfter(home.engine, block.height))
    }
    if (output.alarm !== null) stop(output.alarm)
    settleMembership()
    statusMayHaveChanged()
  }

  function membersAfter(engine: Engine, height: number): readonly PeerId[] {
    const round = engine.core.ordering.rounds.findLast(({ state }) => state.height === height)
    return [...(round?.state.members.keys() ?? [])]
  }

  function settleMembership(): void {
    const membership = home?.engine.core.status().membership
    if (phase === 'joining' && (membership === 'member' || membership === 'voter')) {
      phase = 'live'
      joining.resolve()
    }
    if (phase === 'live' && membership === 'removed') {
      history.end(new ParsecError('notAMember', 'the section removed this member'))
    }
  }

  function stop(reason: string): void {
    if (alarm !== null) return
    alarm = reason
    history.end(new ParsecError('stopped', reason))
    joining.reject(new ParsecError('stopped', reason))
    events.emit('alarm', reason)
    statusMayHaveChanged()
  }

  // Which section

  async function settle(id: Hash, genesis: Genesis): Promise<void> {
    const early: Output[] = []
    let isHome = false
    const engine = await startEngine({
      identity,
      genesis,
      hashing,
      store,
      nowMs,
      send: (to, message) => links.send(to, message),
      report: (output) => (isHome ? report(output) : void early.push(output)),
      failed: (error) => stop(error instanceof Error ? error.message : String(error)),
    })
    home = { id, genesis, engine }
    isHome = true
    for (const output of early) report(output)
  }

  /** Everybody is told where we are now, and what they said before counts anew. */
  function meetAll(): void {
    for (const peer of connected) {
      tell(peer)
      const claim = claims.get(peer)
      if (claim) meet(peer, claim)
    }
  }

  /** One move at a time. The store is emptied first: what it held belonged to the section that yields. */
  function move(id: Hash, genesis: Genesis): void {
    moving ??= (async () => {
      const before = home
      const carried = history.unfinal()
      if (before) {
        home = null
        linked.clear()
        await before.engine.stop()
        await forgetSection()
        history.restart()
        phase = 'joining'
      }
      await store.writeValue(GENESIS, encodeGenesis(genesis))
      await settle(id, genesis)
      if (before && carried.length > 0) home?.engine.put({ kind: 'submit', transactions: carried })
    })()
      .catch((error: unknown) => stop(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        moving = null
        meetAll()
      })
  }

  async function forgetSection(): Promise<void> {
    await store.delete()
    store = await options.openStore()
  }

  function lookAround(): void {
    if (home || moving || closing || options.wanted !== null) return
    const counts = [...servers.values()].flatMap((server) => (server.connected && server.clients) || [])
    const homeless = [...claims].flatMap(([peer, claim]) => (claim.sectionId === null ? peer : []))
    const found = shouldFound({
      self: me,
      connectedForMs: connectedAtMs === null ? null : nowMs() - connectedAtMs,
      clients: counts.length > 0 ? Math.max(...counts) : null,
      homeless,
      silent: connected.size - claims.size,
    })
    if (!found) return
    const genesis: Genesis = {
      founders: [me],
      createdAtMs: Math.floor(nowMs()),
      salt: [...options.random(32)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
      previousSection: null,
      maxVoters: options.maxVoters,
    }
    move(hashing.genesis(genesis), genesis)
  }

  // Peers

  function tell(peer: PeerId): void {
    const core = home?.engine.core.status()
    links.send(peer, {
      kind: 'section',
      sectionId: home?.id ?? null,
      genesis: home?.genesis ?? null,
      height: core?.height ?? 0,
      voters: core?.members.filter((member) => member.voter).length ?? 0,
      members: core?.members.length ?? 0,
      hasHistory: hasHistory(),
    })
  }

  /** A section yields while it is ours alone and nothing is final in it; one that others let us into never does. */
  function hasHistory(): boolean {
    if (!home) return false
    return home.engine.core.status().height > 0 || home.genesis.founders.length > 1 || home.genesis.founders[0] !== me
  }

  function meet(peer: PeerId, claim: Extract<PeerMessage, { kind: 'section' }>): void {
    claims.set(peer, claim)
    const { sectionId, genesis } = claim
    if (sectionId === null || genesis === null || moving) return
    if (hashing.genesis(genesis) !== sectionId) return count('wrongGenesis', peer)
    if (options.wanted !== null && sectionId !== options.wanted) return count('wrongSection', peer)
    if (!home) return move(sectionId, genesis)
    const outcome = encounter(
      { sectionId: home.id, hasHistory: hasHistory() },
      { sectionId, hasHistory: claim.hasHistory },
    )
    if (outcome === 'weYield') return move(sectionId, genesis)
    if (outcome === 'conflict') return onConflict(peer, sectionId)
    if (outcome === 'same') link(peer)
  }

  function onConflict(peer: PeerId, sectionId: Hash): void {
    count('wrongSection', peer)
    if (!conflicts.has(sectionId)) {
      conflicts.add(sectionId)
      events.emit('conflict', sectionId)
    }
  }

  function link(peer: PeerId): void {
    if (!home || linked.has(peer)) return
    linked.add(peer)
    home.engine.put({ kind: 'peerUp', peer })
    const { membership } = home.engine.core.status()
    if (membership === 'outside' || membership === 'removed') {
      links.send(peer, { kind: 'join', invitation: new Uint8Array() })
    }
  }

  function onMessage(peer: PeerId, message: PeerMessage): void {
    switch (message.kind) {
      case 'section':
        meet(peer, message)
        return lookAround()
      case 'join':
        return onJoin(peer)
      case 'refused':
        return count(`refusedByPeer: ${message.reason}`, peer)
      case 'events':
        if (home && linked.has(peer)) home.engine.putEvents(peer, message.events, message.more)
        return
      default:
        if (home && linked.has(peer)) home.engine.put({ kind: 'message', from: peer, message })
    }
  }

  function onJoin(peer: PeerId): void {
    if (!home || !linked.has(peer)) return
    if (options.verifier.admissible(peer) && options.admission(peer)) home.engine.put({ kind: 'admit', peer })
    else links.send(peer, { kind: 'refused', reason: 'notAdmitted' })
  }

  const links = createLinks({
    transport: () => transport,
    verifier: options.verifier,
    isKnown: ({ event }) => home?.engine.sealed(event.id) !== undefined,
    message: onMessage,
    caughtUp: (peer) => {
      if (linked.has(peer)) home?.engine.put({ kind: 'peerUp', peer })
    },
  })

  const handlers: TransportHandlers = {
    peerUp(peer) {
      connected.add(peer)
      links.peerUp(peer)
      tell(peer)
      statusMayHaveChanged()
    },
    peerDown(peer) {
      connected.delete(peer)
      claims.delete(peer)
      links.peerDown(peer)
      if (linked.delete(peer)) home?.engine.put({ kind: 'peerDown', peer })
      statusMayHaveChanged()
    },
    frame: (peer, bytes) => links.frame(peer, bytes),
    drained: (peer) => links.drained(peer),
    delay: (peer, roundTripMs) => {
      if (linked.has(peer)) home?.engine.put({ kind: 'delay', peer, oneWayMs: roundTripMs / 2 })
    },
    signaling(server) {
      servers.set(server.url, server)
      if (server.connected) connectedAtMs ??= nowMs()
      lookAround()
      statusMayHaveChanged()
    },
    refused: (refusal: Refusal) => count(refusal.code, refusal.peer),
  }

  // The public object

  function submit(value: unknown): Receipt {
    assertOpen()
    const { id, bytes } = encodeTransaction(me, options.random(NONCE_BYTES), value)
    const receipt = history.open(id, bytes)
    home?.engine.put({ kind: 'submit', transactions: [bytes] })
    statusMayHaveChanged()
    return receipt
  }

  function assertOpen(): void {
    if (alarm !== null) throw new ParsecError('stopped', alarm)
    if (closing) throw new ParsecError('closed', 'the section was left or closed')
    if (status().role === 'removed') throw new ParsecError('notAMember', 'the section removed this member')
  }

  async function certificate(height: number): Promise<Certificate> {
    for (;;) {
      const engine = home?.engine
      const found = engine && toCertificate(engine.core, engine.sealed, height)
      if (found) return found
      assertOpen()
      await new Promise<void>((resolve) => {
        const off = events.on('status', () => {
          off()
          resolve()
        })
      })
    }
  }

  function diagnostics(): Diagnostics {
    const core = home?.engine.core
    return {
      transport: transport.diagnostics(),
      refused: { ...refused, ...links.faults },
      malice,
      events: core?.ordering.graph.vertices.length ?? 0,
      waiting: core?.status().waiting ?? 0,
      storage: { persistent: store.persistent, reason: options.storageReason },
      conflicts: [...conflicts],
    }
  }

  async function leave(): Promise<void> {
    if (!closing && home && phase === 'live' && alarm === null) {
      const isAlone = home.engine.core.status().members.length === 1
      home.engine.put({ kind: 'leave' })
      if (!isAlone) await removalOr(LEAVE_PATIENCE_MS)
    }
    await end('left', true)
  }

  /** Until our own removal is final, or for so long. */
  async function removalOr(patienceMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = () => {
        if (status().role !== 'removed') return
        off()
        clearTimeout(timeout)
        resolve()
      }
      const off = events.on('status', check)
      const timeout = setTimeout(() => {
        off()
        resolve()
      }, patienceMs)
    })
  }

  function end(how: 'left' | 'closed', forget: boolean): Promise<void> {
    closing ??= (async () => {
      clearInterval(lookout)
      await moving
      await home?.engine.settled().catch(() => {})
      await transport.close()
      await home?.engine.stop()
      if (how === 'left') phase = 'left'
      const error = new ParsecError('closed', `the section was ${how}`)
      history.end(error)
      joining.reject(error)
      await (forget ? store.delete() : store.close())
      await options.release(forget)
      statusMayHaveChanged()
    })()
    return closing
  }

  const transport = options.connect(handlers)
  const stored = await store.readValue(GENESIS)
  const genesis = stored === null ? null : decodeGenesis(stored)
  if (genesis && 'ok' in genesis) {
    const id = hashing.genesis(genesis.ok)
    if (options.wanted === null || options.wanted === id) await settle(id, genesis.ok)
    else await forgetSection()
    meetAll()
  }
  lookout = setInterval(lookAround, LOOK_AROUND_MS)
  joining.promise.then(
    () => clearInterval(lookout),
    () => clearInterval(lookout),
  )

  const section: Section = {
    me,
    get id() {
      return home?.id ?? ''
    },
    get status() {
      return status()
    },
    on: (name, listener) =>
      name === 'block' ? history.follow(listener as SectionEvents['block']) : events.on(name, listener),
    submit,
    blocks: (from = 1) => history.iterate(from),
    block: (height) => history.blocks[height - 1],
    certificate,
    invitation: () => toInvitation(home?.id ?? ''),
    diagnostics,
    leave,
    close: () => end('closed', false),
  }
  return { section, joined: joining.promise }
}

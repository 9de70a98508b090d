/**
 * A process that hosts a core the way the runtime does: sign the drafts, make `persist` durable, send, report. It can
 * die between any two of these and comes back with what its store holds: the SDK's own store, in memory. A page that is
 * closed or frozen hands over before, within one call: the copy that the runtime keeps then is the store here.
 *
 * One file, though it is long: each step of a process is a place to die, and they share what is lost then.
 */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { GossipMessage, Input, Output } from '../../src/core/io.ts'
import type { Parsec } from '../../src/core/options.ts'
import type { InvitationUse } from '../../src/core/section/observation.ts'
import { STALL_MS } from '../../src/runtime/engine.ts'
import { standDownSteps } from '../../src/runtime/stand-down.ts'
import type { LoadedEvents, Store } from '../../src/store/index.ts'
import type { Engine } from '../engine.ts'
import type { LinkMessage, Network, Presence } from '../network/network.ts'
import type { Registry } from '../registry.ts'
import { type CrashPoint, epochMs } from '../scenario.ts'
import { spelledOut } from '../spelled-out.ts'
import type { Archive } from './archive.ts'
import type { Host, HostReports, Tamper, Unstamped } from './host-port.ts'

export interface HostOptions {
  readonly slot: number
  readonly engine: Engine
  readonly network: Network
  readonly registry: Registry
  readonly reports: HostReports
  readonly clockSkewMs: number
  readonly persistMs: number
  /** By how often the storage was lost. */
  readonly identityOf: (life: number) => PeerId
  readonly createCore: (self: PeerId) => Parsec
  readonly createStore: () => Store
  readonly archive: Archive
  readonly slotOf: (peer: PeerId) => number | undefined
  readonly peerAt: (slot: number) => PeerId
  /** Whether the admission policy takes this peer in. */
  readonly admits: (host: Host, peer: PeerId) => boolean
  readonly invitationOf: (peer: PeerId) => InvitationUse | undefined
  readonly tamper: ((host: Host) => Tamper) | null
}

/** What a step that failed leaves to do. */
const silent: Output = {
  ...{ drafts: [], persist: [], send: [], blocks: [], rejections: [], evidence: [] },
  ...{ certifiedHeight: 0, nextTimerMs: null, alarm: null },
}
/** Timers of a hidden tab fire once a second. */
const throttleMs = 1000
/** A core that asks for a timer at the present moment this often in a row spins. */
const immediateTimersMax = 1000

export function createHost(options: HostOptions): Host {
  const { slot, engine, network, registry, reports, archive } = options
  let life = 0
  let core: Parsec | null = null
  let store = options.createStore()
  let stored: GossipEvent[] = []
  let inbox: Unstamped[] = []
  // Of the inbox, what is handled together: nothing is created before all of it is in.
  let batch = 0
  let busy = false
  /** Since when; null while it runs. */
  let frozenMs: number | null = null
  let isDown = false
  /** What is under way is stored and sent at once: there may be no later. */
  let hasty = false
  let finishWrite = () => {}
  /** The core's clock never goes back behind what it was told while standing down. */
  let clockMs = Number.NEGATIVE_INFINITY
  let throttled = false
  let left = false
  let drawsAsked = new Set<number>()
  let immediateTimers = 0
  let armed: { point: CrashPoint; then: () => void } | null = null
  let cancelTimer = () => {}
  /** Counts starts, so that what a dead process had under way does not happen. */
  let run = 0
  /** With the mean one-way delay of the link. */
  const connected = new Map<PeerId, number>()

  function nowMs(): number {
    clockMs = Math.max(clockMs, epochMs + options.clockSkewMs + Math.floor(engine.now()))
    return clockMs
  }

  function crashesAt(point: CrashPoint): boolean {
    if (armed?.point !== point) return false
    const { then } = armed
    armed = null
    host.stop()
    then()
    return true
  }

  function setTimer(atMs: number | null): void {
    cancelTimer()
    cancelTimer = () => {}
    if (atMs === null) return
    // The core sees whole milliseconds: a fraction earlier would find nothing due.
    let dueMs = Math.ceil(atMs) - epochMs - options.clockSkewMs
    if (throttled) dueMs = Math.ceil(Math.max(dueMs, engine.now() + 1) / throttleMs) * throttleMs
    immediateTimers = dueMs <= engine.now() ? immediateTimers + 1 : 0
    if (immediateTimers > immediateTimersMax) {
      reports.onException(host, { kind: 'timer', nowMs: nowMs() }, new Error('the core asks for a timer now, for ever'))
      return
    }
    cancelTimer = engine.at(dueMs, () => host.feed({ kind: 'timer' }))
  }

  function process(unstamped: Unstamped, more = false): Output | null {
    if (core === null) return null
    const input = { ...unstamped, nowMs: nowMs() } as Input
    let output: Output
    try {
      output = core.step(input, more)
    } catch (error) {
      reports.onException(host, input, error)
      return null
    }
    handOver(input, output, more)
    return output
  }

  function handOver(input: Input, output: Output, more: boolean): void {
    const hasDrafts = output.drafts.length > 0
    if (hasDrafts && crashesAt('afterStep')) return
    for (const draft of output.drafts) reports.onSigned(host, registry.signDraft(draft))
    if (hasDrafts && crashesAt('afterSign')) return
    const finish = () => {
      reports.onPersisted(host, output.persist)
      if (hasDrafts && crashesAt('afterPersist')) return
      sendAndReport(input, output, more)
    }
    if (output.persist.length === 0) {
      finish()
      return
    }
    const events = output.persist.map((event) => registry.get(event.id) ?? event)
    const written = () => {
      stored.push(...events)
      finish()
    }
    if (hasty) {
      engine.settle(store.append(archive.records(events)), () => {})
      written()
      return
    }
    busy = true
    const thisRun = run
    const write = () => {
      if (run !== thisRun) return
      finishWrite = () => {}
      engine.settle(store.append(archive.records(events)), () => {
        if (run !== thisRun) return
        busy = false
        written()
        drain()
      })
    }
    if (options.persistMs === 0) {
      write()
      return
    }
    const cancelWrite = engine.after(options.persistMs, write)
    finishWrite = () => {
      finishWrite = () => {}
      cancelWrite()
      engine.settle(store.append(archive.records(events)), () => {})
      busy = false
      written()
    }
  }

  function sendAndReport(input: Input, output: Output, more: boolean): void {
    const dyingAfter = output.drafts.length > 0 && armed?.point === 'amidSend' ? output.send.length >> 1 : null
    const spelled = output.send.map(({ to, message }) => ({
      to,
      message: spelledOut(message, registry.get, registry.signLinks),
    }))
    const sends = tamper === null ? spelled : tamper.outgoing(spelled)
    for (const [index, { to, message }] of sends.entries()) {
      if (index === dyingAfter) break
      host.sendRaw(to, message)
    }
    if (dyingAfter !== null && crashesAt('amidSend')) return
    if (output.drafts.length > 0 && crashesAt('afterSend')) return
    // The last of the batch says when.
    if (!more) setTimer(output.nextTimerMs)
    reports.onOutput(host, input, output)
    tamper?.after(output)
    if (left && output.blocks.length > 0 && core?.status().membership === 'removed') {
      host.stop()
      return
    }
    if (output.blocks.length > 0) askForDraws()
    if (output.blocks.some((block) => block.observations.length > 0)) for (const peer of connected.keys()) admit(peer)
  }

  /** Asks for the random values that the blocks have sources for, as an application that plays by them would. */
  function askForDraws(): void {
    for (const height of core?.ordering.state.coin.draws.keys() ?? []) {
      if (drawsAsked.has(height)) continue
      drawsAsked.add(height)
      host.feed({ kind: 'draw', height })
    }
  }

  function drain(): void {
    while (inbox.length > 0 && !busy && frozenMs === null && core !== null) {
      if (batch === 0) batch = inbox.length
      batch--
      const next = inbox.shift()
      if (next !== undefined) process(next, batch > 0)
    }
  }

  /** Votes to take in a connected peer that is not a member, as the application's admission policy would. */
  function admit(peer: PeerId): void {
    if (core === null || !connected.has(peer) || !options.admits(host, peer)) return
    const { members, membership } = core.status()
    if (membership !== 'member' && membership !== 'voter') return
    if (members.some((member) => member.peer === peer)) return
    const invitation = options.invitationOf(peer)
    host.feed({ kind: 'admit', peer, ...(invitation === undefined ? {} : { invitation }) })
  }

  function meet(peer: PeerId): void {
    host.feed({ kind: 'peerUp', peer })
    host.feed({ kind: 'delay', peer, oneWayMs: connected.get(peer) ?? 0 })
    admit(peer)
  }

  /** The same as the runtime's: whoever sleeps is away, whoever wakes is greeted anew. */
  function onPresence(peer: PeerId, { asleep }: Presence): void {
    host.feed({ kind: 'peerDown', peer })
    if (!asleep) meet(peer)
  }

  function announce(asleep: boolean): void {
    for (const peer of connected.keys())
      network.send(slot, options.slotOf(peer) as number, { kind: 'presence', asleep })
  }

  /** Within one call, for there may be no other: what is under way, and then our vote for others. */
  function standDown(): void {
    if (core === null) return
    isDown = true
    hasty = true
    finishWrite()
    const waiting = inbox
    inbox = []
    for (const unstamped of waiting) process(unstamped)
    if (core !== null) standDownSteps({ core, nowMs, advance, step: (kind) => process({ kind }) ?? silent })
    hasty = false
  }

  function advance(toMs: number): void {
    clockMs = Math.max(clockMs, toMs)
  }

  function endpoint() {
    return {
      up(peerSlot: number, meanDelayMs: number) {
        const peer = options.peerAt(peerSlot)
        connected.set(peer, meanDelayMs)
        meet(peer)
      },
      down(peerSlot: number) {
        for (const peer of connected.keys()) {
          if (options.slotOf(peer) !== peerSlot) continue
          connected.delete(peer)
          host.feed({ kind: 'peerDown', peer })
        }
      },
      receive(fromSlot: number, message: LinkMessage) {
        const from = options.peerAt(fromSlot)
        if (!connected.has(from)) return
        if (message.kind === 'presence') {
          onPresence(from, message)
          return
        }
        const arrived = tamper === null ? message : tamper.incoming(from, message)
        const genuine = arrived === null ? null : checked(arrived)
        if (genuine !== null) host.feed({ kind: 'message', from, message: genuine })
      },
    }
  }

  /**
   * The edge: an event whose signature does not verify is refused without poisoning the rest of its message. Null:
   * nothing is left of it.
   */
  function checked(message: GossipMessage): GossipMessage | null {
    if (message.kind === 'links' && !registry.isGenuineStatement(message.statement)) {
      reports.onRefused()
      return null
    }
    if (message.kind !== 'events' || message.events.every(registry.isGenuine)) return message
    for (const event of message.events) if (!registry.isGenuine(event)) reports.onRefused()
    return { ...message, events: message.events.filter(registry.isGenuine) }
  }

  function restore({ events, damaged }: LoadedEvents): void {
    if (damaged.length > 0) throw new Error(`host ${slot}: the store lost ${damaged.length} events`)
    stored = archive.events(events)
    if (stored.length > 0) {
      process({ kind: 'restore', events: [...stored] })
      host.feed({ kind: 'wake' })
    }
    if (core !== null) network.attach(slot, endpoint())
  }

  const host: Host = {
    slot,
    identity: () => options.identityOf(life),
    isRunning: () => core !== null,
    core() {
      if (core === null) throw new Error(`host ${slot} is not running`)
      return core
    },
    stored: () => stored,
    hasLeft: () => left,
    start() {
      if (core !== null) return
      const thisRun = ++run
      core = options.createCore(host.identity())
      drawsAsked = new Set()
      reports.onStarted(host)
      engine.settle(store.load(), (loaded) => {
        if (run === thisRun) restore(loaded)
      })
    },
    stop() {
      if (core === null) return
      run++
      core = null
      // What it wanted dies with the process; what it said has been stored.
      left = false
      inbox = []
      batch = 0
      busy = false
      armed = null
      frozenMs = null
      isDown = false
      finishWrite = () => {}
      clockMs = Number.NEGATIVE_INFINITY
      connected.clear()
      cancelTimer()
      reports.onStopped(host)
      network.detach(slot)
    },
    loseStorage() {
      life++
      store = options.createStore()
      stored = []
    },
    feed(input) {
      if (core === null) return
      if (input.kind === 'leave') left = true
      if (busy || frozenMs !== null || inbox.length > 0) inbox.push(input)
      else process(input)
    },
    armCrash(point, then) {
      armed = { point, then }
    },
    disarmCrash() {
      armed = null
    },
    connectedPeers: () => [...connected.keys()],
    sendRaw(to, message) {
      const target = options.slotOf(to)
      if (target === undefined || !connected.has(to)) return
      reports.onSend(host, to, message)
      network.send(slot, target, message)
    },
    rebuild(events) {
      if (core === null) return
      const known = new Set(stored)
      const added = events.filter((event) => !known.has(event))
      engine.settle(store.append(archive.records(added)), () => {})
      stored = [...events]
      core = options.createCore(host.identity())
      process({ kind: 'restore', events })
      for (const peer of connected.keys()) host.feed({ kind: 'peerUp', peer })
    },
    freeze(standsDown) {
      if (core === null || frozenMs !== null) return
      if (standsDown) {
        standDown()
        announce(true)
      }
      if (core !== null) frozenMs = engine.now()
    },
    thaw() {
      if (frozenMs === null) return
      const stalledMs = engine.now() - frozenMs
      frozenMs = null
      // Who is told wakes first; who only finds its timers late has read what came before.
      if (isDown) inbox.unshift({ kind: 'wake' })
      else if (stalledMs > STALL_MS)
        inbox = [...inbox.filter(({ kind }) => kind !== 'timer'), { kind: 'wake' }, { kind: 'timer' }]
      if (isDown || stalledMs > STALL_MS) announce(false)
      isDown = false
      drain()
    },
    close() {
      standDown()
      host.stop()
    },
    setThrottled(value) {
      throttled = value
    },
  }
  const tamper = options.tamper?.(host) ?? null
  return host
}

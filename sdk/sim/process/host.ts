/**
 * A process that hosts a core the way the runtime does: sign the drafts, make `persist` durable, send, report. It can
 * die between any two of these and comes back with what its store holds: the SDK's own store, in memory.
 */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { GossipMessage, Input, Output } from '../../src/core/io.ts'
import type { Parsec } from '../../src/core/options.ts'
import type { LoadedEvents, Store } from '../../src/store/index.ts'
import type { Engine } from '../engine.ts'
import type { Network } from '../network/network.ts'
import type { Registry } from '../registry.ts'
import { type CrashPoint, epochMs } from '../scenario.ts'
import type { Archive } from './archive.ts'

/** An input before it is stamped with the host's clock. */
export type Unstamped = Input extends infer One ? (One extends Input ? Omit<One, 'nowMs'> : never) : never

/** What goes from one host to the network; adversaries rewrite this list. */
export type Sends = Output['send']

/** How an adversary sits between a core and the world; a correct host has none. */
export interface Tamper {
  /** Replaces what would be sent. */
  outgoing(sends: Sends): Sends
  /** Replaces what arrives; null swallows it. */
  incoming(from: PeerId, message: GossipMessage): GossipMessage | null
  /** After a hand-over. */
  after(output: Output): void
}

/** What a host tells the checkers and the metrics. */
export interface HostReports {
  onSigned(host: Host, event: GossipEvent): void
  onPersisted(host: Host, events: readonly GossipEvent[]): void
  onSend(host: Host, to: PeerId, message: GossipMessage): void
  /** After the hand-over is done. */
  onOutput(host: Host, input: Input, output: Output): void
  onStarted(host: Host): void
  onStopped(host: Host): void
  onException(host: Host, input: Input, error: unknown): void
  /** An event that the edge refused: not signed by its creator, or not what was signed. */
  onRefused(host: Host, from: PeerId, event: GossipEvent): void
}

export interface Host {
  readonly slot: number
  identity(): PeerId
  isRunning(): boolean
  /** Only while it runs. */
  core(): Parsec
  /** What this process knows to be in its store. */
  stored(): readonly GossipEvent[]
  hasLeft(): boolean
  start(): void
  stop(): void
  /** Forgets the store; the next start is somebody new. */
  loseStorage(): void
  feed(input: Unstamped): void
  connectedPeers(): readonly PeerId[]
  /** Past the core: for adversaries. */
  sendRaw(to: PeerId, message: GossipMessage): void
  /** Puts another core in the place of the present one and restores it from these events: for adversaries. */
  rebuild(events: readonly GossipEvent[]): void
  /** Dies at the next hand-over that has something to sign. */
  armCrash(point: CrashPoint, then: () => void): void
  disarmCrash(): void
  setFrozen(frozen: boolean): void
  setThrottled(throttled: boolean): void
}

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
  readonly tamper: ((host: Host) => Tamper) | null
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
  let busy = false
  let frozen = false
  let throttled = false
  let left = false
  let drawsAsked = new Set<number>()
  let immediateTimers = 0
  let armed: { point: CrashPoint; then: () => void } | null = null
  let cancelTimer = () => {}
  /** Counts starts, so that what a dead process had under way does not happen. */
  let run = 0
  const connected = new Map<PeerId, number>()

  const nowMs = () => epochMs + options.clockSkewMs + Math.floor(engine.now())

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

  function process(unstamped: Unstamped): void {
    if (core === null) return
    const input = { ...unstamped, nowMs: nowMs() } as Input
    let output: Output
    try {
      output = core.step(input)
    } catch (error) {
      reports.onException(host, input, error)
      return
    }
    handOver(input, output)
  }

  function handOver(input: Input, output: Output): void {
    const hasDrafts = output.drafts.length > 0
    if (hasDrafts && crashesAt('afterStep')) return
    for (const draft of output.drafts) reports.onSigned(host, registry.signDraft(draft))
    if (hasDrafts && crashesAt('afterSign')) return
    const finish = () => {
      reports.onPersisted(host, output.persist)
      if (hasDrafts && crashesAt('afterPersist')) return
      sendAndReport(input, output)
    }
    if (output.persist.length === 0) {
      finish()
      return
    }
    busy = true
    const thisRun = run
    const write = () => {
      if (run !== thisRun) return
      const events = output.persist.map((event) => registry.get(event.id) ?? event)
      engine.settle(store.append(archive.records(events)), () => {
        if (run !== thisRun) return
        stored.push(...events)
        busy = false
        finish()
        drain()
      })
    }
    if (options.persistMs === 0) write()
    else engine.after(options.persistMs, write)
  }

  function sendAndReport(input: Input, output: Output): void {
    const dyingAfter = output.drafts.length > 0 && armed?.point === 'amidSend' ? output.send.length >> 1 : null
    const sends = tamper === null ? output.send : tamper.outgoing(output.send)
    for (const [index, { to, message }] of sends.entries()) {
      if (index === dyingAfter) break
      host.sendRaw(to, message)
    }
    if (dyingAfter !== null && crashesAt('amidSend')) return
    if (output.drafts.length > 0 && crashesAt('afterSend')) return
    setTimer(output.nextTimerMs)
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
    while (inbox.length > 0 && !busy && !frozen && core !== null) {
      const next = inbox.shift()
      if (next !== undefined) process(next)
    }
  }

  /** Votes to take in a connected peer that is not a member, as the application's admission policy would. */
  function admit(peer: PeerId): void {
    if (core === null || !connected.has(peer) || !options.admits(host, peer)) return
    const { members, membership } = core.status()
    if (membership !== 'member' && membership !== 'voter') return
    if (members.some((member) => member.peer === peer)) return
    host.feed({ kind: 'admit', peer })
  }

  function endpoint() {
    return {
      up(peerSlot: number, meanDelayMs: number) {
        const peer = options.peerAt(peerSlot)
        connected.set(peer, peerSlot)
        host.feed({ kind: 'peerUp', peer })
        host.feed({ kind: 'delay', peer, oneWayMs: meanDelayMs })
        admit(peer)
      },
      down(peerSlot: number) {
        for (const [peer, at] of connected) {
          if (at !== peerSlot) continue
          connected.delete(peer)
          host.feed({ kind: 'peerDown', peer })
        }
      },
      receive(fromSlot: number, message: GossipMessage) {
        const from = options.peerAt(fromSlot)
        if (!connected.has(from)) return
        const arrived = tamper === null ? message : tamper.incoming(from, message)
        if (arrived !== null) host.feed({ kind: 'message', from, message: checked(from, arrived) })
      },
    }
  }

  /** The edge: an event whose signature does not verify is refused without poisoning the rest of its message. */
  function checked(from: PeerId, message: GossipMessage): GossipMessage {
    if (message.kind !== 'events' || message.events.every(registry.isGenuine)) return message
    for (const event of message.events) if (!registry.isGenuine(event)) reports.onRefused(host, from, event)
    return { ...message, events: message.events.filter(registry.isGenuine) }
  }

  function restore({ events, damaged }: LoadedEvents): void {
    if (damaged.length > 0) throw new Error(`host ${slot}: the store lost ${damaged.length} events`)
    stored = archive.events(events)
    if (stored.length > 0) process({ kind: 'restore', events: [...stored] })
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
      busy = false
      armed = null
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
      if (busy || frozen || inbox.length > 0) inbox.push(input)
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
    setFrozen(value) {
      frozen = value
      if (!frozen) drain()
    },
    setThrottled(value) {
      throttled = value
    },
  }
  const tamper = options.tamper?.(host) ?? null
  return host
}

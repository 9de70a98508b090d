/**
 * Cores under test: one that is fed a graph in notation, and several joined by a network in memory with a clock of its
 * own. May import the core and the notation.
 */

import { spelledOut } from '../sim/spelled-out.ts'
import type { Attestation, EventContent, EventId, GossipEvent } from '../src/core/gossip/event.ts'
import type { GossipMessage, Input, Output } from '../src/core/io.ts'
import type { Malice } from '../src/core/malice/malice.ts'
import type { Coin, Parsec, ParsecOptions } from '../src/core/options.ts'
import { createParsec } from '../src/core/parsec.ts'
import type { Block, Genesis } from '../src/core/section/block.ts'
import { createOrdering } from '../src/core/section/ordering.ts'
import { coinOf, testCoin, testHashing } from './hashing.ts'
import { type NamedGraph, parseGraph, peerId, peerName, printObservation, testGenesis } from './notation.ts'

export interface Drawn extends NamedGraph {
  event(name: string): GossipEvent
}

/** What events attest that tell the truth, asked for each after its parents. */
export function truthfully(
  genesis: Genesis,
  coin: Coin = testCoin,
  lies: Readonly<Record<string, Attestation>> = {},
): (content: EventContent) => Attestation {
  const ordering = createOrdering({ genesis, hashing: testHashing, coin: coinOf(coin) })
  return (content) => {
    const { vertex } = ordering.insert(content, null)
    const state = ordering.stateOf(ordering.decidedElections(vertex))
    const truth = { height: state.height, blockHash: state.lastBlock }
    const attest = lies[`${peerName(content.creator)}_${content.seq}`] ?? truth
    ordering.seal(vertex, { ...content, attest }, testHashing.event({ ...content, attest }))
    return attest
  }
}

/** Draws a graph whose events attest what they decide, but for the lies, by the event's name without its branch. */
export function drawHonest(text: string, founders: string, lies: Readonly<Record<string, Attestation>> = {}): Drawn {
  const attest = truthfully(testGenesis([...founders]), testCoin, lies)
  const graph = parseGraph(text, { hashing: testHashing, founders: [...founders], attest })
  return { ...graph, event: (name) => find(graph, name) }
}

function find({ events, idOf }: NamedGraph, name: string): GossipEvent {
  const event = events.find(({ id }) => id === idOf.get(name))
  if (!event) throw new Error(`no event ${name}`)
  return event
}

/** The same event with other content, and the id that goes with it. */
export function reshape(event: GossipEvent, changes: Partial<EventContent>): GossipEvent {
  const content = { ...event, ...changes }
  return { ...content, id: testHashing.event(content) }
}

export function createTestCore(self: string, founders: string, options: Partial<ParsecOptions> = {}): Parsec {
  return createParsec({
    self: peerId(self),
    genesis: testGenesis([...founders]),
    hashing: testHashing,
    coin: testCoin,
    voterPolicy: 'fixed',
    ...options,
  })
}

/** Hands a core events as its peer `from` would send them; one message. */
export function deliver(core: Parsec, events: readonly GossipEvent[], from = 'X', nowMs = 0): Output {
  return core.step({ kind: 'message', nowMs, from: peerId(from), message: { kind: 'events', events, more: false } })
}

/** `fork D: D_1,0 D_1,1` */
export const printMalice = ({ kind, accused, evidence }: Malice, names: ReadonlyMap<EventId, string>): string =>
  `${kind} ${peerName(accused)}: ${evidence.map((id) => names.get(id) ?? id).join(' ')}`

/** `add:E voters:+E`, as a block or an event says it. */
export const printObservations = (
  { observations }: Pick<Block, 'observations'>,
  names: ReadonlyMap<EventId, string> = new Map(),
): string => observations.map((observation) => printObservation(observation, names)).join(' ')

/** An input without its time. */
export type Stimulus = Input extends infer Each ? (Each extends Input ? Omit<Each, 'nowMs'> : never) : never

export interface Sent {
  readonly atMs: number
  readonly from: string
  readonly to: string
  readonly message: GossipMessage
}

export interface CoreNetwork {
  readonly nowMs: number
  /** Starts a core; it is connected to nobody. `host` may stand between it and the network. */
  start(name: string, options?: Partial<ParsecOptions>, host?: (core: Parsec) => Parsec): Parsec
  /** Each of these to each other. */
  connect(names: string): void
  disconnect(a: string, b: string): void
  /** Takes a peer off all its links. */
  isolate(name: string): void
  put(name: string, stimulus: Stimulus): void
  /** Lets time pass. */
  run(ms: number): void
  core(name: string): Parsec
  /** Final at this peer, in order. */
  blocks(name: string): readonly Block[]
  /** Everything sent so far. */
  readonly sent: readonly Sent[]
  /** Somebody has created it. */
  event(id: EventId): GossipEvent
  /** Own events so far, by creator's name, in order. */
  created(name: string): readonly GossipEvent[]
  /** What the cores said was wrong: `A refuses D_3: removed`, `A proves fork D`. */
  readonly faults: readonly string[]
}

/** Every message takes `delayMs`; what is under way on a link that goes down is lost. */
export function createCoreNetwork(founders: string, delayMs = 10, options: Partial<ParsecOptions> = {}): CoreNetwork {
  const cores = new Map<string, Parsec>()
  const final = new Map<string, Block[]>()
  const own = new Map<string, GossipEvent[]>()
  const events = new Map<EventId, GossipEvent>()
  const timers = new Map<string, number>()
  const links = new Map<string, object>()
  const sent: Sent[] = []
  const faults: string[] = []
  const agenda: { dueMs: number; run: () => void }[] = []
  let nowMs = 1_000

  const pair = (a: string, b: string) => [a, b].sort().join(' ')
  const core = (name: string) => {
    const found = cores.get(name)
    if (!found) throw new Error(`${name} was not started`)
    return found
  }

  function put(name: string, stimulus: Stimulus): void {
    const output = core(name).step({ ...stimulus, nowMs } as Input)
    final.get(name)?.push(...output.blocks)
    own.get(name)?.push(...output.drafts)
    for (const { from, reason } of output.rejections) faults.push(`${name} refuses ${peerName(from ?? '')}: ${reason}`)
    for (const { kind, accused } of output.evidence) faults.push(`${name} proves ${kind} ${peerName(accused)}`)
    if (output.alarm) faults.push(`${name} stops: ${output.alarm}`)
    for (const event of output.persist) events.set(event.id, event)
    const eventOf = (id: EventId) => events.get(id)
    for (const { to, message } of output.send) transmit(name, peerName(to), spelledOut(message, eventOf))
    if (output.nextTimerMs === null) timers.delete(name)
    else timers.set(name, output.nextTimerMs)
  }

  function transmit(from: string, to: string, message: GossipMessage): void {
    sent.push({ atMs: nowMs, from, to, message })
    const link = links.get(pair(from, to))
    agenda.push({
      dueMs: nowMs + delayMs,
      run: () => {
        if (link && links.get(pair(from, to)) === link) put(to, { kind: 'message', from: peerId(from), message })
      },
    })
  }

  function connect(a: string, b: string): void {
    links.set(pair(a, b), {})
    for (const [x, y] of [[a, b] as const, [b, a] as const]) {
      put(x, { kind: 'peerUp', peer: peerId(y) })
      put(x, { kind: 'delay', peer: peerId(y), oneWayMs: delayMs })
    }
  }

  function disconnect(a: string, b: string): void {
    if (!links.delete(pair(a, b))) return
    put(a, { kind: 'peerDown', peer: peerId(b) })
    put(b, { kind: 'peerDown', peer: peerId(a) })
  }

  function run(ms: number): void {
    const endMs = nowMs + ms
    for (let steps = 0; ; steps++) {
      if (steps > 100_000) throw new Error('the section never comes to rest')
      // The earliest; of equals the one that was scheduled first.
      const message = agenda.reduce<(typeof agenda)[number] | null>((a, b) => (a && a.dueMs <= b.dueMs ? a : b), null)
      const timer = [...timers].reduce<[string, number] | null>((a, b) => (a && a[1] <= b[1] ? a : b), null)
      const dueMs = Math.min(message?.dueMs ?? Number.POSITIVE_INFINITY, timer?.[1] ?? Number.POSITIVE_INFINITY)
      if (dueMs > endMs) break
      nowMs = Math.max(nowMs, dueMs)
      if (message && message.dueMs <= dueMs) {
        agenda.splice(agenda.indexOf(message), 1)
        message.run()
      } else if (timer) {
        timers.delete(timer[0])
        put(timer[0], { kind: 'timer' })
      }
    }
    nowMs = endMs
  }

  return {
    get nowMs() {
      return nowMs
    },
    start(name, more, host = (core) => core) {
      const started = host(createTestCore(name, founders, { ...options, ...more }))
      cores.set(name, started)
      final.set(name, [])
      own.set(name, [])
      return started
    },
    connect(names) {
      for (const [i, a] of [...names].entries()) for (const b of [...names].slice(i + 1)) connect(a, b)
    },
    disconnect,
    isolate(name) {
      for (const other of cores.keys()) disconnect(name, other)
    },
    put,
    run,
    core,
    blocks: (name) => final.get(name) ?? [],
    sent,
    event: (id) => events.get(id) as GossipEvent,
    created: (name) => own.get(name) ?? [],
    faults,
  }
}

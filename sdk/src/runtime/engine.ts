/**
 * Runs one core: feeds it inputs one after another and handles every Output whole, in the order that keeps our
 * promises: sign, make durable, send, report. Joins core, crypto, wire and store; the network is lent to it.
 */
import { hexToBytes } from '@noble/hashes/utils.js'
import type { EventId, GossipEvent, PeerId } from '../core/gossip/event.ts'
import type { Hashing, Input, Output } from '../core/io.ts'
import type { Parsec } from '../core/options.ts'
import { createParsec } from '../core/parsec.ts'
import type { Genesis } from '../core/section/block.ts'
import type { Identity } from '../crypto/index.ts'
import { type Store, StoreError } from '../store/index.ts'
import { decodeSealedEvent, encodeEvent, type PeerMessage, type SealedEvent, sealedBytes } from '../wire/index.ts'

/** An input without its time, which the engine's clock adds. */
export type Stimulus = Input extends infer Each ? (Each extends Input ? Omit<Each, 'nowMs'> : never) : never

export interface EngineOptions {
  readonly identity: Identity
  readonly genesis: Genesis
  readonly hashing: Hashing
  readonly store: Store
  /** Milliseconds since 1970, never going back. */
  readonly nowMs: () => number
  readonly send: (to: PeerId, message: PeerMessage) => void
  /** What the application learns, after it is durable and sent. */
  readonly report: (output: Output) => void
  /** Storage or an unforeseen error stopped the engine for good. */
  readonly failed: (error: unknown) => void
}

export interface Engine {
  readonly core: Parsec
  /** Reports what the store restored; call once, first. */
  start(): void
  /** Handled in the order of the calls. */
  put(stimulus: Stimulus): void
  /** Events whose signatures are verified; they become `events` inputs. */
  putEvents(from: PeerId, events: readonly SealedEvent[], more: boolean): void
  sealed(id: EventId): SealedEvent | undefined
  /** Resolves when everything put so far has been handled. */
  settled(): Promise<void>
  /** Handles what is under way and then nothing more. */
  stop(): Promise<void>
}

/** Starts from what the store holds. Rejects with `StoreError`, `damaged` where it does not hold all it once did. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { identity, genesis, hashing, store, nowMs } = options
  const core = createParsec({ self: identity.peer, genesis, hashing, voterPolicy: 'grow' })
  const sealedEvents = new Map<EventId, SealedEvent>()
  // Seals travel with their events: what is refused on one account may be on its way on another.
  let inbox: { readonly stimulus: Stimulus; readonly seals: readonly SealedEvent[] }[] = []
  let unsaved: GossipEvent[] = []
  let running: Promise<void> | null = null
  let saving: Promise<void> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  async function restore(): Promise<Output> {
    const { events, damaged } = await store.load()
    // Our own last event could be among them, and an event in its place would be a fork.
    if (damaged.length > 0) throw new StoreError('damaged', `${damaged.length} stored events are damaged`)
    const restored: GossipEvent[] = []
    for (const { bytes } of events) {
      const decoded = decodeSealedEvent(bytes)
      if ('error' in decoded) throw new StoreError('damaged', decoded.error.detail)
      sealedEvents.set(decoded.ok.event.id, decoded.ok)
      restored.push(decoded.ok.event)
    }
    return core.step({ kind: 'restore', nowMs: nowMs(), events: restored })
  }

  function put(stimulus: Stimulus, seals: readonly SealedEvent[] = []): void {
    if (isStopped) return
    inbox.push({ stimulus, seals })
    running ??= run().catch(fail)
  }

  function fail(error: unknown): void {
    if (isStopped) return
    isStopped = true
    clearTimeout(timer)
    options.failed(error)
  }

  async function run(): Promise<void> {
    // Inputs that arrive together are handled together: one signature run, one write, then all that has to be sent.
    await Promise.resolve()
    try {
      while (inbox.length > 0 && !isStopped) {
        const batch = inbox
        inbox = []
        const outputs = batch.map(({ stimulus, seals }) => {
          for (const seal of seals) if (!sealedEvents.has(seal.event.id)) sealedEvents.set(seal.event.id, seal)
          return core.step({ ...stimulus, nowMs: nowMs() } as Input)
        })
        await handle(outputs)
      }
    } finally {
      // In the same turn as the look at the inbox, or an input could find a run that has ended.
      running = null
    }
  }

  async function handle(outputs: readonly Output[]): Promise<void> {
    const drafts = outputs.flatMap((output) => output.drafts)
    await Promise.all(drafts.map(sign))
    unsaved.push(...outputs.flatMap((output) => output.persist))
    for (const { event } of outputs.flatMap((output) => output.rejections)) {
      if (!core.holds(event)) sealedEvents.delete(event)
    }
    // Only what we say ourselves, and all that it descends from, has to be on disk before it is sent.
    const saved = save()
    if (drafts.length > 0) await saved
    for (const output of outputs) {
      for (const { to, message } of output.send) options.send(to, withSeals(message))
      options.report(output)
    }
    schedule(outputs.at(-1)?.nextTimerMs ?? null)
  }

  async function sign(event: GossipEvent): Promise<void> {
    const { header, body } = encodeEvent(event)
    const signature = await identity.sign(hexToBytes(event.id))
    sealedEvents.set(event.id, { event, header, body, signature })
  }

  /** One write after another; whatever gathered meanwhile goes into the next. */
  function save(): Promise<void> {
    saving = saving.then(async () => {
      const events = unsaved
      unsaved = []
      if (events.length === 0) return
      await store.append(events.map((event) => ({ id: event.id, bytes: sealedBytes(sealOf(event)) })))
    })
    saving.catch(fail)
    return saving
  }

  function sealOf(event: GossipEvent): SealedEvent {
    const sealed = sealedEvents.get(event.id)
    if (!sealed) throw new Error(`the seal of ${event.id} is lost`)
    return sealed
  }

  function withSeals(message: Output['send'][number]['message']): PeerMessage {
    return message.kind === 'events' ? { ...message, events: message.events.map(sealOf) } : message
  }

  function schedule(atMs: number | null): void {
    clearTimeout(timer)
    if (atMs === null || isStopped) return
    timer = setTimeout(() => put({ kind: 'timer' }), Math.max(0, atMs - nowMs()))
  }

  const restored = await restore()
  return {
    core,
    start: () => {
      options.report(restored)
      // Whatever the restored state leaves to do.
      put({ kind: 'timer' })
    },
    put: (stimulus) => put(stimulus),
    putEvents(from, events, more) {
      const message = { kind: 'events', events: events.map(({ event }) => event), more } as const
      put({ kind: 'message', from, message }, events)
    },
    sealed: (id) => sealedEvents.get(id),
    async settled() {
      while (running) await running
      await saving
    },
    async stop() {
      while (running) await running
      isStopped = true
      clearTimeout(timer)
      await saving.catch(() => {})
    },
  }
}

/**
 * Runs one core: feeds it inputs one after another and handles every Output whole, in the order that keeps our
 * promises: sign, make durable, send, report. Joins core, crypto, wire and store; the network is lent to it.
 *
 * One file, though it is long: every step of that order reads and writes the same few queues, and standing down takes all of
 * them at once.
 */
import { hexToBytes } from '@noble/hashes/utils.js'
import type { EventId, GossipEvent, PeerId } from '../core/gossip/event.ts'
import type { Input, Output } from '../core/io.ts'
import type { Parsec } from '../core/options.ts'
import { createParsec } from '../core/parsec.ts'
import type { Genesis } from '../core/section/block.ts'
import { runInSlices, type Steps } from '../crypto/coin/index.ts'
import type { Identity } from '../crypto/index.ts'
import { ownTipName, type Store, StoreError } from '../store/index.ts'
import { decodeSealedEvent, type PeerMessage, type SealedEvent, sealedBytes, type WireHashing } from '../wire/index.ts'
import { createCoinAhead, inPieces, lend } from './coin-ahead.ts'
import { createDutyCycle } from './duty-cycle.ts'
import { type LastWords, nothingSaid } from './last-words.ts'
import { createOutbox } from './outbox.ts'
import { pause } from './pause.ts'
import { encodeOwnTip, type OwnTip, restoreFrom } from './restoring.ts'
import { createSealedCache } from './sealed-cache.ts'
import { standDownSteps } from './stand-down.ts'
import { createVouching } from './vouching.ts'

/** An input without its time, which the engine's clock adds. */
export type Stimulus = Input extends infer Each ? (Each extends Input ? Omit<Each, 'nowMs'> : never) : never

export interface EngineOptions {
  readonly identity: Identity
  readonly genesis: Genesis
  readonly hashing: WireHashing
  /** Default: every member. */
  readonly mayVote?: (peer: PeerId) => boolean
  /** Default: never. */
  readonly forgetAfterMs?: number
  readonly store: Store
  /** Keeps what is said while the page is being closed; without it nothing is. */
  readonly lastWords?: LastWords
  /** Milliseconds since 1970, never going back. */
  readonly nowMs: () => number
  readonly send: (to: PeerId, message: PeerMessage) => void
  /** What the application learns, after it is durable and sent. */
  readonly report: (output: Output) => void
  /** Our own timers came late: this process stood still. Called before anything else is made of that time. */
  readonly stalled: () => void
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
  /** It was taken in, or waits for its parents: its signature is known to be good. */
  knows(id: EventId): boolean
  /** Events of the graph, in this order, from memory or the store. Rejects with `StoreError`. */
  load(ids: readonly EventId[]): Promise<readonly SealedEvent[]>
  /**
   * Takes in, without a word, what another engine with our identity has stored; each event after its parents. Only while
   * nothing else is put.
   */
  follow(events: readonly SealedEvent[]): void
  /** Computes in slices what following these events would compute at once. */
  foresee(events: readonly SealedEvent[]): Promise<void>
  /** An own event was lost, and nothing is said until a peer brings it back. */
  isRecovering(): boolean
  /**
   * The page may be gone when this returns: says at once what is under way and, if we vote, that others shall instead of
   * us; all of it is kept first, or nothing is sent. `wake` ends it.
   */
  standDown(): void
  /** Resolves when everything put so far has been handled. */
  settled(): Promise<void>
  /** Handles what is under way and then nothing more. */
  stop(): Promise<void>
}

/** A timer that comes this late was not throttled: the process stood still, or is about to be frozen. */
export const STALL_MS = 3_000
/** Bytes of stored events that are kept in memory, for those who lack what was just said. */
const CACHE_BYTES = 8 << 20
/** Events read from the store at once. */
const READ_EVENTS = 64

/**
 * What others say is on their disks already. It is written with what we say next, or after so long: a write of its own
 * would be one that our own event has to wait for.
 */
export const SAVE_AFTER_MS = 100

type Entry =
  | { readonly stimulus: Stimulus; readonly seals: readonly SealedEvent[] }
  /** What was stepped already, and is to be handled in its turn. */
  | { readonly output: Output }

/** Somebody else signs with our key: our storage was copied, or an older state of it put back. */
export class IdentityInUseError extends Error {
  override readonly name = 'IdentityInUseError'
  /** It said what we do not know: whatever we said next would contradict it, now and after any restart. */
  readonly isOutdated: boolean

  constructor(isOutdated: boolean) {
    super(
      isOutdated
        ? 'this identity has said more than is known here: its storage was copied, or is older than that'
        : 'this identity is in use in another place: its storage was copied',
    )
    this.isOutdated = isOutdated
  }
}

function opened(id: EventId, bytes: Uint8Array | null): SealedEvent {
  const decoded = bytes && decodeSealedEvent(bytes)
  if (decoded && 'ok' in decoded && decoded.ok.event.id === id) return decoded.ok
  throw new StoreError('damaged', 'an event that was stored cannot be read any more', { id })
}

/** Starts from what the store holds. Rejects with `StoreError`, `damaged` where what we said cannot be told any more. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { identity, genesis, hashing, store, lastWords } = options
  const coin = identity.createCoin()
  const lent = lend(coin)
  const sectionId = hashing.genesis(genesis)
  const core = createParsec({
    self: identity.peer,
    genesis,
    hashing,
    voterPolicy: 'grow',
    coinCrypto: lent.crypto,
    ...(options.mayVote === undefined ? {} : { mayVote: options.mayVote }),
    ...(options.forgetAfterMs === undefined ? {} : { forgetAfterMs: options.forgetAfterMs }),
  })
  const ahead = createCoinAhead(identity.peer, coin, lent, core.ordering)
  const cache = createSealedCache(CACHE_BYTES)
  const vouching = createVouching(identity)
  const outbox = createOutbox({
    sealed: cache.get,
    vouched: vouching.signed,
    load,
    send: options.send,
    overrun: (peer) => put({ kind: 'peerUp', peer }),
    failed: fail,
  })
  // Seals travel with their events: what is refused on one account may be on its way on another.
  let inbox: Entry[] = []
  // Stepped and not sent yet: what they say has to be durable first.
  const withheld = new Set<Output>()
  // Stepped and not to be written yet: what they say has to be signed first.
  const unsigned = new Set<Output>()
  let unsaved: GossipEvent[] = []
  let ownTip: OwnTip | null = null
  // Being written to the store at this moment.
  let underWay: readonly GossipEvent[] = []
  let copies = 0
  let clockMs = Number.NEGATIVE_INFINITY
  let running: Promise<void> | null = null
  let saving: Promise<void> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined
  let saveTimer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false
  const duty = createDutyCycle({
    nowMs: () => performance.now(),
    sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
  })

  async function restore(): Promise<readonly Output[]> {
    const { events, ownTip: tip } = await restoreFrom(
      store,
      { self: identity.peer, sectionId },
      lastWords?.load(sectionId) ?? nothingSaid,
    )
    lastWords?.clear()
    ownTip = tip
    const outputs: Output[] = []
    const pieces = inPieces(events, ({ event }) => event)
    for (const piece of pieces) {
      await foresee(piece)
      outputs.push(restoreStep(piece, null))
      await settleOwed()
    }
    outputs.push(restoreStep([], tip?.id ?? null))
    return outputs
  }

  /** What was stored already. */
  function restoreStep(events: readonly SealedEvent[], tip: EventId | null): Output {
    for (const sealed of events) cache.hold(sealed)
    for (const { event } of events) cache.release(event.id)
    return core.step({ kind: 'restore', nowMs: nowMs(), events: events.map(({ event }) => event), ownTip: tip })
  }

  /** Computes in slices what these events will make the core ask. */
  async function foresee(events: readonly SealedEvent[]): Promise<void> {
    const foreseen = ahead.before(events.map(({ event }) => event))
    if (foreseen) await inSlices(foreseen)
  }

  /** Computes in slices what the core waits for; false if that is nothing. */
  async function settleOwed(): Promise<boolean> {
    const owed = ahead.owed()
    if (owed) await inSlices(owed)
    return owed !== null
  }

  function knows(id: EventId): boolean {
    return cache.has(id) || core.ordering.graph.find(id) !== undefined
  }

  async function load(ids: readonly EventId[]): Promise<readonly SealedEvent[]> {
    const found = new Map<EventId, SealedEvent>()
    const lacking = ids.filter((id) => {
      const sealed = cache.get(id)
      if (sealed) found.set(id, sealed)
      return !sealed
    })
    for (let at = 0; at < lacking.length; at += READ_EVENTS) {
      const piece = lacking.slice(at, at + READ_EVENTS)
      for (const [i, bytes] of (await store.read(piece)).entries())
        found.set(piece[i] as EventId, opened(piece[i] as EventId, bytes))
    }
    return ids.map((id) => found.get(id) as SealedEvent)
  }

  /** An own event that we lost, and do not speak without. */
  function missing(): OwnTip | null {
    return ownTip !== null && !knows(ownTip.id) ? ownTip : null
  }

  /** Signed with our key, but we neither remember it nor miss it. */
  function isForeign({ event }: SealedEvent): boolean {
    if (event.creator !== identity.peer || event.sectionId !== sectionId || knows(event.id)) return false
    return event.seq > (missing()?.seq ?? -1)
  }

  /** Never goes back, not even behind what the core was told while standing down. */
  function nowMs(): number {
    clockMs = Math.max(clockMs, options.nowMs())
    return clockMs
  }

  function put(stimulus: Stimulus, seals: readonly SealedEvent[] = []): void {
    if (isStopped) return
    if (stimulus.kind === 'peerDown') outbox.drop(stimulus.peer)
    inbox.push({ stimulus, seals })
    running ??= run().catch(fail)
  }

  function fail(error: unknown): void {
    if (isStopped) return
    isStopped = true
    outbox.stop()
    clearTimeout(timer)
    options.failed(error)
  }

  async function run(): Promise<void> {
    // Inputs that arrive together are handled together: one signature run, one write, then all that has to be sent.
    await Promise.resolve()
    try {
      while (inbox.length > 0 && !isStopped) {
        const startedMs = performance.now()
        const outputs: Output[] = []
        let isDue = false
        for (let left = inbox.length; left > 0; left--) {
          const next = inbox[0]
          if (!next) break
          if ('seals' in next && next.seals.length > 0) await foresee(next.seals)
          // Standing down steps what is in the inbox while we pause.
          if (inbox[0] !== next) continue
          inbox.shift()
          outputs.push(step(next, left > 1))
          if (inbox.length > 0 && (await settleOwed())) isDue = true
        }
        await handle(outputs)
        // What others say is not ours to make less of.
        if (outputs.some(({ drafts }) => drafts.length > 0)) duty.worked(performance.now() - startedMs)
        await duty.rest()
        if (!(await settleOwed()) && !isDue) continue
        inbox.push({ stimulus: { kind: 'timer' }, seals: [] })
      }
    } finally {
      // In the same turn as the look at the inbox, or an input could find a run that has ended.
      running = null
    }
  }

  /** `more`: further entries are handled together with this one, and nothing is created before they are in. */
  function step(entry: Entry, more = false): Output {
    if ('output' in entry) return entry.output
    // Of one that is known, nobody has looked at this signature.
    for (const seal of entry.seals) if (!knows(seal.event.id)) cache.hold(seal)
    const output = core.step({ ...entry.stimulus, nowMs: nowMs() } as Input, more)
    withheld.add(output)
    unsigned.add(output)
    return output
  }

  async function handle(outputs: readonly Output[]): Promise<void> {
    const drafts = outputs.flatMap((output) => output.drafts)
    await Promise.all([vouching.sign(outputs), ...drafts.map(sign)])
    outputs.forEach(enqueue)
    for (const { event } of outputs.flatMap((output) => output.rejections)) {
      if (!core.holds(event)) cache.forget(event)
    }
    // Only what we say ourselves, and all that it descends from, has to be on disk before it is sent.
    if (drafts.length > 0) await save()
    else if (unsaved.length > 0) saveTimer ??= setTimeout(save, SAVE_AFTER_MS)
    for (const output of outputs) {
      send(output)
      options.report(output)
    }
    schedule(outputs.at(-1)?.nextTimerMs ?? null)
  }

  function send(output: Output): void {
    if (!withheld.delete(output)) return
    for (const { to, message } of output.send) outbox.put(to, message)
  }

  function enqueue(output: Output): void {
    if (unsigned.delete(output)) unsaved.push(...output.persist)
  }

  async function sign(event: GossipEvent): Promise<void> {
    if (cache.has(event.id)) return
    const [signature] = await Promise.all([identity.sign(hexToBytes(event.id)), hashing.prepare(event)])
    seal(event, signature)
  }

  function seal(event: GossipEvent, signature: Uint8Array): void {
    const { header, body } = hashing.encoded(event)
    cache.hold({ event, header, body, signature })
  }

  /** One write after another; whatever gathered meanwhile goes into the next. */
  function save(): Promise<void> {
    clearTimeout(saveTimer)
    saveTimer = undefined
    saving = saving.then(async () => {
      if (unsaved.length === 0) return
      underWay = unsaved
      unsaved = []
      const own = underWay.findLast(({ creator, seq }) => creator === identity.peer && seq > (ownTip?.seq ?? -1))
      ownTip = own ?? ownTip
      await store.append(
        underWay.map((event) => ({ id: event.id, bytes: sealedBytes(sealOf(event)) })),
        own ? { [ownTipName]: encodeOwnTip(own) } : {},
      )
      for (const { id } of underWay) cache.release(id)
      underWay = []
    })
    saving.catch(fail)
    return saving
  }

  function sealOf(event: GossipEvent): SealedEvent {
    const sealed = cache.get(event.id)
    if (!sealed) throw new Error(`the seal of ${event.id} is lost`)
    return sealed
  }

  /** Ends with a pause, so that what follows does not add to the last slice. */
  async function inSlices(steps: Steps<void>): Promise<void> {
    await runInSlices(steps, { nowMs: () => performance.now(), pause })
    await pause()
  }

  function schedule(atMs: number | null): void {
    clearTimeout(timer)
    if (atMs === null || isStopped) return
    timer = setTimeout(
      () => {
        if (nowMs() - atMs > STALL_MS) options.stalled()
        put({ kind: 'timer' })
      },
      // Rounded down by browsers, and then there would be nothing to do yet.
      Math.max(0, Math.ceil(atMs - nowMs())),
    )
  }

  function standDown(): void {
    const { signNow } = identity
    if (isStopped || !signNow || !lastWords) return
    const outputs = [
      ...inbox.map((entry) => step(entry)),
      ...standDownSteps({
        core,
        nowMs,
        advance: (toMs) => {
          clockMs = Math.max(clockMs, toMs)
        },
        step: (kind) => step({ stimulus: { kind }, seals: [] }),
      }),
    ]
    // What was stepped here is written and reported in its turn, should there be a next one.
    inbox = outputs.map((output) => ({ output }))
    running ??= run().catch(fail)
    const untold = [...withheld]
    if (!untold.some(({ drafts }) => drafts.length > 0)) return
    for (const { drafts } of untold) for (const event of drafts) seal(event, signNow(hexToBytes(event.id)))
    vouching.signNow(untold, signNow)
    for (const output of [...unsigned]) enqueue(output)
    const words = [...underWay, ...unsaved].map((event) => sealedBytes(sealOf(event)))
    if (!lastWords.keep(sectionId, words)) return
    for (const output of untold) {
      if (!withheld.delete(output)) continue
      for (const { to, message } of output.send) outbox.putNow(to, message)
    }
    const copy = ++copies
    // A later copy holds more than is durable then.
    void save().then(
      () => copy === copies && lastWords.clear(),
      () => {},
    )
  }

  const restored = await restore()
  // The first signature prepares tables, which takes too long for a page that is being closed. This one signs nothing.
  if (lastWords) identity.signNow?.(new Uint8Array())
  return {
    core,
    start: () => {
      restored.forEach(options.report)
      // Whatever the restored state leaves to do, once we know what was said meanwhile, perhaps by another holder of our key.
      put({ kind: core.ordering.graph.vertices.length > 0 ? 'wake' : 'timer' })
    },
    put: (stimulus) => put(stimulus),
    putEvents(from, events, more) {
      if (events.some(isForeign)) return fail(new IdentityInUseError(true))
      const pieces = inPieces(events, ({ event }) => event)
      for (const [i, piece] of pieces.entries()) {
        const isLast = i === pieces.length - 1
        const message = { kind: 'events', events: piece.map(({ event }) => event), more: more && isLast } as const
        put({ kind: 'message', from, message }, piece)
      }
    },
    knows,
    load,
    follow(events) {
      restoreStep(
        events.filter(({ event }) => !knows(event.id)),
        null,
      )
    },
    foresee,
    isRecovering: () => missing() !== null,
    standDown,
    async settled() {
      while (running) await running
      await save()
      await outbox.settled()
    },
    async stop() {
      while (running) await running
      isStopped = true
      outbox.stop()
      clearTimeout(timer)
      await save().catch(() => {})
    },
  }
}

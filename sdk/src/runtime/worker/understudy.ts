/**
 * On the page: what speaks for a worker while the page is being closed. Nothing that a worker says then is sent any more,
 * so a sole voter in a worker could not hand over. A core here follows all that the worker stores, says nothing, and in
 * the page's last moment stands down: what it says is kept synchronously, then sent.
 *
 * Invariant: the worker tells what it stored before it tells what to send, so that nothing was sent that is not known here.
 */
import type { PeerId } from '../../core/gossip/event.ts'
import { type IdentityKey, identityFrom } from '../../crypto/index.ts'
import { createMemoryStore } from '../../store/index.ts'
import {
  createHashing,
  decodeGenesis,
  decodeSealedEvent,
  encodeMessage,
  frameMessage,
  type PeerMessage,
  type SealedEvent,
  splitEvents,
} from '../../wire/index.ts'
import { type Engine, startEngine } from '../engine.ts'
import { type LastWords, nothingSaid } from '../last-words.ts'
import { pause } from '../pause.ts'

/** Browsers end a page that takes half a second to be closed: so much of it may go into what was not followed yet. */
const MAX_FOLLOWING_MS = 200

export interface UnderstudyOptions {
  readonly key: IdentityKey
  /** Canonical bytes. */
  readonly genesis: Uint8Array
  readonly words: LastWords
  readonly nowMs: () => number
  /** Whom we are connected to. */
  readonly peers: () => readonly PeerId[]
  readonly send: (peer: PeerId, frame: Uint8Array) => boolean
}

export interface Understudy {
  /** Sealed events, each after its parents, some of them perhaps again. */
  follow(events: readonly Uint8Array[]): void
  /** From now on all that was stored is known here. */
  followed(): void
  /** Hands over our vote before it returns, if it is ready and somebody is there. False: it is not ready. */
  speak(): boolean
}

export function createUnderstudy(options: UnderstudyOptions): Understudy {
  const { key, peers, nowMs } = options
  const hashing = createHashing()
  const identity = identityFrom(key)
  const genesis = decodeGenesis(options.genesis)
  const sectionId = 'error' in genesis ? null : hashing.genesis(genesis.ok)
  const queue: (readonly SealedEvent[])[] = []
  let engine: Engine | null = null
  let isWorking = false
  let isComplete = false
  let isLost = 'error' in genesis

  async function start(): Promise<void> {
    if ('error' in genesis) return
    engine = await startEngine({
      identity,
      genesis: genesis.ok,
      hashing,
      store: createMemoryStore(),
      lastWords: onlyKept(options.words),
      nowMs,
      send,
      report: () => {},
      stalled: () => {},
      failed: lose,
    })
    await work()
  }

  function lose(): void {
    isLost = true
    queue.length = 0
  }

  /** A little at a time: the page has other things to do. */
  async function work(): Promise<void> {
    if (isWorking || !engine) return
    isWorking = true
    for (;;) {
      const next = queue[0]
      if (!next || isLost) break
      await engine.foresee(next)
      await pause()
      if (queue[0] !== next) continue
      queue.shift()
      engine.follow(next)
    }
    isWorking = false
  }

  function follow(events: readonly Uint8Array[]): void {
    if (isLost) return
    const sealed: SealedEvent[] = []
    for (const bytes of events) {
      const decoded = decodeSealedEvent(bytes)
      // Of a section that was re-formed it does not speak.
      if ('error' in decoded || decoded.ok.event.sectionId !== sectionId) return lose()
      sealed.push(decoded.ok)
    }
    queue.push(sealed)
    work().catch(lose)
  }

  function send(to: PeerId, message: PeerMessage): void {
    if (message.kind !== 'events') return
    for (const events of splitEvents(message.events)) {
      for (const frame of frameMessage(encodeMessage({ ...message, events }))) options.send(to, frame)
    }
  }

  function speak(): boolean {
    if (!engine || isLost || !isComplete) return false
    const endMs = performance.now() + MAX_FOLLOWING_MS
    for (const events of queue.splice(0)) {
      if (performance.now() > endMs) return false
      engine.follow(events)
    }
    const { waiting, membership, members } = engine.core.status()
    if (waiting > 0 || membership !== 'voter') return false
    const known = new Set(members.map(({ peer }) => peer))
    for (const peer of peers()) if (known.has(peer)) engine.put({ kind: 'peerUp', peer })
    engine.standDown()
    return true
  }

  start().catch(lose)
  return {
    follow,
    followed: () => {
      isComplete = true
    },
    speak,
  }
}

/** What was kept before is the worker's to take in; and here nothing is ever durable. */
function onlyKept(words: LastWords): LastWords {
  return { ...words, load: () => nothingSaid, clear: () => {} }
}

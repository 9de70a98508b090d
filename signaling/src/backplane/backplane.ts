/**
 * Topics shared between instances: publishes and subscriber counts over a `Broker`. Imports the port only.
 *
 * The broker stores nothing. Every instance says how many subscribers a topic has with it, on the topic's own channel,
 * whenever that changes; an instance that is new to a topic asks and is answered. A broker that lost its memory, or was
 * away, is healed by asking again. An instance that is not heard of for `deadAfterMs` counts as gone.
 *
 * Messages: a letter, the sender's id, a rest.
 *   topic channels     `p` + frame: relay it · `c` + count: subscribers here · `a` + count: the same, and how many have you?
 *   instance channel   `b`: alive · `g`: gone · `r` + id: that instance was taken for gone and shall ask everywhere again
 */
import { randomBytes } from 'node:crypto'
import type { Broker, BrokerEvents, ConnectBroker } from './broker.ts'

const idLength = 16
const topicChannel = 'parsec-web:topic:'
const instanceChannel = 'parsec-web:instances'
const silentMax = 1_000

export interface BackplaneTiming {
  readonly beatMs: number
  /** Without a beat for this long an instance is gone, and a broker that does not return the own beat is useless. */
  readonly deadAfterMs: number
  /** How long the first subscriber of a topic waits for the other instances' counts. */
  readonly settleMs: number
  /** How long after an outage the peers of other instances are introduced again. */
  readonly healMs: number
}

export const defaultBackplaneTiming: BackplaneTiming = {
  beatMs: 1_000,
  deadAfterMs: 5_000,
  settleMs: 250,
  healMs: 30_000,
}

export interface BackplaneHost {
  /** A publish from another instance, for this instance's subscribers. */
  deliver(topic: string, frame: Buffer): void
  /** What this instance's subscribers of the topic published first: with that they introduced themselves. */
  introductions(topic: string): Iterable<Buffer>
  stateChanged(isUp: boolean, reason: string): void
}

export interface Backplane {
  /** Subscribers of the topic on this instance; 0 ends the interest in it. */
  setCount(topic: string, count: number): void
  /** Subscribers on the other instances, as far as known. Known only of topics with subscribers here. */
  remoteCount(topic: string): number
  /** Calls back, at once if it can, when the other instances had their chance to say their counts. */
  whenSettled(topic: string, callback: () => void): void
  /** To the other instances; lost while the broker is away. */
  publish(topic: string, frame: Buffer): void
  readonly isUp: boolean
  /** Other instances that are alive. */
  readonly instances: number
  readonly counters: { published: number; received: number; lost: number }
  close(): Promise<void>
}

interface SharedTopic {
  count: number
  /** Counts of the other instances. */
  readonly remote: Map<string, number>
  /** Null when settled. */
  waiting: (() => void)[] | null
  /** Answers still missing; unknown until the broker says how many got the question. */
  missing: number | null
  /** Differs from null while asking: an older question's answer must not settle a newer one. */
  settleTimer: NodeJS.Timeout | null
}

interface State {
  readonly id: string
  readonly host: BackplaneHost
  readonly timing: BackplaneTiming
  readonly topics: Map<string, SharedTopic>
  /** Other instances, and when they were last heard of. */
  readonly heardMs: Map<string, number>
  /** Instances that fell silent; should one speak again, its counts are missing here. */
  readonly silent: Set<string>
  /** Topics whose own count the others do not know yet. */
  readonly changed: Set<string>
  readonly counters: { published: number; received: number; lost: number }
  isUp: boolean
  wasUp: boolean
  healUntilMs: number
  ownBeatMs: number
  /** Set before any event comes. */
  broker: Broker
}

export const openBackplane = (
  connect: ConnectBroker,
  host: BackplaneHost,
  timing: BackplaneTiming = defaultBackplaneTiming,
): Backplane => {
  const unconnected: Omit<State, 'broker'> = {
    id: randomBytes(idLength / 2).toString('hex'),
    host,
    timing,
    topics: new Map(),
    heardMs: new Map(),
    silent: new Set(),
    changed: new Set(),
    counters: { published: 0, received: 0, lost: 0 },
    isUp: false,
    wasUp: false,
    healUntilMs: 0,
    ownBeatMs: 0,
  }
  const events: BrokerEvents = {
    up: () => comeUp(state),
    down: (reason) => goDown(state, reason),
    message: (channel, message) => hear(state, channel, message),
  }
  const state: State = Object.assign(unconnected, { broker: connect(events) })
  const beatTimer = setInterval(() => beat(state), timing.beatMs)
  return {
    setCount: (name, count) => setCount(state, name, count),
    remoteCount(name) {
      let count = 0
      for (const remote of state.topics.get(name)?.remote.values() ?? []) count += remote
      return count
    },
    whenSettled(name, callback) {
      const waiting = state.topics.get(name)?.waiting
      if (waiting) waiting.push(callback)
      else callback()
    },
    publish(name, frame) {
      if (state.isUp) void say(state, topicChannel + name, 'p', frame)
      else state.counters.lost++
    },
    get isUp() {
      return state.isUp
    },
    get instances() {
      return state.heardMs.size
    },
    counters: state.counters,
    async close() {
      clearInterval(beatTimer)
      if (state.isUp) await say(state, instanceChannel, 'g')
      state.isUp = false
      for (const topic of state.topics.values()) settle(topic)
      state.topics.clear()
      await state.broker.close()
    },
  }
}

const say = (state: State, channel: string, letter: string, rest: string | Buffer = ''): Promise<number> => {
  const message = Buffer.concat([Buffer.from(letter + state.id), typeof rest === 'string' ? Buffer.from(rest) : rest])
  state.counters.published++
  return state.broker.publish(channel, message).catch(() => {
    state.counters.lost++
    return 0
  })
}

const settle = (topic: SharedTopic): void => {
  if (topic.settleTimer) clearTimeout(topic.settleTimer)
  topic.settleTimer = null
  const waiting = topic.waiting ?? []
  topic.waiting = null
  for (const callback of waiting) callback()
}

const ask = async (state: State, name: string, topic: SharedTopic): Promise<void> => {
  topic.waiting ??= []
  topic.missing = null
  if (topic.settleTimer) clearTimeout(topic.settleTimer)
  const timer = setTimeout(() => settle(topic), state.timing.settleMs)
  topic.settleTimer = timer
  try {
    await state.broker.subscribe(topicChannel + name)
  } catch {
    // The connection broke; asking starts over when it is back.
    return
  }
  if (!state.isUp || state.topics.get(name) !== topic) return
  const receivers = await say(state, topicChannel + name, 'a', String(topic.count))
  if (topic.settleTimer !== timer || receivers < 0) return
  topic.missing = Math.max(0, receivers - 1)
  if (topic.remote.size >= topic.missing) settle(topic)
}

const setCount = (state: State, name: string, count: number): void => {
  const topic = state.topics.get(name)
  if (count === 0) {
    if (!topic) return
    settle(topic)
    state.topics.delete(name)
    state.changed.delete(name)
    if (!state.isUp) return
    void say(state, topicChannel + name, 'c', '0')
    state.broker.unsubscribe(topicChannel + name)
  } else if (!topic) {
    const created: SharedTopic = { count, remote: new Map(), waiting: null, missing: null, settleTimer: null }
    state.topics.set(name, created)
    if (state.isUp) void ask(state, name, created)
  } else {
    topic.count = count
    // One message for all that changes within one turn of the event loop.
    if (state.changed.size === 0) setImmediate(() => sayChangedCounts(state))
    state.changed.add(name)
  }
}

const sayChangedCounts = (state: State): void => {
  if (state.isUp) {
    for (const name of state.changed) {
      const topic = state.topics.get(name)
      if (topic) void say(state, topicChannel + name, 'c', String(topic.count))
    }
  }
  state.changed.clear()
}

const beat = (state: State): void => {
  if (!state.isUp) return
  const nowMs = performance.now()
  dropSilent(state, nowMs)
  if (nowMs - state.ownBeatMs > state.timing.deadAfterMs) state.broker.restart('returned no message for too long')
  else void say(state, instanceChannel, 'b')
}

const dropSilent = (state: State, nowMs: number): void => {
  for (const [instance, ms] of state.heardMs) {
    if (nowMs - ms <= state.timing.deadAfterMs) continue
    forget(state, instance)
    state.silent.add(instance)
    const [oldest] = state.silent
    if (state.silent.size > silentMax && oldest) state.silent.delete(oldest)
  }
}

const forget = (state: State, instance: string): void => {
  state.heardMs.delete(instance)
  for (const topic of state.topics.values()) topic.remote.delete(instance)
}

const comeUp = (state: State): void => {
  const nowMs = performance.now()
  state.isUp = true
  state.ownBeatMs = nowMs
  if (state.wasUp) state.healUntilMs = nowMs + state.timing.healMs
  state.wasUp = true
  state.host.stateChanged(true, '')
  state.broker.subscribe(instanceChannel).then(
    () => void say(state, instanceChannel, 'b'),
    // Such as a Redis before version 7.
    (error: Error) => state.broker.restart(error.message),
  )
  for (const [name, topic] of state.topics) void ask(state, name, topic)
}

const goDown = (state: State, reason: string): void => {
  state.isUp = false
  state.heardMs.clear()
  state.changed.clear()
  for (const topic of state.topics.values()) {
    topic.remote.clear()
    settle(topic)
  }
  state.host.stateChanged(false, reason)
}

const hear = (state: State, channel: string, message: Buffer): void => {
  const letter = String.fromCharCode(message[0] ?? 0)
  const from = message.toString('latin1', 1, 1 + idLength)
  if (from.length !== idLength) return
  const rest = message.subarray(1 + idLength)
  const nowMs = performance.now()
  if (from === state.id) {
    if (channel === instanceChannel) state.ownBeatMs = nowMs
    return
  }
  state.counters.received++
  state.heardMs.set(from, nowMs)
  if (state.silent.delete(from)) void say(state, instanceChannel, 'r', from)
  if (channel === instanceChannel) hearInstance(state, letter, from, rest.toString())
  else hearTopic(state, channel.slice(topicChannel.length), letter, from, rest)
}

const hearInstance = (state: State, letter: string, from: string, rest: string): void => {
  if (letter === 'g') forget(state, from)
  if (letter === 'r' && rest === state.id) for (const [name, topic] of state.topics) void ask(state, name, topic)
}

const hearTopic = (state: State, name: string, letter: string, from: string, rest: Buffer): void => {
  const topic = state.topics.get(name)
  if (!topic) return
  if (letter === 'p') state.host.deliver(name, rest)
  if (letter === 'a' || letter === 'c') hearCount(state, name, topic, from, rest.toString())
  if (letter === 'a') void say(state, topicChannel + name, 'c', String(topic.count))
}

const hearCount = (state: State, name: string, topic: SharedTopic, from: string, rest: string): void => {
  if (!/^\d{1,9}$/.test(rest)) return
  const count = Number(rest)
  const isNew = !topic.remote.has(from)
  if (count === 0) topic.remote.delete(from)
  else topic.remote.set(from, count)
  // Both sides' introductions were lost in the outage: one side saying them again is enough to meet.
  if (isNew && count > 0 && performance.now() < state.healUntilMs) {
    for (const frame of state.host.introductions(name)) void say(state, topicChannel + name, 'p', frame)
  }
  if (topic.settleTimer && topic.missing !== null && topic.remote.size >= topic.missing) settle(topic)
}

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
import type { BrokerEvents, ConnectBroker } from './broker.ts'

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

export const openBackplane = (
  connect: ConnectBroker,
  host: BackplaneHost,
  timing: BackplaneTiming = defaultBackplaneTiming,
): Backplane => {
  const id = randomBytes(idLength / 2).toString('hex')
  const topics = new Map<string, SharedTopic>()
  const heardMs = new Map<string, number>()
  /** Instances that fell silent; should one speak again, its counts are missing here. */
  const silent = new Set<string>()
  const changed = new Set<string>()
  const counters = { published: 0, received: 0, lost: 0 }
  let isUp = false
  let wasUp = false
  let healUntilMs = 0
  let ownBeatMs = 0

  const say = (channel: string, letter: string, rest: string | Buffer = ''): Promise<number> => {
    const head = Buffer.from(letter + id)
    const message = Buffer.concat([head, typeof rest === 'string' ? Buffer.from(rest) : rest])
    counters.published++
    return broker.publish(channel, message).catch(() => {
      counters.lost++
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

  const ask = async (name: string, topic: SharedTopic): Promise<void> => {
    topic.waiting ??= []
    topic.missing = null
    if (topic.settleTimer) clearTimeout(topic.settleTimer)
    const timer = setTimeout(() => settle(topic), timing.settleMs)
    topic.settleTimer = timer
    try {
      await broker.subscribe(topicChannel + name)
    } catch {
      // The connection broke; asking starts over when it is back.
      return
    }
    if (!isUp || topics.get(name) !== topic) return
    const receivers = await say(topicChannel + name, 'a', String(topic.count))
    if (topic.settleTimer !== timer || receivers < 0) return
    topic.missing = Math.max(0, receivers - 1)
    if (topic.remote.size >= topic.missing) settle(topic)
  }

  const sayChangedCounts = (): void => {
    if (isUp) for (const name of changed) void say(topicChannel + name, 'c', String(topics.get(name)?.count ?? 0))
    changed.clear()
  }

  const forget = (instance: string): void => {
    heardMs.delete(instance)
    for (const topic of topics.values()) topic.remote.delete(instance)
  }

  const hearCount = (name: string, topic: SharedTopic, from: string, rest: string): void => {
    if (!/^\d{1,9}$/.test(rest)) return
    const count = Number(rest)
    const isNew = !topic.remote.has(from)
    if (count === 0) topic.remote.delete(from)
    else topic.remote.set(from, count)
    // Both sides' introductions were lost in the outage: one side saying them again is enough to meet.
    if (isNew && count > 0 && performance.now() < healUntilMs) {
      for (const frame of host.introductions(name)) void say(topicChannel + name, 'p', frame)
    }
    if (topic.settleTimer && topic.missing !== null && topic.remote.size >= topic.missing) settle(topic)
  }

  const dropSilent = (nowMs: number): void => {
    for (const [instance, ms] of heardMs) {
      if (nowMs - ms <= timing.deadAfterMs) continue
      forget(instance)
      silent.add(instance)
      const [oldest] = silent
      if (silent.size > silentMax && oldest) silent.delete(oldest)
    }
  }

  const hearInstance = (letter: string, from: string, rest: string): void => {
    if (letter === 'g') forget(from)
    if (letter === 'r' && rest === id) for (const [name, topic] of topics) void ask(name, topic)
  }

  const events: BrokerEvents = {
    up() {
      isUp = true
      const nowMs = performance.now()
      ownBeatMs = nowMs
      if (wasUp) healUntilMs = nowMs + timing.healMs
      wasUp = true
      host.stateChanged(true, '')
      broker.subscribe(instanceChannel).then(
        () => void say(instanceChannel, 'b'),
        // Such as a Redis before version 7.
        (error: Error) => broker.restart(error.message),
      )
      for (const [name, topic] of topics) void ask(name, topic)
    },
    down(reason) {
      isUp = false
      heardMs.clear()
      changed.clear()
      for (const topic of topics.values()) {
        topic.remote.clear()
        settle(topic)
      }
      host.stateChanged(false, reason)
    },
    message(channel, message) {
      const letter = String.fromCharCode(message[0] ?? 0)
      const from = message.toString('latin1', 1, 1 + idLength)
      if (from.length !== idLength) return
      const rest = message.subarray(1 + idLength)
      if (from === id) {
        if (channel === instanceChannel) ownBeatMs = performance.now()
        return
      }
      counters.received++
      heardMs.set(from, performance.now())
      if (silent.delete(from)) void say(instanceChannel, 'r', from)
      if (channel === instanceChannel) return hearInstance(letter, from, rest.toString())
      const name = channel.slice(topicChannel.length)
      const topic = topics.get(name)
      if (!topic) return
      if (letter === 'p') return host.deliver(name, rest)
      if (letter !== 'a' && letter !== 'c') return
      hearCount(name, topic, from, rest.toString())
      if (letter === 'a') void say(channel, 'c', String(topic.count))
    },
  }
  const broker = connect(events)

  const beatTimer = setInterval(() => {
    if (!isUp) return
    const nowMs = performance.now()
    dropSilent(nowMs)
    if (nowMs - ownBeatMs > timing.deadAfterMs) broker.restart('returned no message for too long')
    else void say(instanceChannel, 'b')
  }, timing.beatMs)

  return {
    setCount(name, count) {
      const topic = topics.get(name)
      if (count === 0) {
        if (!topic) return
        settle(topic)
        topics.delete(name)
        changed.delete(name)
        if (!isUp) return
        void say(topicChannel + name, 'c', '0')
        broker.unsubscribe(topicChannel + name)
      } else if (!topic) {
        const created: SharedTopic = { count, remote: new Map(), waiting: null, missing: null, settleTimer: null }
        topics.set(name, created)
        if (isUp) void ask(name, created)
      } else {
        topic.count = count
        // One message for all that changes within one turn of the event loop.
        if (changed.size === 0) setImmediate(sayChangedCounts)
        changed.add(name)
      }
    },
    remoteCount(name) {
      let count = 0
      for (const remote of topics.get(name)?.remote.values() ?? []) count += remote
      return count
    },
    whenSettled(name, callback) {
      const waiting = topics.get(name)?.waiting
      if (waiting) waiting.push(callback)
      else callback()
    },
    publish(name, frame) {
      if (isUp) void say(topicChannel + name, 'p', frame)
      else counters.lost++
    },
    get isUp() {
      return isUp
    },
    get instances() {
      return heardMs.size
    },
    counters,
    async close() {
      clearInterval(beatTimer)
      if (isUp) await say(instanceChannel, 'g')
      isUp = false
      for (const topic of topics.values()) settle(topic)
      topics.clear()
      await broker.close()
    },
  }
}

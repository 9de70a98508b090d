import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type Backplane, defaultBackplaneTiming, openBackplane } from './backplane.ts'
import type { Broker, ConnectBroker } from './broker.ts'
import { createMemoryBroker } from './memory-broker.ts'

const { deadAfterMs, settleMs, healMs } = defaultBackplaneTiming

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface TestInstance {
  readonly backplane: Backplane
  readonly delivered: string[]
  readonly introductions: Map<string, Buffer[]>
}

const openInstance = (connect: ConnectBroker): TestInstance => {
  const delivered: string[] = []
  const introductions = new Map<string, Buffer[]>()
  const backplane = openBackplane(connect, {
    deliver: (topic, frame) => void delivered.push(`${topic}: ${frame}`),
    introductions: (topic) => introductions.get(topic) ?? [],
    stateChanged() {},
  })
  onTestFinished(() => backplane.close())
  return { backplane, delivered, introductions }
}

/** All that is under way arrives; no timer of a second or more fires. */
const settle = () => vi.advanceTimersByTimeAsync(1)

const twoInstances = async () => {
  const broker = createMemoryBroker()
  const [a, b] = [openInstance(broker.connect), openInstance(broker.connect)]
  await settle()
  return { broker, a, b }
}

/** A broker whose messages can be cut off without anybody noticing. */
const mutable = (connect: ConnectBroker) => {
  let isMute = false
  const connectMutable: ConnectBroker = (events) => {
    const broker: Broker = connect({
      ...events,
      message: (channel, message) => {
        if (!isMute) events.message(channel, message)
      },
    })
    return { ...broker, publish: async (channel, message) => (isMute ? 0 : broker.publish(channel, message)) }
  }
  return {
    connect: connectMutable,
    mute: (mute: boolean) => {
      isMute = mute
    },
  }
}

test('a publish reaches the other instances that have the topic, and not its own', async () => {
  const { broker, a, b } = await twoInstances()
  const c = openInstance(broker.connect)
  a.backplane.setCount('room', 1)
  b.backplane.setCount('room', 1)
  await settle()
  a.backplane.publish('room', Buffer.from('hello'))
  await settle()
  expect([a.delivered, b.delivered, c.delivered]).toEqual([[], ['room: hello'], []])
})

test('an instance that is new to a topic learns the others counts before it answers', async () => {
  const { a, b } = await twoInstances()
  a.backplane.setCount('room', 3)
  await settle()
  b.backplane.setCount('room', 1)
  let told = -1
  b.backplane.whenSettled('room', () => {
    told = b.backplane.remoteCount('room')
  })
  await settle()
  expect(told).toBe(3)
  expect(a.backplane.remoteCount('room')).toBe(1)
})

test('counts follow joins and leaves', async () => {
  const { a, b } = await twoInstances()
  a.backplane.setCount('room', 1)
  b.backplane.setCount('room', 1)
  await settle()
  a.backplane.setCount('room', 2)
  a.backplane.setCount('room', 3)
  await settle()
  expect(b.backplane.remoteCount('room')).toBe(3)
  a.backplane.setCount('room', 0)
  await settle()
  expect(b.backplane.remoteCount('room')).toBe(0)
})

test('nobody waits longer than the settle time for an instance that does not answer', async () => {
  const { broker, a } = await twoInstances()
  const deaf = mutable(broker.connect)
  const b = openInstance(deaf.connect)
  await settle()
  b.backplane.setCount('room', 5)
  await settle()
  deaf.mute(true)
  a.backplane.setCount('room', 1)
  const settled = vi.fn()
  a.backplane.whenSettled('room', settled)
  await vi.advanceTimersByTimeAsync(settleMs - 1)
  expect(settled).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2)
  expect(settled).toHaveBeenCalledOnce()
})

test('an instance that falls silent is struck off, and counted again when it speaks again', async () => {
  const { broker, a } = await twoInstances()
  const flaky = mutable(broker.connect)
  const b = openInstance(flaky.connect)
  a.backplane.setCount('room', 1)
  b.backplane.setCount('room', 2)
  await settle()
  expect(a.backplane.remoteCount('room')).toBe(2)
  flaky.mute(true)
  await vi.advanceTimersByTimeAsync(deadAfterMs + 2_000)
  expect(a.backplane.remoteCount('room')).toBe(0)
  flaky.mute(false)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(a.backplane.remoteCount('room')).toBe(2)
  expect(b.backplane.remoteCount('room')).toBe(1)
})

test('an instance that says good-bye is gone at once', async () => {
  const { a, b } = await twoInstances()
  a.backplane.setCount('room', 1)
  b.backplane.setCount('room', 2)
  await settle()
  await b.backplane.close()
  await settle()
  expect(a.backplane.remoteCount('room')).toBe(0)
  expect(a.backplane.instances).toBe(0)
})

test('without its broker an instance knows only itself, and answers at once', async () => {
  const { broker, a, b } = await twoInstances()
  a.backplane.setCount('room', 1)
  b.backplane.setCount('room', 1)
  await settle()
  broker.setUp(false)
  expect([a.backplane.isUp, a.backplane.remoteCount('room')]).toEqual([false, 0])
  const settled = vi.fn()
  a.backplane.setCount('new', 1)
  a.backplane.whenSettled('new', settled)
  expect(settled).toHaveBeenCalledOnce()
})

test('when the broker is back, counts are whole and those who joined meanwhile are introduced', async () => {
  const { broker, a, b } = await twoInstances()
  broker.setUp(false)
  a.backplane.setCount('room', 1)
  a.introductions.set('room', [Buffer.from('I am A')])
  b.backplane.setCount('room', 1)
  b.introductions.set('room', [Buffer.from('I am B')])
  broker.setUp(true)
  await settle()
  expect([a.backplane.remoteCount('room'), b.backplane.remoteCount('room')]).toEqual([1, 1])
  expect([new Set(a.delivered), new Set(b.delivered)]).toEqual([new Set(['room: I am B']), new Set(['room: I am A'])])
})

test('long after an outage, a newcomer is left to introduce itself', async () => {
  const { broker, a, b } = await twoInstances()
  broker.setUp(false)
  broker.setUp(true)
  await vi.advanceTimersByTimeAsync(healMs + 1_000)
  a.backplane.setCount('room', 1)
  a.introductions.set('room', [Buffer.from('I am A')])
  await settle()
  b.backplane.setCount('room', 1)
  await settle()
  expect(b.delivered).toEqual([])
})

test('a broker that swallows messages is restarted', async () => {
  const { broker } = await twoInstances()
  const deaf = mutable(broker.connect)
  const restarted = vi.fn()
  const connect: ConnectBroker = (events) => {
    const inner = deaf.connect(events)
    return {
      ...inner,
      restart(reason) {
        deaf.mute(false)
        restarted(reason)
        inner.restart(reason)
      },
    }
  }
  const a = openInstance(connect)
  await settle()
  deaf.mute(true)
  await vi.advanceTimersByTimeAsync(deadAfterMs + 2_000)
  expect(restarted).toHaveBeenCalledOnce()
  expect(a.backplane.isUp).toBe(true)
})

test('messages that no instance of ours wrote are ignored', async () => {
  const broker = createMemoryBroker()
  const a = openInstance(broker.connect)
  a.backplane.setCount('room', 1)
  const stranger = broker.connect({ up() {}, down() {}, message() {} })
  await settle()
  for (const text of ['', 'p', 'pshort', `c${'0'.repeat(16)}-1`, `c${'0'.repeat(16)}1e9`, `x${'0'.repeat(16)}`]) {
    await stranger.publish('parsec-web:topic:room', Buffer.from(text))
  }
  await settle()
  expect([a.delivered, a.backplane.remoteCount('room')]).toEqual([[], 0])
})

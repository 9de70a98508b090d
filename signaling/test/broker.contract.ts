/** What every broker has to do. Imports the port and vitest. */
import { expect, onTestFinished, test } from 'vitest'
import type { Broker, ConnectBroker } from '../src/backplane/broker.ts'

interface Connected {
  readonly broker: Broker
  readonly messages: string[]
  readonly downs: string[]
  /** The next time it comes up. */
  up(): Promise<void>
}

const open = async (connect: ConnectBroker): Promise<Connected> => {
  const messages: string[] = []
  const downs: string[] = []
  const waiting: (() => void)[] = []
  const broker = connect({
    up() {
      for (const resolve of waiting.splice(0)) resolve()
    },
    down: (reason) => void downs.push(reason),
    message: (channel, message) => void messages.push(`${channel}: ${message.toString()}`),
  })
  onTestFinished(() => broker.close())
  const up = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))
  await up()
  return { broker, messages, downs, up }
}

export const testBrokerContract = (name: string, connect: () => ConnectBroker): void => {
  test(`${name}: hands a message to every subscriber of its channel, its publisher included, and to nobody else`, async () => {
    const [alice, bob] = [await open(connect()), await open(connect())]
    await Promise.all([alice.broker.subscribe('a'), bob.broker.subscribe('a'), bob.broker.subscribe('b')])
    expect(await alice.broker.publish('a', Buffer.from('1'))).toBe(2)
    expect(await alice.broker.publish('b', Buffer.from('2'))).toBe(1)
    expect(await alice.broker.publish('c', Buffer.from('3'))).toBe(0)
    await expect.poll(() => bob.messages).toEqual(['a: 1', 'b: 2'])
    await expect.poll(() => alice.messages).toEqual(['a: 1'])
  })

  test(`${name}: carries any bytes and any channel name, in order`, async () => {
    const alice = await open(connect())
    const channel = 'spaces, {braces} and ünïcode 🦊'
    await alice.broker.subscribe(channel)
    const sent = Array.from({ length: 100 }, (_, index) => `${index} \u0000 ${'x'.repeat(index * 100)}`)
    await Promise.all(sent.map((text) => alice.broker.publish(channel, Buffer.from(text))))
    await expect.poll(() => alice.messages).toEqual(sent.map((text) => `${channel}: ${text}`))
  })

  test(`${name}: hands over nothing after an unsubscribe, and again after another subscribe`, async () => {
    const [alice, bob] = [await open(connect()), await open(connect())]
    await alice.broker.subscribe('a')
    alice.broker.unsubscribe('a')
    await alice.broker.subscribe('flush')
    expect(await bob.broker.publish('a', Buffer.from('1'))).toBe(0)
    alice.broker.unsubscribe('a')
    await alice.broker.subscribe('a')
    expect(await bob.broker.publish('a', Buffer.from('2'))).toBe(1)
    await expect.poll(() => alice.messages).toEqual(['a: 2'])
  })

  test(`${name}: a restart tells why, forgets the subscriptions and comes up again`, async () => {
    const [alice, bob] = [await open(connect()), await open(connect())]
    await alice.broker.subscribe('a')
    const again = alice.up()
    alice.broker.restart('for a reason')
    expect(alice.downs).toEqual(['for a reason'])
    await again
    await expect.poll(() => bob.broker.publish('a', Buffer.from('1'))).toBe(0)
    await alice.broker.subscribe('a')
    expect(await bob.broker.publish('a', Buffer.from('2'))).toBe(1)
    await expect.poll(() => alice.messages).toEqual(['a: 2'])
  })

  test(`${name}: a closed broker is handed nothing and publishes nothing`, async () => {
    const [alice, bob] = [await open(connect()), await open(connect())]
    await alice.broker.subscribe('a')
    await alice.broker.close()
    expect(await bob.broker.publish('a', Buffer.from('1'))).toBe(0)
    await expect(alice.broker.publish('a', Buffer.from('2'))).rejects.toThrow()
    expect(alice.messages).toEqual([])
  })
}

import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { testBrokerContract } from '../../test/broker.contract.ts'
import { connect, subscribe, type TestClient } from '../../test/client.ts'
import { openLoadedRoom } from '../../test/loaded-room.ts'
import { createRedis, hasRedis } from '../../test/redis.ts'
import { metric, spawnServer, startServer } from '../../test/servers.ts'
import { defaultBackplaneTiming, openBackplane } from './backplane.ts'
import { connectRedis } from './redis-broker.ts'

const isHere = hasRedis()

/** Two servers that share a Redis, once both hear each other. */
const startPair = async (url: string) => {
  const servers = await Promise.all([startServer({ backplane: url }), startServer({ backplane: url })])
  for (const server of servers) await expect.poll(() => metric(server, 'backplane_instances')).toBe(1)
  return servers
}

const announce = (from: string) => ({ type: 'publish', topic: 'room', data: { type: 'announce', from } })
const heard = async (client: TestClient, from: string): Promise<unknown> => {
  for (;;) {
    const message = await client.nextOf('publish')
    if ((message['data'] as { from: string }).from === from) return message['clients']
  }
}

describe.runIf(isHere)('one Redis', async () => {
  const redis = isHere ? await createRedis() : null
  const url = redis?.url ?? ''
  afterAll(() => redis?.kill())

  testBrokerContract('redis', () => connectRedis(url))

  test('peers on different instances meet, and every count is that of all instances', async () => {
    const [one, two] = await startPair(url)
    const [alice, bob] = await Promise.all([connect(one.url), connect(two.url)])
    expect(await subscribe(alice, 'room')).toBe(1)
    expect(await subscribe(bob, 'room')).toBe(2)
    bob.send(announce('bob'))
    expect(await heard(alice, 'bob')).toBe(2)
    expect(await heard(bob, 'bob')).toBe(2)
    bob.socket.close()
    await expect.poll(() => subscribe(alice, 'room')).toBe(1)
  })

  test('the limit of subscribers per topic holds across instances', async () => {
    const [one, two] = await startPair(url)
    const [alice, bob, carol] = await Promise.all([connect(one.url), connect(two.url), connect(two.url)])
    await subscribe(alice, 'room')
    expect(await subscribe(bob, 'room')).toBe(2)
    const three = await startServer({ backplane: url, limits: { subscribersPerTopic: 2 } })
    const dave = await connect(three.url)
    await expect.poll(() => metric(three, 'backplane_up')).toBe(1)
    expect(await subscribe(dave, 'room')).toBe(3)
    const erin = await connect(three.url)
    erin.send({ type: 'subscribe', topics: ['room'] })
    expect(await erin.closed).toMatchObject({ code: 1013 })
    expect(await subscribe(carol, 'room')).toBe(4)
  })

  test('an instance that is killed is struck off, and its peers come back through the other', async () => {
    const two = await startServer({ backplane: url })
    const one = await spawnServer(['--backplane', url])
    const [alice, bob] = await Promise.all([connect(one.url), connect(two.url)])
    await subscribe(bob, 'room')
    await expect.poll(() => metric(two, 'backplane_instances')).toBe(1)
    expect(await subscribe(alice, 'room')).toBe(2)
    one.kill()
    expect((await alice.closed).code).toBe(1006)
    const again = await connect(two.url)
    await subscribe(again, 'room')
    again.send(announce('alice'))
    await heard(bob, 'alice')
    await expect.poll(() => subscribe(again, 'room')).toBe(2)
  })

  test('an instance that is killed under load costs the peers of the other no message, and its own come back in', async () => {
    const two = await startServer({ backplane: url })
    const one = await spawnServer(['--backplane', url])
    await expect.poll(() => metric(two, 'backplane_instances')).toBe(1)
    const rooms = await Promise.all(
      Array.from({ length: 10 }, (_, index) => openLoadedRoom(`loaded-${index}`, two.url, one.url)),
    )
    // Every publisher stays below the rate that a socket may keep up.
    const load = setInterval(() => {
      for (const room of rooms) room.publish()
    }, 20)
    onTestFinished(() => clearInterval(load))
    const isBusy = ({ said, heard }: { said: number; heard: number }) => said > 20 && heard > 20
    await expect.poll(() => rooms.every(({ before }) => isBusy(before))).toBe(true)
    one.kill()
    await expect.poll(() => rooms.every(({ after }) => isBusy(after))).toBe(true)
    clearInterval(load)
    for (const room of rooms) {
      const { sent, received, missed } = await room.finish()
      expect({ received, missed }).toEqual({ received: sent, missed: null })
    }
  })
})

describe.runIf(isHere)('a Redis that fails', () => {
  test('is gone under load: local delivery goes on, and when it is back everybody meets', async () => {
    const redis = await createRedis()
    onTestFinished(() => redis.kill())
    const [one, two] = await startPair(redis.url)
    const [alice, bob, local] = await Promise.all([connect(one.url), connect(two.url), connect(one.url)])
    for (const client of [alice, bob, local]) await subscribe(client, 'room')
    let sent = 0
    let received = 0
    // Below the rate that a socket may keep up, however long this takes.
    const load = setInterval(
      () => alice.send({ type: 'publish', topic: 'room', data: { from: 'load', n: sent++ } }),
      20,
    )
    onTestFinished(() => clearInterval(load))
    local.socket.on('message', (data) => {
      if (String(data).includes('"load"')) received++
    })
    await heard(bob, 'load')
    await redis.kill()
    await expect.poll(() => metric(one, 'backplane_up')).toBe(0)
    await expect.poll(() => metric(two, 'backplane_up')).toBe(0)

    // While Redis is away, one more peer comes to each instance; both introduce themselves in vain.
    const [carol, dave] = await Promise.all([connect(one.url), connect(two.url)])
    expect(await subscribe(carol, 'room')).toBe(3)
    expect(await subscribe(dave, 'room')).toBe(2)
    carol.send(announce('carol'))
    dave.send(announce('dave'))
    await heard(carol, 'carol')
    await heard(dave, 'dave')

    await redis.start()
    await Promise.race([heard(carol, 'dave'), heard(dave, 'carol')])
    await heard(bob, 'load')
    await expect.poll(() => subscribe(carol, 'room')).toBe(5)
    clearInterval(load)
    await alice.flush()
    await local.flush()
    expect(received).toBe(sent)
  })

  test('accepts connections and answers nothing: it counts as away until it is itself again', async () => {
    const redis = await createRedis()
    onTestFinished(async () => {
      redis.thaw()
      await redis.kill()
    })
    const states: boolean[] = []
    const backplane = openBackplane(
      connectRedis(redis.url),
      { deliver() {}, introductions: () => [], stateChanged: (isUp) => void states.push(isUp) },
      { ...defaultBackplaneTiming, beatMs: 50, deadAfterMs: 500 },
    )
    onTestFinished(() => backplane.close())
    await expect.poll(() => states).toEqual([true])
    redis.freeze()
    await expect.poll(() => states).toEqual([true, false])
    redis.thaw()
    await expect.poll(() => states).toEqual([true, false, true])
  })

  test('is not there from the start: the server serves, and joins it when it comes', async () => {
    const redis = await createRedis()
    await redis.kill()
    const server = await startServer({ backplane: redis.url })
    const client = await connect(server.url)
    expect(await subscribe(client, 'room')).toBe(1)
    await redis.start()
    onTestFinished(() => redis.kill())
    await expect.poll(() => metric(server, 'backplane_up')).toBe(1)
  })
})

/** A room of three under load, over two servers of which one is to be killed. Imports the test client. */
import { connect, subscribe, type TestClient } from './client.ts'

export interface LoadedRoom {
  /** One message from each of the two that publish. */
  publish(): void
  /** How many messages went from and to the peer that began on the doomed server: before that was killed, and after. */
  readonly before: Traffic
  readonly after: Traffic
  /** When nothing is under way any more: the messages between the two peers on the lasting server. */
  finish(): Promise<{ readonly sent: number; readonly received: number; readonly missed: string | null }>
}

interface Traffic {
  said: number
  heard: number
}

/**
 * Alice and Bob are on the lasting server, Eve on the doomed one until it dies, then on the lasting one. Alice and Eve
 * publish; Bob checks that everything of Alice's arrives, once and in order.
 */
export const openLoadedRoom = async (room: string, lastingUrl: string, doomedUrl: string): Promise<LoadedRoom> => {
  const [alice, bob] = await Promise.all([enter(room, lastingUrl), enter(room, lastingUrl)])
  const before: Traffic = { said: 0, heard: 0 }
  const after: Traffic = { said: 0, heard: 0 }
  let traffic = before
  let sent = 0
  let received = 0
  let missed: string | null = null
  let eve = await enter(room, doomedUrl)
  const listen = () =>
    onPublish(eve, ({ from }) => {
      if (from === 'alice') traffic.heard++
    })
  listen()
  void eve.closed.then(async () => {
    eve = await enter(room, lastingUrl)
    traffic = after
    listen()
  })
  onPublish(bob, ({ from, n }) => {
    if (from === 'eve') traffic.said++
    else if (n !== received++) missed ??= `number ${n} came instead of ${received - 1}`
  })
  return {
    publish() {
      alice.send({ type: 'publish', topic: room, from: 'alice', n: sent++ })
      // Between her two servers she is nowhere.
      if (eve.socket.readyState === eve.socket.OPEN) eve.send({ type: 'publish', topic: room, from: 'eve' })
    },
    before,
    after,
    async finish() {
      await alice.flush()
      await bob.flush()
      return { sent, received, missed }
    },
  }
}

const enter = async (room: string, url: string): Promise<TestClient> => {
  const client = await connect(url)
  await subscribe(client, room)
  return client
}

const onPublish = (client: TestClient, handle: (message: { from: string; n: number }) => void): void => {
  client.socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { type: string; from: string; n: number }
    if (message.type === 'publish') handle(message)
  })
}

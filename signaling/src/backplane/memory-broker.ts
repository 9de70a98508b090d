/** A broker inside one process, for tests and for several servers in one program. Imports the port only. */
import type { Broker, BrokerEvents, ConnectBroker } from './broker.ts'

export interface MemoryBroker {
  readonly connect: ConnectBroker
  /** Takes the broker away from everybody, or gives it back. */
  setUp(isUp: boolean): void
}

interface Client {
  readonly events: BrokerEvents
  readonly channels: Set<string>
}

export const createMemoryBroker = (): MemoryBroker => {
  const clients = new Set<Client>()
  let isUp = true
  const connect = (events: BrokerEvents): Broker => {
    const client: Client = { events, channels: new Set() }
    clients.add(client)
    queueMicrotask(() => {
      if (isUp && clients.has(client)) events.up()
    })
    return {
      subscribe: async (channel) => {
        client.channels.add(channel)
      },
      unsubscribe: (channel) => {
        client.channels.delete(channel)
      },
      publish: async (channel, message) => {
        if (!isUp || !clients.has(client)) throw new Error('not connected')
        const receivers = [...clients].filter((other) => other.channels.has(channel))
        for (const receiver of receivers) queueMicrotask(() => receiver.events.message(channel, message))
        return receivers.length
      },
      restart: (reason) => {
        client.channels.clear()
        events.down(reason)
        queueMicrotask(() => {
          if (isUp && clients.has(client)) events.up()
        })
      },
      close: async () => {
        clients.delete(client)
      },
    }
  }
  return {
    connect,
    setUp(next) {
      if (next === isUp) return
      isUp = next
      for (const client of clients) {
        client.channels.clear()
        if (isUp) client.events.up()
        else client.events.down('taken away')
      }
    },
  }
}

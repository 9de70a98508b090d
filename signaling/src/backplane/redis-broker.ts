/**
 * Redis as the broker: sharded publish/subscribe (Redis 7), one channel per topic, so that an instance is sent only
 * what its sockets subscribed to. Imports the port and ioredis.
 *
 * Every connection attempt is a fresh pair of clients. The library's own reconnecting, queueing and resubscribing stay
 * off: whoever holds the port must know when messages were lost, to announce itself again.
 */
import { Redis } from 'ioredis'
import type { Broker, ConnectBroker } from './broker.ts'

const retryMsMin = 100
const retryMsMax = 2_000
const quitTimeoutMs = 500

const clientOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  connectTimeout: 5_000,
}

interface Pair {
  /** A client that subscribed can do nothing else. */
  readonly subscriber: Redis
  readonly publisher: Redis
}

/** `url` is `redis://[user:password@]host[:port]`, or `rediss://…` over TLS. */
export const connectRedis =
  (url: string): ConnectBroker =>
  (events) => {
    let pair: Pair | null = null
    let isUp = false
    let isClosed = false
    let retryMs = retryMsMin
    let retryTimer: NodeJS.Timeout | undefined

    const lose = (lost: Pair, reason: string): void => {
      if (pair !== lost) return
      pair = null
      for (const client of [lost.subscriber, lost.publisher]) client.disconnect()
      if (isUp) {
        isUp = false
        events.down(reason)
      }
      if (isClosed) return
      // Jitter: the instances that lost one broker at one moment do not come back at one moment.
      retryTimer = setTimeout(connect, retryMs * (0.5 + Math.random()))
      retryMs = Math.min(retryMsMax, retryMs * 2)
    }

    const connect = (): void => {
      const next: Pair = { subscriber: new Redis(url, clientOptions), publisher: new Redis(url, clientOptions) }
      pair = next
      let reason = 'connection closed'
      for (const client of [next.subscriber, next.publisher]) {
        client.on('error', (error: Error) => {
          reason = error.message
        })
        client.on('end', () => lose(next, reason))
      }
      next.subscriber.on('smessageBuffer', (channel: Buffer, message: Buffer) => {
        if (pair === next) events.message(channel.toString(), message)
      })
      Promise.all([next.subscriber.connect(), next.publisher.connect()]).then(
        () => {
          if (pair !== next) return
          isUp = true
          retryMs = retryMsMin
          events.up()
        },
        (error: Error) => lose(next, error.message),
      )
    }
    connect()
    return createBroker({
      pair: () => pair,
      lose,
      end: () => {
        isClosed = true
        clearTimeout(retryTimer)
      },
    })
  }

interface Connection {
  pair(): Pair | null
  lose(pair: Pair, reason: string): void
  end(): void
}

const createBroker = ({ pair, lose, end }: Connection): Broker => ({
  async subscribe(channel) {
    const current = pair()
    if (!current) throw new Error('not connected')
    await current.subscriber.ssubscribe(channel)
  },
  unsubscribe(channel) {
    // A connection that is lost meanwhile takes the subscription with it.
    pair()
      ?.subscriber.sunsubscribe(channel)
      .catch(() => {})
  },
  async publish(channel, message) {
    const current = pair()
    if (!current) throw new Error('not connected')
    const receivers = await current.publisher.spublish(channel, message)
    return typeof receivers === 'number' ? receivers : -1
  },
  restart(reason) {
    const current = pair()
    if (current) lose(current, reason)
  },
  async close() {
    end()
    const current = pair()
    if (!current) return
    // What was published last goes out; a server that does not answer is not waited for.
    const quits = [current.publisher, current.subscriber].map((client) => client.quit().catch(() => {}))
    await Promise.race([Promise.all(quits), new Promise((resolve) => setTimeout(resolve, quitTimeoutMs))])
    lose(current, 'closed')
  },
})

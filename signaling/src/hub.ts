/**
 * Subscriptions and delivery, on this instance and, through the backplane, on the others. Imports topics, frames and
 * backplane.
 */
import type { Backplane, BackplaneHost } from './backplane/backplane.ts'
import type { Counters } from './counters.ts'
import { encodePublish, encodeSubscribed } from './protocol.ts'
import { textFrame } from './text-frame.ts'
import { createTopics } from './topics.ts'

export interface Subscriber {
  /** What it published to each of its topics first; null when nothing yet, or nothing that is kept. */
  readonly topics: Map<string, Buffer | null>
}

export interface Hub<S extends Subscriber> {
  /** False if the topic is full. */
  subscribe(subscriber: S, topic: string, wantsCount: boolean): boolean
  unsubscribe(subscriber: S, topic: string): void
  /** False if the message cannot be written, being nested too deep. */
  publish(publisher: S, topic: string, message: Record<string, unknown>): boolean
  readonly topics: number
  readonly backplane: Backplane | null
}

export type OpenBackplane = (host: Pick<BackplaneHost, 'deliver' | 'introductions'>) => Backplane

/** A longer first publish is no introduction. */
const introductionBytesMax = 4_096

export const createHub = <S extends Subscriber>(
  /** Gets a whole WebSocket frame, the same for all. */
  send: (subscriber: S, frame: Buffer) => void,
  subscribersPerTopic: number,
  counters: Counters,
  openBackplane: OpenBackplane | null,
): Hub<S> => {
  const topics = createTopics<S>()

  const deliver = (topic: string, payload: Buffer): void => {
    const subscribers = topics.subscribers(topic)
    if (!subscribers) return
    counters.deliveries += subscribers.size
    counters.deliveriesBytes += subscribers.size * payload.length
    const frame = textFrame(payload)
    for (const subscriber of subscribers) send(subscriber, frame)
  }

  const backplane =
    openBackplane?.({
      deliver,
      *introductions(topic) {
        for (const subscriber of topics.subscribers(topic) ?? []) {
          const introduction = subscriber.topics.get(topic)
          if (introduction) yield introduction
        }
      },
    }) ?? null

  const clients = (topic: string): number => topics.count(topic) + (backplane?.remoteCount(topic) ?? 0)

  return {
    subscribe(subscriber, topic, wantsCount) {
      if (!subscriber.topics.has(topic)) {
        if (clients(topic) >= subscribersPerTopic) return false
        subscriber.topics.set(topic, null)
        topics.join(topic, subscriber)
        backplane?.setCount(topic, topics.count(topic))
      }
      if (wantsCount) {
        const answer = () => {
          if (subscriber.topics.has(topic)) send(subscriber, textFrame(encodeSubscribed(topic, clients(topic))))
        }
        if (backplane) backplane.whenSettled(topic, answer)
        else answer()
      }
      return true
    },
    unsubscribe(subscriber, topic) {
      if (!subscriber.topics.delete(topic)) return
      topics.leave(topic, subscriber)
      backplane?.setCount(topic, topics.count(topic))
    },
    publish(publisher, topic, message) {
      if (!backplane && topics.count(topic) === 0) return true
      const payload = encodePublish(message, clients(topic))
      if (!payload) return false
      counters.publishes++
      deliver(topic, payload)
      if (backplane) {
        backplane.publish(topic, payload)
        if (publisher.topics.get(topic) === null && payload.length <= introductionBytesMax) {
          publisher.topics.set(topic, payload)
        }
      }
      return true
    },
    get topics() {
      return topics.size
    },
    backplane,
  }
}

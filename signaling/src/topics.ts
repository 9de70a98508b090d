/** Who of this instance listens to which topic. Imports nothing. */

export interface Topics<Subscriber> {
  /** True if the subscriber was not there yet. */
  join(topic: string, subscriber: Subscriber): boolean
  /** True if the subscriber was there. */
  leave(topic: string, subscriber: Subscriber): boolean
  /** Undefined when nobody listens. */
  subscribers(topic: string): ReadonlySet<Subscriber> | undefined
  count(topic: string): number
  readonly size: number
  names(): IterableIterator<string>
}

/** Invariant: a topic without subscribers takes no memory. */
export const createTopics = <Subscriber>(): Topics<Subscriber> => {
  const topics = new Map<string, Set<Subscriber>>()
  return {
    join(topic, subscriber) {
      const subscribers = topics.get(topic)
      if (!subscribers) {
        topics.set(topic, new Set([subscriber]))
        return true
      }
      const before = subscribers.size
      subscribers.add(subscriber)
      return subscribers.size > before
    },
    leave(topic, subscriber) {
      const subscribers = topics.get(topic)
      if (!subscribers?.delete(subscriber)) return false
      if (subscribers.size === 0) topics.delete(topic)
      return true
    },
    subscribers: (topic) => topics.get(topic),
    count: (topic) => topics.get(topic)?.size ?? 0,
    get size() {
      return topics.size
    },
    names: () => topics.keys(),
  }
}

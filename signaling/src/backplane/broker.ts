/**
 * The port to a message broker through which several instances share topics: channels of bytes, delivered at most once
 * and in order per publisher. Another broker is one file that implements this; `test/broker.contract.ts` says what it has
 * to do. Imports nothing.
 */

export interface Broker {
  /** Resolves when what is published to the channel from now on arrives. Only called while up. */
  subscribe(channel: string): Promise<void>
  unsubscribe(channel: string): void
  /**
   * Resolves to the instances that were handed the message, this one included if it subscribed; -1 if the broker cannot
   * tell. Rejects when the message was lost. Only called while up.
   */
  publish(channel: string, message: Buffer): Promise<number>
  /** The connection is useless although it looks open: drop it and connect anew. */
  restart(reason: string): void
  close(): Promise<void>
}

export interface BrokerEvents {
  /** Connected, with no subscription. Comes again after every `down`. */
  up(): void
  down(reason: string): void
  message(channel: string, message: Buffer): void
}

/**
 * Returns at once, before it calls any of the events; connects, and connects again, by itself until it is closed.
 */
export type ConnectBroker = (events: BrokerEvents) => Broker

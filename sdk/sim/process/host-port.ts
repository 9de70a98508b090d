/** A host as the rest of the simulator knows it: checkers, faults and adversaries. */
import type { GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { GossipMessage, Input, Output } from '../../src/core/io.ts'
import type { Parsec } from '../../src/core/options.ts'
import type { CrashPoint } from '../scenario.ts'

/** An input before it is stamped with the host's clock. */
export type Unstamped = Input extends infer One ? (One extends Input ? Omit<One, 'nowMs'> : never) : never

/** What goes from one host to the network; adversaries rewrite this list. */
export type Sends = readonly { readonly to: PeerId; readonly message: GossipMessage }[]

/** How an adversary sits between a core and the world; a correct host has none. */
export interface Tamper {
  /** Replaces what would be sent. */
  outgoing(sends: Sends): Sends
  /** Replaces what arrives; null swallows it. */
  incoming(from: PeerId, message: GossipMessage): GossipMessage | null
  /** After a hand-over. */
  after(output: Output): void
}

/** What a host tells the checkers and the metrics. */
export interface HostReports {
  onSigned(host: Host, event: GossipEvent): void
  onPersisted(host: Host, events: readonly GossipEvent[]): void
  onSend(host: Host, to: PeerId, message: GossipMessage): void
  /** After the hand-over is done. */
  onOutput(host: Host, input: Input, output: Output): void
  onStarted(host: Host): void
  onStopped(host: Host): void
  onException(host: Host, input: Input, error: unknown): void
  /** The edge refused an event or a statement of links: not signed by its author, or not what was signed. */
  onRefused(): void
}

export interface Host {
  readonly slot: number
  identity(): PeerId
  isRunning(): boolean
  /** Only while it runs. */
  core(): Parsec
  /** What this process knows to be in its store. */
  stored(): readonly GossipEvent[]
  hasLeft(): boolean
  start(): void
  stop(): void
  /** Forgets the store; the next start is somebody new. */
  loseStorage(): void
  feed(input: Unstamped): void
  connectedPeers(): readonly PeerId[]
  /** Past the core: for adversaries. */
  sendRaw(to: PeerId, message: GossipMessage): void
  /** Puts another core in the place of the present one and restores it from these events: for adversaries. */
  rebuild(events: readonly GossipEvent[]): void
  /** Dies at the next hand-over that has something to sign. */
  armCrash(point: CrashPoint, then: () => void): void
  disarmCrash(): void
  /** Handles nothing until it thaws. `standsDown`: it is told so, and hands over first. */
  freeze(standsDown: boolean): void
  thaw(): void
  /** Hands over and stops. */
  close(): void
  setThrottled(throttled: boolean): void
}

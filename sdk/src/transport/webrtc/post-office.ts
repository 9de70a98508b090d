/**
 * Carries introductions: to everybody over the signaling paths, and over neighbours that are linked with both sides.
 * A neighbour passes a message on once, to a peer that it is itself linked with, and vouches for whom it came from.
 */
import type { PeerId } from '../../core/gossip/event.ts'
import type { Random } from '../backoff.ts'
import { MAX_NEIGHBOURS, MAX_RELAYED_BYTES, type Message, type Neighbour } from '../messages.ts'
import { MAX_BUFFERED_BYTES, type Refusal } from '../port.ts'
import { parseSignalingMessage, type SignalingMessage } from '../signaling/messages.ts'
import { type Remote, takeRelayBudget } from './remotes.ts'

export interface PostOfficeOptions {
  readonly self: PeerId
  readonly session: string
  readonly remotes: ReadonlyMap<PeerId, Remote>
  readonly random: Random
  publish(message: SignalingMessage): void
  receive(message: SignalingMessage): void
  /** A neighbour says that it has a link with this peer. */
  heard(peer: PeerId, session: string): void
  refused(refusal: Refusal): void
}

export interface PostOffice {
  post(message: SignalingMessage): void
  takeNeighbours(from: Remote, neighbours: readonly Neighbour[]): void
  takeRelay(from: Remote, message: Extract<Message, { kind: 'relay' }>): void
  /** Our links have changed: tell the neighbours, soon, and once for many changes. */
  neighboursChanged(): void
  close(): void
}

/** Neighbours asked at one time; more only make it surer. */
const MAX_CARRIERS = 2
const NEWS_DELAY_MS = 250

export const createPostOffice = (options: PostOfficeOptions): PostOffice => {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    post: (message) => post(options, message),
    takeNeighbours: (from, neighbours) => {
      from.neighbours = neighbours
      for (const { peer, session } of neighbours) {
        if (peer !== options.self && !options.remotes.get(peer)?.up) options.heard(peer, session)
      }
    },
    takeRelay: (from, message) => takeRelay(options, from, message),
    neighboursChanged: () => {
      timer ??= setTimeout(
        () => {
          timer = undefined
          tellNeighbours(options)
        },
        NEWS_DELAY_MS * (0.5 + options.random() / 2),
      )
    },
    close: () => clearTimeout(timer),
  }
}

const post = ({ publish, remotes, self }: PostOfficeOptions, message: SignalingMessage): void => {
  publish(message)
  const { to } = message
  if (to === undefined || to === self) return
  const signal = JSON.stringify(message)
  if (new TextEncoder().encode(signal).length > MAX_RELAYED_BYTES) return
  let carriers = 0
  for (const remote of remotes.values()) {
    if (carriers === MAX_CARRIERS) return
    if (!remote.up || remote.peer === to || !remote.neighbours.some(({ peer }) => peer === to)) continue
    if (remote.up.link.send({ kind: 'relay', peer: to, forward: true, signal })) carriers += 1
  }
}

const takeRelay = (options: PostOfficeOptions, from: Remote, message: Extract<Message, { kind: 'relay' }>): void => {
  if (!takeRelayBudget(from, performance.now())) {
    options.refused({ code: 'overload', by: 'us', peer: from.peer, limit: 'relays' })
    return
  }
  if (message.forward) {
    const link = options.remotes.get(message.peer)?.up?.link
    // A peer that reads slowly gets what it asked for, not what others want to tell it.
    if (!link || link.bufferedBytes() > MAX_BUFFERED_BYTES / 4) return
    link.send({ kind: 'relay', peer: from.peer, forward: false, signal: message.signal })
    return
  }
  const parsed = parseRelayed(message.signal)
  if (parsed && parsed.from === message.peer && parsed.to === options.self) options.receive(parsed)
  else options.refused({ code: 'malformed', by: 'us', peer: from.peer, detail: 'relayed message' })
}

const parseRelayed = (signal: string): SignalingMessage | null => {
  try {
    return parseSignalingMessage(JSON.parse(signal))
  } catch {
    return null
  }
}

const tellNeighbours = ({ remotes }: PostOfficeOptions): void => {
  const up = [...remotes.values()].flatMap((remote) => (remote.up ? [remote] : []))
  for (const remote of up) {
    const neighbours = up
      .filter((other) => other !== remote)
      .slice(0, MAX_NEIGHBOURS)
      .flatMap(({ peer, up: attempt }) => (attempt ? [{ peer, session: attempt.session }] : []))
    remote.up?.link.send({ kind: 'neighbours', neighbours })
  }
}

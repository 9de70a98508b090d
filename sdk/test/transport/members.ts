/** Peers for transport tests: real keys, a log of every callback, and waiting without sleeping. */
import { getPublicKeyAsync, keygenAsync, signAsync, verifyAsync } from '@noble/ed25519'
import type { PeerDownReason, Refusal, SignalingState, Transport, TransportHandlers } from '../../src/transport/port.ts'
import type { Identity, Verify } from '../../src/transport/webrtc/context.ts'

const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))

/** With a seed byte, the same key every time. */
export const createIdentity = async (seed?: number): Promise<Identity> => {
  const { secretKey } = await keygenAsync(seed === undefined ? undefined : new Uint8Array(32).fill(seed))
  return {
    peer: toHex(await getPublicKeyAsync(secretKey)),
    sign: (message) => signAsync(message, secretKey),
  }
}

export const verify: Verify = (peer, signature, message) => verifyAsync(signature, message, fromHex(peer))

/** No cryptography: answers within microtasks, as virtual time needs it. Whoever calls it can sign for anybody. */
export const createStubIdentity = (seed: number): Identity => {
  const peer = seed.toString(16).padStart(2, '0').repeat(32)
  return { peer, sign: async (message) => stubSignature(peer, message) }
}

export const verifyStub: Verify = async (peer, signature, message) =>
  stubSignature(peer, message).every((byte, i) => byte === signature[i])

/** FNV-1a over key and message, 64 bytes of it. */
const stubSignature = (peer: string, message: Uint8Array): Uint8Array => {
  let state = 2_166_136_261
  const mix = (byte: number) => {
    state = Math.imul(state ^ byte, 16_777_619)
    return state >>> 24
  }
  for (const byte of [...fromHex(peer), ...message]) mix(byte)
  return Uint8Array.from({ length: 64 }, (_, i) => mix(i))
}

export type Entry =
  | { readonly kind: 'up'; readonly peer: string }
  | { readonly kind: 'down'; readonly peer: string; readonly reason: PeerDownReason }
  | { readonly kind: 'frame'; readonly peer: string; readonly bytes: Uint8Array }
  | { readonly kind: 'drained'; readonly peer: string }
  | { readonly kind: 'delay'; readonly peer: string; readonly roundTripMs: number }
  | { readonly kind: 'signaling'; readonly state: SignalingState }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export interface Member {
  readonly peer: string
  readonly identity: Identity
  readonly transport: Transport
  readonly log: readonly Entry[]
  /** Resolves as soon as `met` holds; it is asked after every callback. */
  until(what: string, met: (member: Member) => boolean): Promise<void>
  /** Called on every callback, from inside it. */
  onEntry: ((entry: Entry) => void) | null
}

export const framesFrom = (member: Member, peer: string): Uint8Array[] =>
  member.log.flatMap((entry) => (entry.kind === 'frame' && entry.peer === peer ? [entry.bytes] : []))

export const comings = (member: Member, peer: string): string[] =>
  member.log.flatMap((entry) =>
    (entry.kind === 'up' || entry.kind === 'down') && entry.peer === peer
      ? [entry.kind === 'up' ? 'up' : `down: ${entry.reason}`]
      : [],
  )

export const createMember = (identity: Identity, open: (handlers: TransportHandlers) => Transport): Member => {
  const log: Entry[] = []
  const waiting = new Set<() => void>()
  const note = (entry: Entry) => {
    log.push(entry)
    member.onEntry?.(entry)
    for (const check of [...waiting]) check()
  }
  const transport = open({
    peerUp: (peer) => note({ kind: 'up', peer }),
    peerDown: (peer, reason) => note({ kind: 'down', peer, reason }),
    frame: (peer, bytes) => note({ kind: 'frame', peer, bytes }),
    drained: (peer) => note({ kind: 'drained', peer }),
    delay: (peer, roundTripMs) => note({ kind: 'delay', peer, roundTripMs }),
    signaling: (state) => note({ kind: 'signaling', state }),
    refused: (refusal) => note({ kind: 'refused', refusal }),
  })
  const member: Member = {
    peer: identity.peer,
    identity,
    transport,
    log,
    onEntry: null,
    until: (what, met) =>
      new Promise((resolve, reject) => {
        // Only for a readable failure: nothing is decided by it.
        const timer = setTimeout(() => {
          waiting.delete(check)
          reject(new Error(`${identity.peer.slice(0, 6)} still waits: ${what}; ${describe(log)}`))
        }, 25_000)
        const check = () => {
          if (!met(member)) return
          clearTimeout(timer)
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
  return member
}

const describe = (log: readonly Entry[]): string =>
  log
    .slice(-20)
    .map((entry) => JSON.stringify(entry, (key, value) => (key === 'bytes' ? value.length : value)))
    .join(' ')

export const untilUp = (members: readonly Member[]): Promise<unknown> =>
  Promise.all(
    members.map((member) =>
      member.until('all peers up', ({ transport }) => transport.peers().length === members.length - 1),
    ),
  )

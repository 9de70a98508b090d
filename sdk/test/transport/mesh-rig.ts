/** Meshes over connections in this process, in which time stands still but for `advance`. May import the transport and vitest. */
import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { Connect } from '../../src/transport/webrtc/connection.ts'
import type { Identity } from '../../src/transport/webrtc/context.ts'
import { createMeshTransport, type WebRtcTransportOptions } from '../../src/transport/webrtc/transport.ts'
import { createFakeNet, type FakeNet } from './fake-connection.ts'
import { createFakeSignaling, type FakeSignaling } from './fake-signaling.ts'
import { createMember, createStubIdentity, type Member, verifyStub } from './members.ts'

export interface MeshRig {
  /** Anew for each test. */
  net: FakeNet
  signaling: FakeSignaling
  /** Who joined and is closed with the test. */
  readonly members: Member[]
  join(identity: Identity, more?: Partial<WebRtcTransportOptions>, connect?: Connect): Member
}

/** In ascending order. */
export const [low, middle, high] = [createStubIdentity(1), createStubIdentity(2), createStubIdentity(3)] as const
export const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms)
/** Long enough to meet, too short for heartbeats and retries. */
export const settle = () => advance(400)

/** To be called in a `describe`: nothing of a test is left when it ends. */
export function useMeshRig(): MeshRig {
  const rig: MeshRig = {
    net: createFakeNet(),
    signaling: createFakeSignaling(),
    members: [],
    join(identity, more = {}, connect = rig.net.connect) {
      const { WebSocket } = rig.signaling
      const own = { room: 'r', signaling: ['ws://one'], identity, verify: verifyStub, WebSocket }
      const member = createMember(identity, (handlers) => createMeshTransport({ ...own, handlers, ...more }, connect))
      rig.members.push(member)
      return member
    },
  }
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
    rig.net = createFakeNet()
    rig.signaling = createFakeSignaling()
  })
  afterEach(async () => {
    const closing = Promise.all(rig.members.splice(0).map(({ transport }) => transport.close()))
    await advance(2_000)
    await closing
    expect(rig.net.open()).toBe(0)
    expect(rig.signaling.sockets.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
  return rig
}

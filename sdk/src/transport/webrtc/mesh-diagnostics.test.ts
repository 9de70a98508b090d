import { describe, expect, it } from 'vitest'
import type { Member } from '../../../test/transport/members.ts'
import { advance, high, low, middle, settle, useMeshRig } from '../../../test/transport/mesh-rig.ts'
import type { Connect } from './connection.ts'
import type { Identity } from './context.ts'

describe('diagnostics of a mesh', () => {
  const rig = useMeshRig()
  const { join } = rig

  it('measures how far a clock is from ours, to half a round trip', async () => {
    const [a, b] = [join(low), join(high, { clockMs: () => performance.timeOrigin + performance.now() + 90_000 })]
    await settle()
    await advance(3_000)
    const offsets = [a, b].map(({ transport }) => transport.diagnostics().peers[0]?.clockOffsetMs ?? 0)
    expect(offsets[0]).toBeGreaterThan(89_900)
    expect(offsets[0]).toBeLessThan(90_100)
    expect(offsets[1]).toBeGreaterThan(-90_100)
    expect(offsets[1]).toBeLessThan(-89_900)
  })

  it('names what both sides had to go on when no path was found, and forgets it once one is', async () => {
    const lines = { [low.peer]: 'typ host', [high.peer]: 'typ srflx raddr 0.0.0.0 rport 0' }
    const gathering =
      (self: Identity): Connect =>
      (options, handlers) => {
        const candidate = `candidate:1 1 udp 1 127.0.0.1 9 ${lines[self.peer]}`
        const connection = rig.net.connect(options, {
          ...handlers,
          signal: (signal) => {
            handlers.signal(signal)
            handlers.signal({ type: 'candidate', candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } })
          },
        })
        return connection
      }
    rig.net.setBlocked(true)
    const turn = [{ urls: 'turn:localhost', username: 'u', credential: 'c' }]
    const a = join(low, {}, gathering(low))
    const b = join(high, { iceServers: turn }, gathering(high))
    await settle()
    await advance(21_000)
    const pathless = ({ transport }: Member) => transport.diagnostics().peers[0]?.pathless
    expect(pathless(a)).toEqual({ local: ['host'], remote: ['srflx'], turn: false })
    expect(pathless(b)).toEqual({ local: ['srflx'], remote: ['host'], turn: true })
    rig.net.setBlocked(false)
    await advance(60_000)
    expect([a.transport.peers(), pathless(a)]).toEqual([[b.peer], null])
  })

  it('says by which path a peer is reached', async () => {
    const blocksHigh: Connect = (options, handlers) =>
      rig.net.connect(options, { ...handlers, open: () => (options.peer === high.peer ? undefined : handlers.open()) })
    const [a, b, c] = [join(low, {}, blocksHigh), join(middle), join(high)]
    await settle()
    await advance(2_000)
    const paths = ({ transport }: Member) =>
      Object.fromEntries(transport.diagnostics().peers.map(({ peer, path }) => [peer, path]))
    expect(paths(a)).toEqual({ [b.peer]: 'direct', [c.peer]: 'neighbours' })
    expect(paths(b)).toEqual({ [a.peer]: 'direct', [c.peer]: 'direct' })
    await Promise.all([b.transport.close(), advance(1_000)])
    expect(paths(a)[c.peer]).toBe('none')
  })
})

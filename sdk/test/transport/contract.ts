/** What every transport keeps, whatever carries its frames. */
import { afterEach, describe, expect, it } from 'vitest'
import {
  DRAINED_BYTES,
  MAX_BUFFERED_BYTES,
  MAX_FRAME_BYTES,
  type Transport,
  type TransportHandlers,
} from '../../src/transport/port.ts'
import type { Identity } from '../../src/transport/webrtc/context.ts'
import { comings, createIdentity, createMember, framesFrom, type Member, untilUp } from './members.ts'

export interface Harness {
  open(identity: Identity, handlers: TransportHandlers): Transport
  /** Lets nothing through between the two any more, without telling either. */
  cut(a: string, b: string): void
  heal(a: string, b: string): void
  close(): Promise<void>
}

/** Enough to compare a frame that is filled with one value; comparing the bytes one by one takes seconds. */
const brief = (frame: Uint8Array): string => `${frame.length} times ${[...new Set(frame)].join()}`

export const transportContract = (name: string, createHarness: () => Promise<Harness>): void => {
  describe(`transport contract: ${name}`, () => {
    let harness: Harness
    const members: Member[] = []

    const join = async (identity?: Identity): Promise<Member> => {
      if (members.length === 0) harness = await createHarness()
      const own = identity ?? (await createIdentity())
      const member = createMember(own, (handlers) => harness.open(own, handlers))
      members.push(member)
      return member
    }
    const couple = async (): Promise<[Member, Member]> => {
      const pair: [Member, Member] = [await join(), await join()]
      await untilUp(pair)
      return pair
    }

    afterEach(async () => {
      await Promise.all(members.splice(0).map(({ transport }) => transport.close()))
      await harness.close()
    })

    it('brings all peers of a room up under their keys', async () => {
      const all = [await join(), await join(), await join()]
      await untilUp(all)
      const keys = all.map(({ peer }) => peer).sort()
      for (const { transport, peer } of all) expect(transport.peers()).toEqual(keys.filter((key) => key !== peer))
    })

    it('says how many clients are in the room', async () => {
      const [a, b] = await couple()
      const counts = (member: Member, clients: number) =>
        member.log.some(
          (entry) => entry.kind === 'signaling' && entry.state.connected && entry.state.clients === clients,
        )
      await Promise.all([a, b].map((member) => member.until('two clients', (self) => counts(self, 2))))
      expect(a.transport.diagnostics().signaling[0]).toMatchObject({ connected: true, junk: 0, lastError: null })
    })

    it('delivers frames of every size once, whole and in order, both ways', async () => {
      const [a, b] = await couple()
      const sizes = [0, 1, 2, 255, 1_000, MAX_FRAME_BYTES]
      const frames = Array.from({ length: 120 }, (_, i) => new Uint8Array(sizes[i % sizes.length] ?? 0).fill(i))
      for (const frame of frames) {
        expect(a.transport.send(b.peer, frame)).toBe(true)
        expect(b.transport.send(a.peer, frame)).toBe(true)
      }
      for (const [to, from] of [[a, b] as const, [b, a] as const]) {
        await to.until('all frames', () => framesFrom(to, from.peer).length >= frames.length)
        expect(framesFrom(to, from.peer).map(brief)).toEqual(frames.map(brief))
      }
    })

    it('lets the sender reuse its bytes and the receiver keep them', async () => {
      const [a, b] = await couple()
      const bytes = new Uint8Array(100).fill(1)
      a.transport.send(b.peer, bytes)
      a.transport.send(b.peer, bytes.fill(2))
      await b.until('both', () => framesFrom(b, a.peer).length === 2)
      expect(framesFrom(b, a.peer).map((frame) => frame[99])).toEqual([1, 2])
    })

    it('refuses a frame that is too long as a mistake of the caller', async () => {
      const [a, b] = await couple()
      expect(() => a.transport.send(b.peer, new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow(
        expect.objectContaining({ code: 'frameTooLarge' }),
      )
    })

    it('sends nothing to a peer that is not up', async () => {
      const a = await join()
      const { peer } = await createIdentity()
      expect(a.transport.send(peer, Uint8Array.of(1))).toBe(false)
      expect(a.transport.bufferedBytes(peer)).toBe(0)
      a.transport.disconnect(peer, 'nobody')
      expect(a.transport.peers()).toEqual([])
    })

    it('refuses what the buffer cannot hold, reports when it has drained, and loses nothing it accepted', async () => {
      const [a, b] = await couple()
      const frame = new Uint8Array(MAX_FRAME_BYTES)
      let accepted = 0
      while (accepted * MAX_FRAME_BYTES < 4 * MAX_BUFFERED_BYTES) {
        frame.fill(accepted)
        if (!a.transport.send(b.peer, frame)) break
        accepted += 1
      }
      // A fast link may take it all; if it did not, the buffer was as full as it may be.
      if (a.transport.bufferedBytes(b.peer) > DRAINED_BYTES) {
        await a.until('drained', ({ log }) => log.some((entry) => entry.kind === 'drained' && entry.peer === b.peer))
        expect(a.transport.bufferedBytes(b.peer)).toBeLessThanOrEqual(DRAINED_BYTES)
      }
      await b.until('all', () => framesFrom(b, a.peer).length >= accepted)
      expect(framesFrom(b, a.peer).map((bytes) => bytes[0])).toEqual(
        Array.from({ length: accepted }, (_, i) => i % 256),
      )
    })

    it('measures the round trip', async () => {
      const [a, b] = await couple()
      await a.until('a delay', ({ log }) => log.some((entry) => entry.kind === 'delay' && entry.peer === b.peer))
      const [found] = a.transport.diagnostics().peers
      expect(found).toMatchObject({ peer: b.peer, state: 'up', drops: {} })
      expect(found?.rttMs).toBeGreaterThanOrEqual(0)
    })

    it('drops a peer on demand, tells both why, and not while the call runs', async () => {
      const [a, b] = await couple()
      a.transport.disconnect(b.peer, 'flooding')
      expect(comings(a, b.peer)).toEqual(['up'])
      expect(a.transport.peers()).toEqual([])
      expect(a.transport.send(b.peer, Uint8Array.of(1))).toBe(false)
      await a.until('down', () => comings(a, b.peer).length === 2)
      await b.until('down', () => comings(b, a.peer).length === 2)
      expect(comings(a, b.peer)).toEqual(['up', 'down: disconnected'])
      expect(comings(b, a.peer)).toEqual(['up', 'down: dropped'])
      expect(a.transport.diagnostics().peers[0]?.drops).toEqual({ flooding: 1 })
    })

    it('delivers what was sent before close, then says goodbye', async () => {
      const [a, b] = await couple()
      for (let i = 0; i < 10; i += 1) a.transport.send(b.peer, new Uint8Array(1_000).fill(i))
      await a.transport.close()
      await b.until('down', () => comings(b, a.peer).length === 2)
      expect(framesFrom(b, a.peer).map((bytes) => bytes[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(comings(b, a.peer)).toEqual(['up', 'down: left'])
    })

    it('calls no handler once close was called, and takes a second close', async () => {
      const [a, b] = await couple()
      const before = a.log.length
      const closing = a.transport.close()
      b.transport.send(a.peer, Uint8Array.of(1))
      await Promise.all([closing, a.transport.close()])
      await b.until('down', () => comings(b, a.peer).length === 2)
      expect(a.log.length).toBe(before)
      expect(a.transport.peers()).toEqual([])
      expect(a.transport.send(b.peer, Uint8Array.of(1))).toBe(false)
    })

    it('replaces the link of a peer that comes back from a reloaded tab', async () => {
      const [a, b] = await couple()
      const again = await join(b.identity)
      await untilUp([a, again])
      await a.until('replaced', () => comings(a, b.peer).length === 3)
      expect(comings(a, b.peer)).toEqual(['up', 'down: replaced', 'up'])
      again.transport.send(a.peer, Uint8Array.of(7))
      await a.until('a frame', () => framesFrom(a, b.peer).length === 1)
    })

    it('tells the older of two tabs with one key that it has a double', async () => {
      const [a, b] = await couple()
      const double = await join(b.identity)
      await untilUp([a, double])
      await b.until('refusal', ({ log }) =>
        log.some(({ kind, ...entry }) => kind === 'refused' && 'refusal' in entry && entry.refusal.by === 'them'),
      )
      await b.until('down', () => b.transport.peers().length === 0)
      expect(b.transport.diagnostics().refusals.duplicateIdentity).toBeGreaterThanOrEqual(1)
      expect(comings(b, a.peer)).toEqual(['up', 'down: dropped'])
    })

    it('notices a dead link within 15 s and connects again once there is a path', async () => {
      const [a, b] = await couple()
      const cutMs = performance.now()
      harness.cut(a.peer, b.peer)
      await Promise.all([
        a.until('down', () => a.transport.peers().length === 0),
        b.until('down', () => b.transport.peers().length === 0),
      ])
      expect(performance.now() - cutMs).toBeLessThan(15_000)
      harness.heal(a.peer, b.peer)
      await untilUp([a, b])
      expect(comings(a, b.peer)).toEqual(['up', 'down: silent', 'up'])
      a.transport.send(b.peer, Uint8Array.of(1))
      await b.until('a frame', () => framesFrom(b, a.peer).length === 1)
    }, 60_000)
  })
}

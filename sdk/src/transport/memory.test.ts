import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { transportContract } from '../../test/transport/contract.ts'
import { comings, createMember, framesFrom, type Member } from '../../test/transport/members.ts'
import { createMemoryNetwork, type MemoryNetwork } from './memory.ts'

transportContract('memory', async () => {
  const network = createMemoryNetwork()
  return {
    open: (identity, handlers) => network.join(identity.peer, handlers),
    cut: network.cut,
    heal: network.heal,
    close: async () => {},
  }
})

transportContract('memory, 20 ms away and 2 MB/s', async () => {
  const network = createMemoryNetwork({ delayMs: 20, bytesPerMs: 2_000 })
  return {
    open: (identity, handlers) => network.join(identity.peer, handlers),
    cut: network.cut,
    heal: network.heal,
    close: async () => {},
  }
})

describe('memory network', () => {
  const joinAs = (network: MemoryNetwork, peer: string): Member =>
    createMember({ peer, sign: async () => new Uint8Array(64) }, (handlers) => network.join(peer, handlers))
  const bytesOf = (member: Member, peer: string) => framesFrom(member, peer).map((frame) => frame[0])

  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('delivers after the delay of the link, and not before', () => {
    const network = createMemoryNetwork({ delayMs: 50 })
    const [a, b] = [joinAs(network, 'a'), joinAs(network, 'b')]
    vi.advanceTimersByTime(200)
    a.transport.send('b', Uint8Array.of(1))
    vi.advanceTimersByTime(49)
    expect(bytesOf(b, 'a')).toEqual([])
    vi.advanceTimersByTime(1)
    expect(bytesOf(b, 'a')).toEqual([1])
  })

  it('takes a time to send that fits the throughput, and shows what waits', () => {
    const network = createMemoryNetwork({ bytesPerMs: 10 })
    const [a, b] = [joinAs(network, 'a'), joinAs(network, 'b')]
    vi.advanceTimersByTime(1)
    for (const byte of [1, 2, 3]) a.transport.send('b', new Uint8Array(1_000).fill(byte))
    expect(a.transport.bufferedBytes('b')).toBe(3_000)
    vi.advanceTimersByTime(200)
    expect(a.transport.bufferedBytes('b')).toBe(1_000)
    expect(bytesOf(b, 'a')).toEqual([1, 2])
  })

  it('loses what is under way when the link is cut', () => {
    const network = createMemoryNetwork({ delayMs: 50 })
    const [a, b] = [joinAs(network, 'a'), joinAs(network, 'b')]
    vi.advanceTimersByTime(200)
    a.transport.send('b', Uint8Array.of(1))
    network.cut('a', 'b')
    vi.advanceTimersByTime(200)
    network.heal('a', 'b')
    vi.advanceTimersByTime(200)
    a.transport.send('b', Uint8Array.of(2))
    vi.advanceTimersByTime(200)
    expect(bytesOf(b, 'a')).toEqual([2])
    expect(comings(b, 'a')).toEqual(['up', 'down: silent', 'up'])
  })

  it('keeps the order of one link when its delay shrinks on the way', () => {
    const network = createMemoryNetwork()
    const [a, b] = [joinAs(network, 'a'), joinAs(network, 'b')]
    vi.advanceTimersByTime(1)
    const delays = [30, 10, 20, 0]
    network.setConditions('a', 'b', { delayMs: () => delays.shift() ?? 0 })
    delays.unshift(0, 0)
    for (const byte of [1, 2, 3, 4]) a.transport.send('b', Uint8Array.of(byte))
    vi.advanceTimersByTime(100)
    expect(bytesOf(b, 'a')).toEqual([1, 2, 3, 4])
  })

  it('delivers in the same order every time', () => {
    const run = () => {
      const network = createMemoryNetwork({ delayMs: 5 })
      const order: string[] = []
      const members = ['a', 'b', 'c'].map((peer) => joinAs(network, peer))
      vi.advanceTimersByTime(100)
      for (const member of members) {
        member.onEntry = (entry) => {
          if (entry.kind !== 'frame') return
          order.push(`${entry.peer} to ${member.peer}`)
          if (order.length < 50) for (const peer of member.transport.peers()) member.transport.send(peer, entry.bytes)
        }
      }
      members[0]?.transport.send('b', Uint8Array.of(0))
      vi.advanceTimersByTime(1_000)
      return order
    }
    expect(run()).toEqual(run())
  })

  it('goes on with the other frames when a handler throws', () => {
    const network = createMemoryNetwork()
    const [a, b] = [joinAs(network, 'a'), joinAs(network, 'b')]
    vi.advanceTimersByTime(1)
    b.onEntry = (entry) => {
      if (entry.kind === 'frame' && entry.bytes[0] === 1) throw new Error('the application')
    }
    for (const byte of [1, 2]) a.transport.send('b', Uint8Array.of(byte))
    expect(() => vi.advanceTimersByTime(1)).toThrow('the application')
    vi.advanceTimersByTime(1)
    expect(bytesOf(b, 'a')).toEqual([1, 2])
  })
})

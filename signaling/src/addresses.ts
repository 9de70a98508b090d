/**
 * What every address has open and how fast it is. Imports limits and buckets.
 *
 * While all sockets together stay within what one address may do, none exceeds it, and nobody is told apart: to ask the
 * system for a socket's address costs more than all else that is ours in a connection. Everything is charged to
 * everybody, and to an address from when it is told apart on: for once it may go to twice its burst.
 */
import type { Limits } from './limits.ts'
import { createBucket, isEmpty, isFull, type TokenBucket, take } from './token-bucket.ts'

export interface AddressState {
  readonly name: string
  sockets: number
  readonly frames: TokenBucket
  readonly connections: TokenBucket
}

export interface Addresses {
  /** All together; `sockets` counts those that are not told apart. */
  readonly everybody: AddressState
  /** Whether one more socket could be too many, or come too soon, if all were of one address. */
  isCrowded(openSockets: number, nowMs: number): boolean
  get(address: string, nowMs: number): AddressState
  takeConnection(state: AddressState, nowMs: number): boolean
  takeFrame(state: AddressState, nowMs: number): boolean
  /** Forgets every address that has nothing open and whose buckets are full again. */
  sweep(nowMs: number): void
  readonly size: number
}

/** Memory is bounded by the rate at which addresses can connect and the seconds a bucket takes to fill. */
export const createAddresses = (limits: Limits): Addresses => {
  const states = new Map<string, AddressState>()
  const create = (name: string, nowMs: number): AddressState => ({
    name,
    sockets: 0,
    frames: createBucket(limits.frameBurstPerAddress, nowMs),
    connections: createBucket(limits.connectionBurstPerAddress, nowMs),
  })
  const everybody = create('', Date.now())
  const connectionOf = ({ connections }: AddressState, nowMs: number): boolean =>
    take(connections, limits.connectionsPerSecondPerAddress, limits.connectionBurstPerAddress, nowMs)
  const frameOf = ({ frames }: AddressState, nowMs: number): boolean =>
    take(frames, limits.framesPerSecondPerAddress, limits.frameBurstPerAddress, nowMs)
  return {
    everybody,
    isCrowded: (openSockets, nowMs) =>
      openSockets >= limits.socketsPerAddress ||
      isEmpty(everybody.connections, limits.connectionsPerSecondPerAddress, limits.connectionBurstPerAddress, nowMs),
    get(address, nowMs) {
      let state = states.get(address)
      if (!state) {
        state = create(address, nowMs)
        states.set(address, state)
      }
      return state
    },
    takeConnection(state, nowMs) {
      const isWithin = connectionOf(everybody, nowMs)
      return state === everybody ? isWithin : connectionOf(state, nowMs)
    },
    takeFrame(state, nowMs) {
      const isWithin = frameOf(everybody, nowMs)
      return state === everybody ? isWithin : frameOf(state, nowMs)
    },
    sweep(nowMs) {
      for (const [address, state] of states) {
        if (
          state.sockets === 0 &&
          isFull(state.frames, limits.framesPerSecondPerAddress, limits.frameBurstPerAddress, nowMs) &&
          isFull(state.connections, limits.connectionsPerSecondPerAddress, limits.connectionBurstPerAddress, nowMs)
        ) {
          states.delete(address)
        }
      }
    },
    get size() {
      return states.size
    },
  }
}

/** What every address has open and how fast it is. Imports limits and buckets. */
import type { Limits } from './limits.ts'
import { createBucket, isFull, type TokenBucket, take } from './token-bucket.ts'

export interface AddressState {
  readonly name: string
  sockets: number
  readonly frames: TokenBucket
  readonly connections: TokenBucket
}

export interface Addresses {
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
  return {
    get(address, nowMs) {
      let state = states.get(address)
      if (!state) {
        state = {
          name: address,
          sockets: 0,
          frames: createBucket(limits.frameBurstPerAddress, nowMs),
          connections: createBucket(limits.connectionBurstPerAddress, nowMs),
        }
        states.set(address, state)
      }
      return state
    },
    takeConnection: (state, nowMs) =>
      take(state.connections, limits.connectionsPerSecondPerAddress, limits.connectionBurstPerAddress, nowMs),
    takeFrame: (state, nowMs) =>
      take(state.frames, limits.framesPerSecondPerAddress, limits.frameBurstPerAddress, nowMs),
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

/**
 * Every so many blocks with transactions the voters say which state they came to, in a transaction of its own that no
 * machine sees. Blocks of attestations alone do not count, so that an idle section stays idle.
 */
import type { Hash, PeerId } from '../index.ts'
import type { Divergence } from './types.ts'

const key = 'parsec-web/replica'
const hashForm = /^[0-9a-f]{64}$/

/** How many attested states are remembered: attestations come within a few blocks, or from a tab that was asleep. */
const remembered = 8

export interface Attestation {
  readonly name: string
  readonly version: number | string
  readonly height: number
  readonly hash: Hash
}

/** As it is submitted. */
export function attestationValue(attestation: Attestation): unknown {
  return { [key]: attestation }
}

/** Whether it is meant for replicas, well-formed or not. */
export function isAttestation(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
}

/** Null for anything else. Comes from other members: trust nothing. */
export function parseAttestation(value: unknown): Attestation | null {
  if (!isAttestation(value)) return null
  const given = (value as Record<string, unknown>)[key]
  if (typeof given !== 'object' || given === null) return null
  const { name, version, height, hash } = given as Record<string, unknown>
  if (typeof name !== 'string' || typeof hash !== 'string' || !hashForm.test(hash)) return null
  if (typeof version !== 'string' && typeof version !== 'number') return null
  if (typeof height !== 'number' || String(version).length > 64) return null
  return { name, version, height, hash }
}

export interface AttestedStates {
  /** A state that all are to attest. */
  reached(height: number, hash: Hash): void
  /** What a peer attests; ourselves included. Answers what it adds to the divergence at that height, if it does. */
  heard(peer: PeerId, attestation: Attestation): Divergence | null
  /** What is to be said now: the newest state, by voters; and what somebody contradicts, by everybody. Each once. */
  due(isVoter: boolean): readonly Attestation[]
}

interface Attested {
  readonly height: number
  readonly hash: Hash
  readonly agreeing: Set<PeerId>
  readonly differing: Map<PeerId, { readonly peer: PeerId; readonly version: number | string; readonly hash: Hash }>
  isSaid: boolean
}

export function createAttestedStates(self: PeerId, name: string, version: number | string): AttestedStates {
  // Oldest first.
  const states: Attested[] = []

  function heard(peer: PeerId, attestation: Attestation): Divergence | null {
    if (attestation.name !== name) return null
    const state = states.find(({ height }) => height === attestation.height)
    if (!state) return null
    if (peer === self) state.isSaid = true
    if (attestation.hash === state.hash) {
      state.agreeing.add(peer)
      return null
    }
    const known = state.differing.get(peer)
    if (known?.hash === attestation.hash) return null
    state.differing.set(peer, { peer, version: attestation.version, hash: attestation.hash })
    const { height, hash, agreeing, differing } = state
    return { height, hash, agreeing: [...agreeing], differing: [...differing.values()] }
  }

  return {
    reached(height, hash) {
      states.push({ height, hash, agreeing: new Set(), differing: new Map(), isSaid: false })
      if (states.length > remembered) states.shift()
    },
    heard,
    due(isVoter) {
      const newest = states.at(-1)
      const due = states.filter((state) => !state.isSaid && ((isVoter && state === newest) || state.differing.size > 0))
      for (const state of due) state.isSaid = true
      return due.map(({ height, hash }) => ({ name, version, height, hash }))
    },
  }
}

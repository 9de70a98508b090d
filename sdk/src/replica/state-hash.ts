/** The hash by which replicas compare their states: SHA-256 over one text for each state. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hash } from '../index.ts'
import { isContainer } from './freeze.ts'

/** In hexadecimal; of a state that a machine accepts. The order of an object's keys does not count, that of a Map's and a Set's does. */
export function stateHash(state: unknown): Hash {
  return bytesToHex(sha256(utf8ToBytes(canonical(state))))
}

// JSON with more kinds. Strings are quoted, and no two kinds begin alike, so that different states have different texts.
function canonical(state: unknown): string {
  switch (typeof state) {
    case 'string':
      return JSON.stringify(state)
    case 'bigint':
      return `${state}n`
    case 'number':
      return Object.is(state, -0) ? '-0' : String(state)
    case 'object':
      break
    default:
      return String(state)
  }
  if (state === null) return 'null'
  if (state instanceof Map) return `Map[${[...state].map((entry) => entry.map(canonical).join(':'))}]`
  if (state instanceof Set) return `Set[${[...state].map(canonical)}]`
  if (Array.isArray(state)) return `[${Array.from(state, canonical)}]`
  if (!isContainer(state)) throw new TypeError('this is no state')
  const entries = Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`)}}`
}

/** Random values of transactions, and integers out of them. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { RandomValue } from '../index.ts'
import { ReplicaError } from './errors.ts'

const domain = utf8ToBytes('parsec-web/replica: random value of a transaction\0')

/** One for each transaction of a block. Its id was in the block before anybody could know the block's value. */
export function randomnessOf({ value, isFair }: RandomValue, transactionId: string): RandomValue {
  const bytes = sha256(concatBytes(domain, hexToBytes(value), utf8ToBytes(transactionId)))
  return { value: bytesToHex(bytes), isFair }
}

const drawn = 2 ** 48

/**
 * A source of integers from 0 up to, but not including, `below`, each as likely as any other; the same from equal values.
 * Throws `ReplicaError` `badOptions` unless `below` is an integer from 1 to 2⁴⁸.
 */
export function integersFrom({ value }: Pick<RandomValue, 'value'>): (below: number) => number {
  const seed = hexToBytes(value)
  let block = 0
  let bytes = new Uint8Array()
  const next = () => {
    if (bytes.length < 6) {
      const counter = new Uint8Array(4)
      new DataView(counter.buffer).setUint32(0, block++)
      bytes = sha256(concatBytes(seed, counter))
    }
    const number = bytes.subarray(0, 6).reduce((sum, byte) => sum * 256 + byte, 0)
    bytes = bytes.subarray(6)
    return number
  }
  return (below) => {
    if (!Number.isSafeInteger(below) || below < 1 || below > drawn) {
      throw new ReplicaError('badOptions', 'below: an integer from 1 to 2^48')
    }
    // Beyond the last whole multiple the small numbers would come up more often.
    const fair = drawn - (drawn % below)
    for (;;) {
      const number = next()
      if (number < fair) return number % below
    }
  }
}

/** Whose address a request came from. Imports Node only. */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Which hops' `X-Forwarded-For` is believed. */
export type TrustedProxies = BlockList

/** Addresses and CIDR ranges; null if an entry is neither. */
export const parseTrustedProxies = (entries: readonly string[]): TrustedProxies | null => {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix, ...rest] = entry.split('/')
    const version = isIP(address)
    const bits = prefix === undefined ? (version === 4 ? 32 : 128) : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (version === 0 || rest.length > 0 || bits < 0 || bits > (version === 4 ? 32 : 128)) return null
    list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

/**
 * The right-most address of the chain `X-Forwarded-For, peer` that is no trusted proxy: everything to its left was
 * written by somebody who is not trusted.
 */
export const clientAddress = (request: IncomingMessage, trusted: TrustedProxies): string => {
  let address = plainAddress(request.socket.remoteAddress ?? '')
  const header = request.headers['x-forwarded-for']
  if (header === undefined) return address
  const hops = (Array.isArray(header) ? header.join(',') : header).split(',')
  while (hops.length > 0 && isTrusted(address, trusted)) {
    const hop = plainAddress(hops.pop()?.trim() ?? '')
    if (isIP(hop) === 0) break
    address = hop
  }
  return address
}

const isTrusted = (address: string, trusted: TrustedProxies): boolean => {
  const version = isIP(address)
  return version !== 0 && trusted.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

const mappedPrefix = '::ffff:'

/** IPv4 as IPv4, wherever it came in from. */
export const plainAddress = (address: string): string => {
  // Every connection passes here: most are told apart by one character.
  if (!address.startsWith(':')) return address
  const mapped = address.slice(mappedPrefix.length)
  return isIP(mapped) === 4 && address.slice(0, mappedPrefix.length).toLowerCase() === mappedPrefix ? mapped : address
}

/**
 * What is limited as one: an IPv4 address, or the /64 of an IPv6 address, all of which one customer usually holds
 * (RFC 6177).
 */
export const limitedAs = (address: string): string => {
  if (!address.includes(':') || isIP(address) !== 6) return address
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const zeros = address.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0
  const groups = [...left, ...new Array<string>(zeros).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

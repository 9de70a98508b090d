import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress, limitedAs, parseTrustedProxies } from './address.ts'

const request = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

const from = (remoteAddress: string, forwarded: string | undefined, trusted: string[]) => {
  const list = parseTrustedProxies(trusted)
  if (!list) throw new Error('bad list')
  return clientAddress(request(remoteAddress, forwarded), list)
}

test('X-Forwarded-For of a peer that is no trusted proxy counts for nothing', () => {
  expect(from('203.0.113.9', '198.51.100.1', [])).toBe('203.0.113.9')
  expect(from('203.0.113.9', '198.51.100.1', ['10.0.0.0/8'])).toBe('203.0.113.9')
})

test('behind trusted proxies the right-most address that is none of them counts', () => {
  expect(from('10.0.0.1', '198.51.100.1', ['10.0.0.0/8'])).toBe('198.51.100.1')
  expect(from('10.0.0.1', '6.6.6.6, 198.51.100.1, 10.0.0.2', ['10.0.0.0/8'])).toBe('198.51.100.1')
  expect(from('::ffff:10.0.0.1', '2001:db8::7', ['10.0.0.0/8'])).toBe('2001:db8::7')
})

test('a trusted proxy that forwards nothing sensible is the client itself', () => {
  expect(from('10.0.0.1', undefined, ['10.0.0.1'])).toBe('10.0.0.1')
  expect(from('10.0.0.1', 'unknown', ['10.0.0.1'])).toBe('10.0.0.1')
})

test.each(['10.0.0.0/33', '10.0.0', 'proxy', '10.0.0.0/8/8', '10.0.0.0/', '::/129', '10.0.0.0/-1'])(
  'refuses %s as a proxy',
  (entry) => {
    expect(parseTrustedProxies([entry])).toBeNull()
  },
)

test('IPv6 is limited by /64, however the address is written', () => {
  expect(limitedAs('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(limitedAs('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64')
  expect(limitedAs('2001:0db8:1:2::')).toBe('2001:db8:1:2::/64')
  expect(limitedAs('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(limitedAs('::1')).toBe('0:0:0:0::/64')
  expect(limitedAs('192.0.2.1')).toBe('192.0.2.1')
})

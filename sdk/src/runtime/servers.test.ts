import { expect, test } from 'vitest'
import type { SignalingState } from '../transport/port.ts'
import { createServers } from './servers.ts'

const server: SignalingState = { kind: 'server', url: 'ws://one', connected: true }
const lost: SignalingState = { ...server, connected: false }
const browser: SignalingState = { kind: 'browser', url: 'browser:', connected: true }

test('a browser does not stand in for a server that is away: those elsewhere are not heard', () => {
  const servers = createServers(false)
  servers.report(browser, 1)
  servers.report(lost, 2)
  expect(servers).toMatchObject({ isConnected: false, connectedAtMs: null })
  servers.report(server, 3)
  expect(servers).toMatchObject({ isConnected: true, connectedAtMs: 3 })
  servers.report(lost, 4)
  expect(servers).toMatchObject({ isConnected: false, connectedAtMs: 3 })
})

test('where no server was given the browser is all that there is', () => {
  const servers = createServers(true)
  expect(servers).toMatchObject({ isConnected: false, connectedAtMs: null, clients: null })
  servers.report(browser, 1)
  expect(servers).toMatchObject({ isConnected: true, connectedAtMs: 1, clients: null })
  servers.report({ ...browser, clients: 1 }, 2)
  expect(servers.clients).toBe(1)
})

test('of several that count, the one that knows of most is believed', () => {
  const servers = createServers(false)
  servers.report({ ...server, clients: 3 }, 1)
  servers.report({ ...browser, clients: 1 }, 1)
  expect(servers.clients).toBe(3)
  servers.report({ ...browser, unreadable: true }, 2)
  expect(servers.isUnreadable).toBe(true)
})

import { expect, test } from 'vitest'
import { isLocalAddress, joinLink, type Place, placeOf } from './address.ts'

const plain = { invitation: null, password: null, admission: 'open', worker: true } as const

test('without parameters there is a usual room at the usual server', () => {
  expect(placeOf('http://localhost:5173/')).toEqual({ ...plain, room: 'tea-club', signaling: ['ws://localhost:4444'] })
})

test('the usual server is on the machine that the page comes from', () => {
  expect(placeOf('http://192.168.1.5:5173/').signaling).toEqual(['ws://192.168.1.5:4444'])
})

test('an address of this machine leads nobody else to it', () => {
  const addresses = ['http://localhost/', 'http://127.0.0.1:1/', 'http://[::1]/', 'http://10.0.0.1/', 'https://a.org/']
  expect(addresses.map(isLocalAddress)).toEqual([true, true, true, false, false])
})

test('room and server are read from the query or from behind the #', () => {
  expect(placeOf('http://a/?room=tea&signaling=ws://b:1').signaling).toEqual(['ws://b:1'])
  expect(placeOf('http://a/?room=tea#room=hidden').room).toBe('hidden')
})

test('the section runs on the page where the address says so', () => {
  expect(placeOf('http://a/?worker=no').worker).toBe(false)
})

test('a join link leads to the same place', () => {
  const place: Place = {
    ...plain,
    ...{ room: 'tea & cake #1', signaling: ['ws://b:1', 'wss://c'], invitation: 'a+b/c=' },
    ...{ password: 'open, sesame', admission: 'invitation' },
  }
  expect(placeOf(joinLink('http://a/x?junk=1#old', place))).toEqual(place)
})

test('a join link says no more than it must', () => {
  const place = { ...plain, room: 'tea', signaling: ['ws://a:4444'] }
  expect(joinLink('http://a/?room=tea&x=1#y', place)).toBe('http://a/?room=tea')
})

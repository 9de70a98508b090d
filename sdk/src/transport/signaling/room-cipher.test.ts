import { expect, it } from 'vitest'
import { createRoomCipher } from './room-cipher.ts'

/** y-webrtc's own code, which it does not export. */
const { decryptJson, deriveKey, encryptJson } = (await import(
  new URL('../../../../node_modules/y-webrtc/src/crypto.js', import.meta.url).href
)) as {
  deriveKey(secret: string, room: string): Promise<CryptoKey>
  encryptJson(value: object, key: CryptoKey): Promise<Uint8Array>
  decryptJson(bytes: Uint8Array, key: CryptoKey): Promise<unknown>
}

const value = { type: 'announce', from: 'me', n: 3, nested: { list: [1, 'two', null], yes: true } }
const toBase64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

it('reads what y-webrtc writes, and is read by it', async () => {
  const cipher = await createRoomCipher('secret', 'room')
  const key = await deriveKey('secret', 'room')
  expect(await cipher.decrypt(toBase64(await encryptJson(value, key)))).toEqual(value)
  expect(await decryptJson(fromBase64(await cipher.encrypt(value)), key)).toEqual(value)
})

it('opens nothing that another password or another room has closed', async () => {
  const cipher = await createRoomCipher('secret', 'room')
  for (const [password, room] of [
    ['Secret', 'room'],
    ['secret', 'Room'],
  ] as const) {
    const other = await createRoomCipher(password, room)
    expect(await cipher.decrypt(await other.encrypt(value))).toBeNull()
  }
})

it('takes what is no message of the room for nothing', async () => {
  const cipher = await createRoomCipher('secret', 'room')
  const good = fromBase64(await cipher.encrypt(value))
  const flipped = good.slice()
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  const bad = [
    '',
    '%',
    btoa('x'),
    toBase64(flipped),
    toBase64(good.subarray(0, 20)),
    toBase64(Uint8Array.of(...good, 0)),
  ]
  for (const text of bad) expect(await cipher.decrypt(text)).toBeNull()
})

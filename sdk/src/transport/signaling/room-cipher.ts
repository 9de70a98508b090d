/**
 * The room password as y-webrtc uses it: AES-256-GCM under PBKDF2-SHA-256 (100,000 rounds, salt = room name) over
 * lib0's encoding of the JSON value, then base64. It keeps the signaling server and strangers from reading
 * descriptions; who a peer is, the handshake proves.
 */
import { createDecoder, hasContent, readAny, readVarString, readVarUint8Array } from 'lib0/decoding'
import {
  type AnyEncodable,
  createEncoder,
  toUint8Array,
  writeAny,
  writeVarString,
  writeVarUint8Array,
} from 'lib0/encoding'

const ALGORITHM = 'AES-GCM'
const ROUNDS = 100_000
const IV_BYTES = 12

export interface RoomCipher {
  /** `value` is plain JSON. */
  encrypt(value: object): Promise<string>
  /** Null when the text was not made with this password, or holds nothing readable. */
  decrypt(text: string): Promise<unknown>
}

/** Rejects where WebCrypto is missing: pages that are not served securely have none. */
export const createRoomCipher = async (password: string, room: string): Promise<RoomCipher> => {
  const utf8 = new TextEncoder()
  const material = await crypto.subtle.importKey('raw', utf8.encode(password), 'PBKDF2', false, ['deriveKey'])
  const key = await crypto.subtle.deriveKey(
    { name: 'PBKDF2', salt: utf8.encode(room), iterations: ROUNDS, hash: 'SHA-256' },
    material,
    { name: ALGORITHM, length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
  return {
    encrypt: async (value) => {
      const plain = createEncoder()
      writeAny(plain, value as AnyEncodable)
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const sealed = await crypto.subtle.encrypt({ name: ALGORITHM, iv }, key, owned(toUint8Array(plain)))
      const encoder = createEncoder()
      writeVarString(encoder, ALGORITHM)
      writeVarUint8Array(encoder, iv)
      writeVarUint8Array(encoder, new Uint8Array(sealed))
      return toBase64(toUint8Array(encoder))
    },
    decrypt: async (text) => {
      try {
        const decoder = createDecoder(fromBase64(text))
        if (readVarString(decoder) !== ALGORITHM) return null
        const iv = owned(readVarUint8Array(decoder))
        const sealed = owned(readVarUint8Array(decoder))
        if (hasContent(decoder)) return null
        const plain = await crypto.subtle.decrypt({ name: ALGORITHM, iv }, key, sealed)
        return readAny(createDecoder(new Uint8Array(plain))) as unknown
      } catch {
        return null
      }
    },
  }
}

/** WebCrypto takes no view of memory that might be shared. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

/**
 * Every signal is signed by its author. Servers, and others in the room, could otherwise break connections by slipping
 * in a description or a candidate; a signed one can only hurt its author's own connection.
 */
import type { PeerId } from '../../core/gossip/event.ts'
import type { SignalingMessage } from './messages.ts'

export type SignalMessage = Extract<SignalingMessage, { type: 'signal' }>
export type SignalContent = Omit<SignalMessage, 'proof'>

export interface SignedSignals {
  /** Signs and hands over in the order of the calls: an ICE candidate must not overtake its description. */
  seal(content: SignalContent, then: (message: SignalMessage) => void): void
  /** Hands over in the order of the calls, if the signature is good. False: too many are being verified. */
  open(message: SignalMessage, then: (message: SignalMessage) => void): boolean
}

export interface SignedSignalsOptions {
  sign(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
  verify(peer: PeerId, signature: Uint8Array, message: Uint8Array<ArrayBuffer>): Promise<boolean>
  forged(message: SignalMessage): void
}

const DOMAIN_TAG = 'parsec-web/signal/1'
const MAX_VERIFYING = 512

export const createSignedSignals = (options: SignedSignalsOptions): SignedSignals => {
  let outbox = Promise.resolve()
  let inbox = Promise.resolve()
  let verifying = 0
  return {
    seal: (content, then) => {
      const signing = options.sign(bytesOf(content)).then(toHex)
      // Without a signature there is no signal; the attempt runs into its timeout.
      const sealed = signing.catch(() => null)
      outbox = outbox.then(async () => {
        const proof = await sealed
        if (proof !== null) then({ ...content, proof })
      })
    },
    open: (message, then) => {
      if (verifying >= MAX_VERIFYING) return false
      verifying += 1
      const valid = options.verify(message.from, fromHex(message.proof), bytesOf(message)).catch(() => false)
      inbox = inbox.then(async () => {
        const good = await valid
        verifying -= 1
        if (good) then(message)
        else options.forged(message)
      })
      return true
    },
  }
}

/** Both sides write the fields in this order; the parser leaves nothing else in `signal`. */
const bytesOf = ({ from, session, to, toSession, link, n, signal }: SignalContent): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify([DOMAIN_TAG, from, session, to, toSession, link, n, signal]))

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))

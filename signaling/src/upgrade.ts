/** The door: which handshakes become sockets. Imports access, addresses and refusals. */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Access, isAllowedOrigin, isAuthorized } from './access.ts'
import type { Addresses, AddressState } from './addresses.ts'
import type { Limits } from './limits.ts'
import { type RefusalCode, refusals } from './refusals.ts'

export interface DoorContext {
  readonly access: Access
  readonly addresses: Addresses
  readonly limits: Limits
  isDraining(): boolean
  sockets(): number
}

/** Null if the handshake may go on. The cheap reasons come first. */
export const refusalOf = (
  request: IncomingMessage,
  state: AddressState,
  context: DoorContext,
  nowMs: number,
): RefusalCode | null => {
  if (context.isDraining()) return 'draining'
  if (!context.addresses.takeConnection(state, nowMs)) return 'tooManyConnections'
  if (context.sockets() >= context.limits.sockets) return 'full'
  if (state.sockets >= context.limits.socketsPerAddress) return 'tooManySockets'
  if (!isAllowedOrigin(request, context.access)) return 'notAllowedOrigin'
  if (!isAuthorized(request, context.access)) return 'unauthorized'
  return null
}

/** Before there is a WebSocket, the answer is an HTTP response. */
export const refuseUpgrade = (socket: Duplex, code: RefusalCode): void => {
  const { httpStatus, reason } = refusals[code]
  const lines = [
    `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus] ?? ''}`,
    'connection: close',
    'content-type: text/plain',
    `content-length: ${Buffer.byteLength(reason)}`,
    ...(httpStatus === 429 || httpStatus === 503 ? ['retry-after: 5'] : []),
  ]
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  if (!socket.writable) return void socket.destroy()
  socket.end(`${lines.join('\r\n')}\r\n\r\n${reason}`)
}

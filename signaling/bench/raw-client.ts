/** A WebSocket client that does as little as possible, so that the server is what is measured. Imports Node only. */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

export interface RawClient {
  send(text: string): void
  close(): void
}

/** Rejects unless the server switches protocols. Frames are given as they come; pings are not answered. */
export const connectRaw = (port: number, received: (payload: Buffer) => void): Promise<RawClient> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => socket.write(handshake()))
    socket.once('data', (head) => {
      if (!head.toString('latin1').startsWith('HTTP/1.1 101')) return reject(new Error('no WebSocket'))
      readFrames(socket, received)
      resolve({ send: (text) => void socket.write(encode(text)), close: () => socket.destroy() })
    })
  })

const handshake = (): string =>
  `GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`

/** Text of less than 65,536 bytes under the zero mask. */
const encode = (text: string): Buffer => {
  const length = Buffer.byteLength(text)
  const headLength = length < 126 ? 2 : 4
  const frame = Buffer.alloc(headLength + 4 + length)
  frame[0] = 0x81
  frame[1] = 0x80 | Math.min(length, 126)
  if (length >= 126) frame.writeUInt16BE(length, 2)
  frame.write(text, headLength + 4)
  return frame
}

const readFrames = (socket: Socket, received: (payload: Buffer) => void): void => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      const short = (bytes[1] ?? 0) & 0x7f
      const headLength = short === 126 ? 4 : 2
      if (bytes.length < headLength) break
      const end = headLength + (short === 126 ? bytes.readUInt16BE(2) : short)
      if (bytes.length < end) break
      if (bytes[0] === 0x81) received(bytes.subarray(headLength, end))
      bytes = bytes.subarray(end)
    }
    rest = bytes
  })
}

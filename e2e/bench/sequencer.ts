/**
 * The central server that is compared with: gives each payment a number and sends it to everybody, what arrived in one turn of the
 * event loop in one message. Keeps nothing. A process of its own, which tells its parent its port, and whenever it is asked
 * how many bytes it has sent and received.
 */
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'

/** First the port, then one answer to every message. */
export type FromSequencer = { readonly port: number } | { readonly bytes: number }

const tell = (message: FromSequencer) => process.send?.(message)
const server = new WebSocketServer({ port: 0, host: 'localhost' })
const connections: Socket[] = []
let ordered = 0
let arrived: unknown[] = []

server.on('listening', () => tell({ port: (server.address() as AddressInfo).port }))
server.on('connection', (socket, request) => {
  connections.push(request.socket)
  socket.on('message', (data) => {
    if (arrived.length === 0) setImmediate(broadcast)
    arrived.push(...(JSON.parse(String(data)) as unknown[]))
  })
})
process.on('message', () => {
  tell({ bytes: connections.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0) })
})
process.on('disconnect', () => process.exit())

function broadcast(): void {
  const message = JSON.stringify({ number: ordered, payments: arrived })
  ordered += arrived.length
  arrived = []
  for (const socket of server.clients) socket.send(message)
}

/** Many sockets that send anything, beside two that behave. Imports the public API, the frames and Node. */
import { connect as connectTcp, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type SignalingServer, startSignalingServer } from '../src/index.ts'
import { connect, subscribe } from './client.ts'
import { createRandom, handshake, type Random, randomFrames } from './fuzz-frames.ts'

export interface FuzzOptions {
  readonly seed: number
  readonly frames: number
  readonly sockets: number
}

export interface FuzzResult {
  readonly framesSent: number
  readonly handshakes: number
  /** Messages of one well-behaved client to the other: sent, and received in order. */
  readonly pairSent: number
  readonly pairReceived: number
  readonly missedMessage: string | null
  /** What is left at the end beside the pair. */
  readonly metrics: Record<string, number>
  readonly heapGrowthBytes: number
  readonly seconds: number
}

const batchMax = 40

/** The rates are lifted: they would keep most of the frames away from the code under test. */
const limits = {
  framesPerSecondPerSocket: 1e9,
  frameBurstPerSocket: 1e9,
  framesPerSecondPerAddress: 1e9,
  frameBurstPerAddress: 1e9,
  connectionsPerSecondPerAddress: 1e9,
  connectionBurstPerAddress: 1e9,
}

export const fuzz = async ({ seed, frames, sockets }: FuzzOptions): Promise<FuzzResult> => {
  const startedMs = performance.now()
  const server = await startSignalingServer({ port: 0, host: '127.0.0.1', limits })
  const pair = await openPair(server)
  const counts = { frames: 0, handshakes: 0 }
  let heapBefore = 0
  const attackers = Array.from({ length: sockets }, (_, index) =>
    attack(
      server.port,
      createRandom(seed * 1_000 + index),
      () => {
        if (counts.frames >= frames) return false
        // What a warm server keeps for good is no leak.
        if (heapBefore === 0 && counts.frames >= frames / 4) heapBefore = heapUsed()
        // One message beside every hostile connection.
        pair.exchange()
        return true
      },
      counts,
    ),
  )
  await Promise.all(attackers)
  const pairResult = await pair.finish()
  const metrics = await readMetrics(server, ['sockets', 'topics', 'frames_total', 'publishes_total'])
  const heapGrowthBytes = heapUsed() - heapBefore
  pair.close()
  await server.close()
  return {
    framesSent: counts.frames,
    handshakes: counts.handshakes,
    ...pairResult,
    metrics,
    heapGrowthBytes,
    seconds: (performance.now() - startedMs) / 1_000,
  }
}

/** One attacker: one connection after another until `mayGoOn` says no. */
const attack = async (
  port: number,
  random: Random,
  mayGoOn: () => boolean,
  counts: { frames: number; handshakes: number },
): Promise<void> => {
  while (mayGoOn()) {
    const socket = await open(port)
    counts.handshakes++
    // One in fifty does not read.
    if (random.int(50) === 0) socket.pause()
    else socket.resume()
    const frames = randomFrames(random)
    while (frames.length > 0 && !socket.destroyed) {
      const batch = frames.splice(0, 1 + random.int(batchMax))
      counts.frames += batch.length
      await write(socket, Buffer.concat(batch))
    }
    socket.end()
  }
}

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(handshake()))
    socket.once('error', reject)
    socket.once('data', () => {
      socket.off('error', reject)
      // The server may close at any moment, also in the middle of a write.
      socket.on('error', () => socket.destroy())
      socket.on('end', () => socket.destroy())
      resolve(socket)
    })
  })

/** Resolves when the kernel took the bytes or the socket is gone, and the server had its turn. */
const write = (socket: Socket, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), 1_000)
    const done = () => {
      clearTimeout(timer)
      socket.off('close', done)
      setImmediate(resolve)
    }
    socket.once('close', done)
    socket.write(bytes, done)
  })

interface Pair {
  exchange(): void
  finish(): Promise<{ pairSent: number; pairReceived: number; missedMessage: string | null }>
  close(): void
}

/** Alice publishes numbers, Bob checks that every one of them arrives, in order. */
const openPair = async (server: SignalingServer): Promise<Pair> => {
  const [alice, bob] = await Promise.all([connect(server.url), connect(server.url)])
  await subscribe(bob, 'well-behaved')
  let pairSent = 0
  let pairReceived = 0
  let missedMessage: string | null = null
  const lost = (who: string) => (event: { code: number; reason: string }) => {
    missedMessage ??= `${who} was closed with ${event.code} ${event.reason}`
  }
  void alice.closed.then(lost('alice'))
  void bob.closed.then(lost('bob'))
  bob.socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { type: string; n?: number }
    if (message.type !== 'publish') return
    if (message.n !== pairReceived) missedMessage ??= `got ${message.n} instead of ${pairReceived}`
    pairReceived++
  })
  return {
    exchange: () => alice.send({ type: 'publish', topic: 'well-behaved', n: pairSent++ }),
    async finish() {
      await alice.flush()
      await bob.flush()
      return { pairSent, pairReceived, missedMessage }
    },
    close() {
      alice.socket.terminate()
      bob.socket.terminate()
    },
  }
}

/** Waits until the sockets of the attackers are gone. */
const readMetrics = async (server: SignalingServer, names: readonly string[]): Promise<Record<string, number>> => {
  const read = async (): Promise<Record<string, number>> => {
    const text = await (await fetch(`${server.url.replace('ws', 'http')}/metrics`)).text()
    return Object.fromEntries(
      names.map((name) => [name, Number(new RegExp(`^parsec_signaling_${name} (\\S+)$`, 'm').exec(text)?.[1])]),
    )
  }
  for (let tries = 0; ; tries++) {
    const metrics = await read()
    if (metrics['sockets'] === 2 || tries > 100) return metrics
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const heapUsed = (): number => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

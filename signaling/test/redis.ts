/** A Redis server of the test's own, on a free loopback port. Imports Node only. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

export interface RedisServer {
  readonly url: string
  /** Starts it again on the same port; it remembers nothing. */
  start(): Promise<void>
  /** At once, as a crash. */
  kill(): Promise<void>
  /** Keeps its connections and answers nothing. */
  freeze(): void
  thaw(): void
}

/** False, with a line that says so, where there is none. */
export const hasRedis = (): boolean => {
  const { status } = spawnSync('redis-server', ['--version'])
  if (status !== 0)
    console.log('SKIPPED: the tests with a real Redis need redis-server (Debian: apt install redis-server)')
  return status === 0
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.destroy())
    socket.once('error', () => resolve(false))
    socket.once('close', (hadError) => resolve(!hadError))
  })

export const createRedis = async (): Promise<RedisServer> => {
  const port = await freePort()
  let child: ChildProcess | null = null
  const redis: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const args = [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        tmpdir(),
      ]
      child = spawn('redis-server', args, { stdio: 'ignore' })
      while (!(await isListening(port))) await delay(20)
    },
    async kill() {
      const killed = child
      child = null
      if (!killed) return
      const exited = new Promise((resolve) => killed.once('exit', resolve))
      killed.kill('SIGKILL')
      await exited
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  }
  await redis.start()
  return redis
}

/** The servers that are compared, each as a fresh process. Imports Node only. */
import { type ChildProcess, fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type SubjectName = 'parsec-web-signaling' | 'y-webrtc'

export interface Usage {
  /** After a garbage collection. */
  readonly rssBytes: number
  readonly heapBytes: number
  /** Processor time so far, before that collection and with it: it is no work of the server's. */
  readonly cpuMs: number
  readonly cpuMsCollected: number
}

export interface Subject {
  readonly port: number
  usage(): Promise<Usage>
  stop(): Promise<void>
}

/** Loaded into both servers; neither is changed. */
const probe = `
const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
process.on('message', () => {
  const before = cpuMs()
  globalThis.gc()
  globalThis.gc()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send({ rssBytes: rss, heapBytes: heapUsed + external, cpuMs: before, cpuMsCollected: cpuMs() })
})`

const unlimited = [
  'max-frame-rate',
  'max-frame-burst',
  'max-address-frame-rate',
  'max-address-frame-burst',
  'max-address-rate',
  'max-address-burst',
  'max-address-sockets',
].flatMap((name) => [`--${name}`, '1000000000'])

export const startSubject = async (name: SubjectName, port: number): Promise<Subject> => {
  const isOurs = name === 'parsec-web-signaling'
  const script = isOurs ? fileURLToPath(new URL('../bin/parsec-web-signaling.js', import.meta.url)) : stockServer()
  // Both listen on every address: the other one cannot be told.
  const child = fork(script, isOurs ? ['--port', String(port), ...unlimited] : [], {
    env: { ...process.env, PORT: String(port) },
    // Without the loader that this program itself may run under.
    execArgv: ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(probe)}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await answers(port, child)
  return {
    port,
    usage: () =>
      new Promise((resolve) => {
        child.once('message', (usage) => resolve(usage as Usage))
        child.send('usage')
      }),
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Its bin is no export of the package, but stands beside its main file's folder. */
const stockServer = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('y-webrtc')), '..', 'bin', 'server.js')

const answers = async (port: number, child: ChildProcess): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`)
      if ((await response.text()) === 'okay') return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

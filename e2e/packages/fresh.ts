/** Folders outside of the repository in which the packages are installed from their tarballs, as users install them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

/** Who is asked whether a missing program may be installed says yes. */
const env = { ...process.env, npm_config_yes: 'true' }
const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Fresh {
  readonly folder: string
  /** Paths of the tarballs by package name. */
  readonly tarballs: ReadonlyMap<string, string>
  /** Runs a program to its end, in this folder or one below; throws with its output if it fails. */
  run(folder: string, program: string, ...parameters: string[]): string
  /** Starts a program that stays; resolves with the first match in its output. */
  start(folder: string, pattern: RegExp, program: string, ...parameters: string[]): Promise<string>
  /** Ends what was started and removes the folder. */
  remove(): void
}

export function createFresh(): Fresh {
  const folder = mkdtempSync(join(tmpdir(), 'parsec-web-fresh-'))
  const started: ChildProcess[] = []
  const run: Fresh['run'] = (cwd, program, ...parameters) => {
    try {
      return execFileSync(program, parameters, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string }
      throw new Error(`${program} ${parameters.join(' ')}: ${stdout}${stderr}`, { cause: error })
    }
  }
  run(root, 'npm', 'run', 'build')
  run(
    root,
    'npm',
    'pack',
    '--ignore-scripts',
    '-w',
    'sdk',
    '-w',
    'signaling',
    '-w',
    'peer',
    '--pack-destination',
    folder,
  )
  const tarballs = new Map(readdirSync(folder).map((name) => [name.replace(/-\d.*$/, ''), join(folder, name)] as const))

  return {
    folder,
    tarballs,
    run,
    start(cwd, pattern, program, ...parameters) {
      // A group of its own, so that what it starts ends with it.
      const child = spawn(program, parameters, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
      started.push(child)
      return new Promise((resolve, reject) => {
        let output = ''
        const read = (chunk: Buffer) => {
          output += chunk.toString()
          const match = pattern.exec(stripVTControlCharacters(output))
          if (match) resolve(match[0])
        }
        child.stdout?.on('data', read)
        child.stderr?.on('data', read)
        child.on('error', reject)
        child.on('exit', () => reject(new Error(`${program} ${parameters.join(' ')} ended: ${output}`)))
      })
    },
    remove() {
      for (const { pid, exitCode } of started) if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, 'localhost', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

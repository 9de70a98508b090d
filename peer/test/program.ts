/** The program as a process of its own, from its sources. */
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** One line of the log. */
export type Line = Readonly<Record<string, unknown>>

export interface Program {
  readonly child: ChildProcess
  /** What it has logged so far. */
  readonly lines: readonly Line[]
  /** The first line, logged already or to come, that has these fields. Rejects when the program ends before. */
  line(fields: Line): Promise<Line>
  /** Address of its health output. */
  health(): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>
}

const tsconfig = fileURLToPath(new URL('../../tsconfig.tools.json', import.meta.url))
const main = new URL('../src/cli/main.ts', import.meta.url).href

export function startProgram(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Program {
  const program = `import { run } from ${JSON.stringify(main)}; await run(${JSON.stringify(args)})`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    env: { ...process.env, ...environment, TSX_TSCONFIG_PATH: tsconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: Line[] = []
  let errors = ''
  let isOver = false
  const news = new EventEmitter()
  createInterface(child.stdout).on('line', (text) => {
    lines.push(JSON.parse(text))
    news.emit('news')
  })
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) => {
    child.on('close', (code) => {
      isOver = true
      resolve({ code, errors })
      news.emit('news')
    })
  })
  const line = async (fields: Line): Promise<Line> => {
    for (let seen = 0; ; ) {
      for (; seen < lines.length; seen++) {
        const candidate = lines[seen] ?? {}
        if (Object.entries(fields).every(([name, value]) => candidate[name] === value)) return candidate
      }
      if (isOver) throw new Error(`the program ended without ${JSON.stringify(fields)}: ${errors}`)
      await once(news, 'news')
    }
  }
  return {
    child,
    lines,
    line,
    async health() {
      const { host, port } = await line({ msg: 'health output' })
      return `http://${host}:${port}`
    },
    kill: (signal) => void child.kill(signal),
    ended,
  }
}

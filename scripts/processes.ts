/** Child processes that end with us. Imports Node only. */
import { type ChildProcess, spawn } from 'node:child_process'

export interface Run {
  /** Exit code; null when the process was killed or could not be started. */
  readonly code: number | null
  /** What it printed on its standard output. */
  readonly output: string
}

/**
 * Runs Node on `command`, showing its output as it comes. After `limitMs` it is killed. Whatever it has started in its
 * process group is gone when the promise resolves.
 */
export async function runNode(command: readonly string[], limitMs: number): Promise<Run> {
  return run(process.execPath, command, limitMs)
}

/** As `runNode`, for any program; one that cannot be started has the code null. */
export async function run(program: string, parameters: readonly string[], limitMs: number): Promise<Run> {
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const killGroup = () => kill(child)
  process.once('exit', killGroup)
  const timer = setTimeout(() => {
    console.error(`${parameters.join(' ')}: stopped after ${limitMs / 1000} s`)
    killGroup()
  }, limitMs)
  try {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      process.stdout.write(chunk)
    })
    child.stderr.pipe(process.stderr, { end: false })
    const code = await new Promise<number | null>((resolve) => {
      child.on('close', resolve).on('error', (error) => {
        console.error(error.message)
        resolve(null)
      })
    })
    return { code, output }
  } finally {
    clearTimeout(timer)
    process.off('exit', killGroup)
    killGroup()
  }
}

/** The child leads a group of its own: the group's number is the child's. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is empty already, or the platform has none.
    child.kill('SIGKILL')
  }
}

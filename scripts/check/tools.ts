/** Checks that a tool of its own makes: TypeScript's compiler and biome. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
const biome = join(dirname(require.resolve('@biomejs/biome/package.json')), 'bin/biome')

/** Strict types of everything: what is published, each with only the platform it may know, then tools and tests. */
export function checkTypes(root: string): Promise<string[]> {
  return complaints(root, [tsc, '--build'])
}

/** Lint and format. */
export function checkLint(root: string): Promise<string[]> {
  return complaints(root, [biome, 'check', '--max-diagnostics=none', '--error-on-warnings', '.'])
}

/** As `checkLint`, in a folder that is no git repository. */
export function checkLintOutsideGit(root: string): Promise<string[]> {
  return complaints(root, [biome, 'check', '--vcs-enabled=false', '--max-diagnostics=none', '--error-on-warnings', '.'])
}

async function complaints(root: string, command: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  if (code === 0) return []
  return [text.trim() || `${command[0]} ended with code ${code}`]
}

/**
 * `parsec-web peer`: the headless peer is the package `parsec-web-peer`, for whoever builds a page with parsec-web needs
 * neither its native WebRTC stack nor its database.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageVersion } from './package-version.ts'
import { CommandError, type Subcommand } from './subcommand.ts'

const packageName = 'parsec-web-peer'

export const peer: Subcommand = {
  name: 'peer',
  summary: 'keeps a section alive as a member and voter, without a browser',
  async run(args) {
    const program = resolveFrom(import.meta.url) ?? fetchProgram(process.env)
    const { run } = (await import(pathToFileURL(program).href)) as { run(args: readonly string[]): Promise<void> }
    await run(args)
  },
}

/** Where a module beside this one, or beside `place`, finds the program; null where it does not. */
function resolveFrom(place: string | URL): string | null {
  try {
    return createRequire(place).resolve(`${packageName}/cli`)
  } catch {
    return null
  }
}

/**
 * Who runs `npx parsec-web` has asked npm to fetch what is missing, so npm fetches this as well, of the same version, and
 * keeps it in its cache. Everybody else decides for themselves. Throws `CommandError`.
 */
export function fetchProgram({ npm_command: command, npm_execpath: npm }: NodeJS.ProcessEnv): string {
  const wanted = `${packageName}@${packageVersion()}`
  if (command !== 'exec' || !npm) {
    throw new CommandError(`the headless peer is a package of its own: npm install ${wanted}`)
  }
  const parameters = [npm, 'exec', '--yes', `--package=${wanted}`, '--call', 'node -p process.env.PATH']
  const { status, stdout } = spawnSync(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  // npm puts the folder of the package's programs first.
  const folders = status === 0 ? String(stdout).trim().split(delimiter) : []
  const programs = folders.find((folder) => existsSync(join(folder, packageName)))
  const found = programs === undefined ? null : resolveFrom(join(dirname(programs), 'parsec-web-peer', 'package.json'))
  if (found === null) throw new CommandError(`npm could not fetch ${wanted}`)
  return found
}

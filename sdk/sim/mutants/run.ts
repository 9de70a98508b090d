/**
 * Shows that the checkers bite: plants each deliberate bug in a copy of the sources and looks for the first seed that
 * finds it. The copy lies in the system's temporary directory and is removed afterwards.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Mutant, mutants } from './list.ts'

const run = promisify(execFile)
const sdk = fileURLToPath(new URL('../../', import.meta.url))
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

interface Killed {
  readonly seed: string
  readonly checker: string
}

/** Prints one line per mutant; 0 when every one of them was found. */
export async function runMutants(seeds: number, only: string): Promise<number> {
  let survivors = 0
  const planted = mutants.filter(({ name }) => name.includes(only))
  for (const mutant of planted) {
    const killed = await plant(mutant, seeds)
    if (killed === null) survivors++
    console.log(`${mutant.name.padEnd(56)} ${killed === null ? 'SURVIVED' : `seed ${killed.seed}: ${killed.checker}`}`)
  }
  console.log(`${planted.length - survivors} of ${planted.length} found`)
  return survivors === 0 ? 0 : 1
}

function mutated(text: string, { name, file, find, replace }: Mutant): string {
  const parts = text.split(find)
  if (parts.length !== 2)
    throw new Error(`mutant “${name}”: its text stands ${parts.length - 1} times in ${file}, not once`)
  return parts.join(replace)
}

async function plant(mutant: Mutant, seeds: number): Promise<Killed | null> {
  const directory = mkdtempSync(join(tmpdir(), 'parsec-mutant-'))
  try {
    const copy = join(directory, 'sdk')
    for (const part of ['src', 'sim', 'package.json']) cpSync(join(sdk, part), join(copy, part), { recursive: true })
    symlinkSync(modules, join(directory, 'node_modules'))
    const path = join(copy, mutant.file)
    writeFileSync(path, mutated(readFileSync(path, 'utf8'), mutant))
    return await firstFailure(directory, mutant, seeds)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function firstFailure(directory: string, { options }: Mutant, seeds: number): Promise<Killed | null> {
  const cli = join(directory, 'sdk/sim/cli.ts')
  const args = ['--import', 'tsx', cli, '--until-failure', '--seeds', String(seeds), ...options]
  const output = await run(process.execPath, args, { cwd: directory, maxBuffer: 1 << 26 }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? '',
  )
  const checker = /^VIOLATION of ([^:]+?) at /m.exec(output)?.[1]
  const seed = /^ {2}seed (\d+),/m.exec(output)?.[1]
  return checker === undefined || seed === undefined ? null : { checker, seed }
}

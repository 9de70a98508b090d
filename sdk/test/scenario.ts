/**
 * Scenario files: text that reads as a specification and runs as a test.
 *
 *     # a comment: the sentence that is tested
 *     command argument argument
 *     lines of input
 *     ----
 *     the output that is expected, up to a blank line
 *
 * The whole file is its own snapshot: `vitest -u` writes the outputs anew, everything else stays as it is. Imports vitest.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Takes the words after the command and the lines of input; answers with the output, without blank lines. */
export type Handler = (args: readonly string[], input: string) => string

/** The commands of one run of one file, and what to write down when it fails. */
export interface ScenarioRun {
  readonly commands: Readonly<Record<string, Handler>>
  /** The graph as DOT, if there is one. */
  readonly picture: () => string | null
}

/** Runs the commands of a scenario and answers with the file as it should be. */
export function playScenario(text: string, { commands }: ScenarioRun): string {
  const lines = text.split('\n')
  const written: string[] = []
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string
    if (line.trim() === '' || line.startsWith('#')) {
      written.push(line)
      at++
      continue
    }
    const rule = lines.indexOf('----', at)
    if (rule === -1) throw new Error(`no ---- after "${line}"`)
    const [name = '', ...args] = line.split(/\s+/)
    const command = commands[name]
    if (!command) throw new Error(`unknown command "${name}"`)
    written.push(...lines.slice(at, rule + 1), command(args, lines.slice(at + 1, rule).join('\n')))
    const blank = lines.indexOf('', rule + 1)
    at = blank === -1 ? lines.length : blank
  }
  return written.join('\n')
}

/** One test per file of a folder. A failing one leaves its graph in `test-results/<name>.dot`. */
export function runScenarios(title: string, folder: string, start: () => ScenarioRun): void {
  describe(title, () => {
    for (const file of readdirSync(folder)
      .filter((name) => name.endsWith('.txt'))
      .sort()) {
      test(basename(file, '.txt').replaceAll('-', ' '), async () => {
        const [path, run] = [join(folder, file), start()]
        try {
          await expect(playScenario(readFileSync(path, 'utf8'), run)).toMatchFileSnapshot(path)
        } catch (failure) {
          const picture = run.picture()
          if (picture !== null) writePicture(basename(file, '.txt'), picture)
          throw failure
        }
      })
    }
  })
}

/** Where pictures of failures go: a folder that is not committed. */
export function writePicture(name: string, dot: string): string {
  mkdirSync('test-results', { recursive: true })
  const path = join('test-results', `${name}.dot`)
  writeFileSync(path, dot)
  return path
}

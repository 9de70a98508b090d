/** Deliberate bugs: each is one replacement of a text that stands exactly once in its file. */

export interface Mutant {
  /** What the mutant does wrong. */
  readonly name: string
  /** Below sdk/. */
  readonly file: string
  readonly find: string
  readonly replace: string
  /** Options of `npm run sim` that make its weather likely. */
  readonly options: readonly string[]
}

export const mutants: readonly Mutant[] = [
  {
    name: 'sends before it stores',
    file: 'sim/process/host.ts',
    find: 'if (output.persist.length === 0 || options.persistMs === 0) {',
    replace:
      'sendAndReport(input, { ...output, blocks: [] })\n    if (output.persist.length === 0 || options.persistMs === 0) {',
    options: ['--mixed', '--peers', '4'],
  },
]

/** What `parsec-web NAME …` runs: one file each. */
export interface Subcommand {
  readonly name: string
  /** For the list of `--help`. */
  readonly summary: string
  /** Ends the process where it has to be ended; sets `process.exitCode` otherwise. Throws `CommandError`. */
  run(args: readonly string[]): Promise<void>
}

/** Something that a person has to do, said in one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** A file named on the command line. */
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { CommandError } from './subcommand.ts'

/** Bytes of a file, or of standard input for `-`. Throws `CommandError`. */
export async function readInput(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(file === '-' ? await buffer(process.stdin) : await readFile(file))
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

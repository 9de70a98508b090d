/** Subcommands that take one file. */
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { CommandError } from './subcommand.ts'

type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>
type Values<Own extends Options> = {
  readonly [Name in keyof Own]?: Own[Name]['type'] extends 'string' ? string : boolean
}

/** Options and the one file; with `--help` it may be missing. Throws `CommandError`. */
export function readFileArguments<const Own extends Options>(
  command: string,
  args: readonly string[],
  options: Own,
): { readonly values: Values<Own>; readonly file: string } {
  const { values, positionals } = parse(args, options)
  const [file = ''] = positionals
  if (positionals.length !== 1 && !('help' in values)) {
    throw new CommandError(`${command} takes one file; --help tells more`)
  }
  return { values: values as Values<Own>, file }
}

function parse(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}

/** Bytes of a file, or of standard input for `-`. Throws `CommandError`. */
export async function readInput(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(file === '-' ? await buffer(process.stdin) : await readFile(file))
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

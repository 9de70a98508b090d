/** PARSEC as a pure state machine: `step(input)` answers with everything the host has to do. Imports the core only. */
import type { Parsec, ParsecOptions } from './options.ts'

export function createParsec(_options: ParsecOptions): Parsec {
  throw new Error('under construction')
}

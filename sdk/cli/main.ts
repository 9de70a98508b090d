/**
 * The program `parsec-web`. This folder imports Node and, by the package's name, its public API. What needs more than that
 * is a package of its own.
 */
import { graph } from './graph.ts'
import { packageVersion } from './package-version.ts'
import { peer } from './peer.ts'
import { CommandError, type Subcommand } from './subcommand.ts'
import { verify } from './verify.ts'

const subcommands: readonly Subcommand[] = [peer, verify, graph]

export async function run([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--version') return void process.stdout.write(`${packageVersion()}\n`)
  if (name === undefined || name === '--help' || name === 'help') return void process.stdout.write(helpText())
  try {
    const subcommand = subcommands.find((candidate) => candidate.name === name)
    if (!subcommand) throw new CommandError(`there is no "${name}"; --help lists what there is`)
    await subcommand.run(args)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    process.stderr.write(`parsec-web: ${error.message}\n`)
    process.exitCode = 2
  }
}

function helpText(): string {
  const lines = subcommands.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`)
  return `Usage: parsec-web COMMAND [options]

Commands; parsec-web COMMAND --help tells more:
${lines.join('\n')}
`
}

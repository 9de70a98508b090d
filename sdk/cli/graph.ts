/** `parsec-web graph FILE`: an exported event log as a picture. */
import { type GraphRange, graphDot } from 'parsec-web/devtools'
import { readEvents } from 'parsec-web/verify'
import { readFileArguments, readInput } from './input.ts'
import { packageVersion } from './package-version.ts'
import { CommandError, type Subcommand } from './subcommand.ts'

/** Graphviz takes a minute for more. */
const DEFAULT_EVENTS = 200

const help = `Usage: parsec-web graph FILE [--last N | --events FROM-TO] [--blocks FROM-TO] [--dot]

Draws a log that section.exportEvents() wrote, as SVG on standard output: a column for each member, time upwards.
Interesting events, observers, votes, decisions and forks are coloured; the pointer shows what each event is.
FILE may be - for standard input.

  --last N          only the last N events; default ${DEFAULT_EVENTS}
  --events FROM-TO  events by their position in the log, from 1
  --blocks FROM-TO  events that take part in the elections of these blocks
  --dot             prints Graphviz's language instead of SVG

Ends with 0, with 1 if the log is damaged, with 2 if it cannot be read or drawn.
`

export const graph: Subcommand = {
  name: 'graph',
  summary: 'draws an exported event log as SVG',
  async run(args) {
    const { values, file } = readFileArguments('graph', args, {
      last: { type: 'string' },
      events: { type: 'string' },
      blocks: { type: 'string' },
      dot: { type: 'boolean' },
      help: { type: 'boolean' },
    })
    if (values.help) return void process.stdout.write(help)
    const range = rangeOf(values)
    const verdict = readEvents(await readInput(file))
    if (!verdict.valid) {
      const place = verdict.record === 0 ? 'the file' : `event ${verdict.record}`
      process.stderr.write(`parsec-web: ${place} fails: ${verdict.reason} (${verdict.detail})\n`)
      process.exitCode = 1
      return
    }
    const dot = graphDot(verdict.graph, range)
    process.stdout.write(values.dot ? dot : await toSvg(dot))
  },
}

interface RangeArguments {
  readonly last?: string | undefined
  readonly events?: string | undefined
  readonly blocks?: string | undefined
}

function rangeOf({ last, events, blocks }: RangeArguments): GraphRange {
  if (last !== undefined && events !== undefined) throw new CommandError('--last or --events, not both')
  const chosen = events === undefined ? null : pair('--events', events)
  const lastEvents = last === undefined ? DEFAULT_EVENTS : positive('--last', last)
  return {
    ...(chosen ? { events: [chosen[0] - 1, chosen[1]] } : {}),
    ...(blocks === undefined ? {} : { blocks: pair('--blocks', blocks) }),
    ...(chosen || (blocks !== undefined && last === undefined)
      ? {}
      : { events: [-lastEvents, Number.POSITIVE_INFINITY] }),
  }
}

function pair(name: string, text: string): readonly [number, number] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text)
  const from = Number(match?.[1])
  const to = Number(match?.[2] ?? match?.[1])
  if (!match || from < 1 || to < from) throw new CommandError(`${name}: a number or FROM-TO, from 1`)
  return [from, to]
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new CommandError(`${name}: a number from 1`)
  return number
}

/** The package is optional, and loaded only here. */
async function toSvg(dot: string): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz').catch(() => {
    const version = packageVersion()
    throw new CommandError(
      `drawing needs @hpcc-js/wasm-graphviz, an optional part of parsec-web@${version}; --dot does not`,
    )
  })
  const graphviz = await Graphviz.load()
  return graphviz.layout(dot, 'svg', 'dot')
}

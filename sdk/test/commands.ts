/** The commands of scenario files, bound to an oracle. Imports the test helpers of this folder. */
import type { EventId, GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Coin } from '../src/core/options.ts'
import { truthfully } from './cores.ts'
import { toDot } from './dot.ts'
import { testCoin, testHashing } from './hashing.ts'
import { type NamedGraph, parseGraph, peerName, printObservation } from './notation.ts'
import type { Oracle, OracleInput } from './oracle.ts'
import type { ScenarioRun } from './scenario.ts'

/**
 * Starts a run: `graph founders=A,B,C coin=true attest=truth` draws a graph, the other commands ask about it. Without
 * `attest` all events attest the genesis.
 */
export function startRun(createOracle: (input: OracleInput) => Oracle): ScenarioRun {
  let drawn: { graph: NamedGraph; oracle: Oracle } | null = null

  function asked(): { graph: NamedGraph; oracle: Oracle } {
    if (!drawn) throw new Error('draw a graph first')
    return drawn
  }
  function id(name: string | undefined): EventId {
    const found = asked().graph.idOf.get(name ?? '')
    if (!found) throw new Error(`no event ${name}`)
    return found
  }
  const name = (event: EventId) => asked().graph.nameOf.get(event) ?? event
  const names = (events: readonly EventId[]) => events.map(name).sort(byNumber).join(' ')
  const election = (text = '0') => {
    const found = asked().oracle.elections()[Number(text)]
    if (!found) throw new Error(`election ${text} has not started`)
    return found
  }

  return {
    picture: () => drawn && toDot(drawn.graph.events),
    commands: {
      graph(args, input) {
        const options = new Map(args.map((arg) => arg.split('=') as [string, string]))
        const founders = options.get('founders')?.split(',')
        const given = { hashing: testHashing, ...(founders ? { founders } : {}) }
        const plain = parseGraph(input, given)
        const attest = options.get('attest') === 'truth' ? truthfully(plain.genesis, coinOf(options.get('coin'))) : null
        const graph = attest ? parseGraph(input, { ...given, attest }) : plain
        const oracle = createOracle({ ...graph, hashing: testHashing, coin: coinOf(options.get('coin')) })
        drawn = { graph, oracle }
        return 'ok'
      },
      descends: ([x, y]) => String(asked().oracle.descends(id(x), id(y))),
      sees: ([x, y]) => {
        const { graph, oracle } = asked()
        return oracle.sees(id(x), id(y)) ? 'true' : `false: ${whyUnseen(graph, id(x), id(y))}`
      },
      'strongly-sees': ([x, y]) => String(asked().oracle.stronglySees(id(x), id(y))),
      interesting: ([k]) => names(election(k).interesting) || 'none',
      observers: ([k]) => {
        const lines = election(k).observers.map(
          ({ event, observees }) => `${name(event)}: ${[...observees].sort().map(peerName).join(' ')}`,
        )
        return lines.sort(byNumber).join('\n') || 'none'
      },
      decided: ([k]) => names(election(k).decidedAt) || 'nowhere',
      decisions: ([k, x]) => {
        const decisions = asked().oracle.decisions(Number(k), id(x))
        if (decisions === null) return 'not an observer yet'
        return [...decisions]
          .map(([subject, is]) => `${peerName(subject)} ${is ?? 'undecided'}`)
          .sort()
          .join(', ')
      },
      'height-at': ([x]) => String(asked().oracle.heightAt(id(x))),
      elections: () => String(asked().oracle.elections().length),
      malice: () => {
        const lines = asked()
          .oracle.malice()
          .map(({ kind, accused, at }) => `${kind}: ${peerName(accused)}${at === null ? '' : ` by ${name(at)}`}`)
        return lines.sort(byNumber).join('\n') || 'none'
      },
      blocks: () => printBlocks(asked().graph, asked().oracle) || 'none',
    },
  }
}

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })

function coinOf(text: string | undefined): Coin {
  if (text === undefined) return testCoin
  return () => (text === 'unknown' ? null : text === 'true')
}

function printBlocks({ nameOf }: NamedGraph, oracle: Oracle): string {
  const lines = oracle.blocks().map(({ height, timeMs, voters, items, observations }) => {
    const said = [
      ...items.map(({ event }) => nameOf.get(event) ?? event),
      ...observations.map((observation) => printObservation(observation, nameOf)),
    ]
    return `${height}: ${said.join(' ')} | ${timeMs} ms | voters ${voters.map(peerName).join(' ')}`
  })
  return lines.join('\n')
}

/** Told from the graph alone, so that an oracle's answer is a plain yes or no. */
function whyUnseen({ events, nameOf }: NamedGraph, x: EventId, y: EventId): string {
  const byId = new Map(events.map((event) => [event.id, event]))
  const known = new Set<GossipEvent>()
  function visit(event: EventId): void {
    const found = byId.get(event) as GossipEvent
    if (known.has(found)) return
    known.add(found)
    for (const parent of [found.selfParent, ...found.otherParents]) if (parent !== null) visit(parent)
  }
  visit(x)
  const target = byId.get(y) as GossipEvent
  if (!known.has(target)) return 'not an ancestor'
  return forkBy(target.creator, [...known], nameOf)
}

function forkBy(creator: PeerId, known: readonly GossipEvent[], nameOf: ReadonlyMap<EventId, string>): string {
  const own = known.filter((event) => event.creator === creator)
  const sides = own.filter((a) => own.some((b) => a !== b && a.selfParent === b.selfParent))
  const lowest = sides.reduce<GossipEvent | null>((a, b) => (a && a.seq <= b.seq ? a : b), null)
  if (!lowest) return 'unexplained'
  const after = lowest.selfParent === null ? 'from the start' : `after ${nameOf.get(lowest.selfParent)}`
  return `fork by ${peerName(creator)} ${after}`
}

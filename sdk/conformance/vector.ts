/** The recorded graphs' file format, and their replay through the reference profile of the core. */
import {
  createReferenceProfile,
  type ReferencePayload,
  type ReferenceState,
} from '../src/core/meta-voting/reference-profile.ts'
import { auxValueOf, binValuesOf, decisionOf, estimatesOf, type Stage } from '../src/core/meta-voting/stage.ts'

export interface Vector {
  readonly name: string
  readonly ourId: string
  readonly genesis: readonly string[]
  readonly events: readonly {
    readonly id: string
    readonly creator: string
    readonly selfParent: string | null
    readonly otherParent: string | null
    readonly cause: 'initial' | 'requesting' | 'request' | 'response' | 'observation'
    readonly observation?: number
  }[]
  readonly observations: readonly {
    readonly key: string
    readonly kind: string
    readonly mode: 'single' | 'supermajority'
    readonly peer?: string
    readonly creator?: string
  }[]
  readonly expected: {
    readonly snapshot: 'final' | 'deciding'
    readonly consensusHistoryHex: readonly string[]
    readonly voters: readonly string[]
    readonly interestingEvents: Readonly<Record<string, readonly string[]>>
    readonly unconsensusedEvents: readonly string[]
    readonly metaEvents: Readonly<Record<string, RecordedMetaEvent>>
    readonly lastAncestors?: Readonly<Record<string, Readonly<Record<string, number>>>>
  }
}

interface RecordedMetaEvent {
  readonly observees: readonly string[]
  readonly interestingContent: readonly (number | string)[]
  readonly metaVotes: Readonly<Record<string, readonly (readonly [number, number, string, string, string, string])[]>>
}

/** What differs from the recording, a line each; empty when the vector passes. */
export function replay(vector: Vector): string[] {
  const order = payloadOrder(vector)
  const rank = new Map(order.map((observation, position) => [observation, position]))
  const wanted = vector.expected.consensusHistoryHex.length
  let differences: string[] | null = null
  const profile = createReferenceProfile({
    self: vector.ourId,
    genesis: vector.genesis,
    payloads: order.map((index) => toPayload(vector, index)),
    coin: (round) => round % 2 !== 0,
    onDeciding: (state) => {
      const isWanted = vector.expected.snapshot === 'deciding' && state.history.length === wanted
      if (isWanted) differences = compare(vector, order, state)
    },
  })
  const seqs = new Map<string, number>()
  for (const event of vector.events) {
    const seq = event.selfParent === null ? 0 : (seqs.get(event.selfParent) as number) + 1
    seqs.set(event.id, seq)
    profile.insert({
      id: event.id,
      creator: event.creator,
      seq,
      selfParent: event.selfParent,
      otherParents: event.otherParent === null ? [] : [event.otherParent],
      sync: event.cause !== 'initial' && event.cause !== 'observation',
      payload: event.observation === undefined ? null : (rank.get(event.observation) as number),
    })
  }
  if (vector.expected.snapshot === 'final') return compare(vector, order, profile.state)
  return differences ?? [`no election was decided with a history of ${wanted}`]
}

/** Observation indexes in order of key, then creator: the order in which ties are broken. */
function payloadOrder({ observations }: Vector): number[] {
  const by = (index: number) => `${observations[index]?.key} ${observations[index]?.creator ?? ''}`
  return observations.map((_, index) => index).sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : a - b))
}

function toPayload({ observations }: Vector, index: number): ReferencePayload {
  const { kind, mode, peer } = observations[index] as Vector['observations'][number]
  const changes = (kind === 'add' || kind === 'remove') && peer !== undefined
  return { mode, change: changes ? { kind, peer } : null }
}

function compare(vector: Vector, order: readonly number[], state: ReferenceState): string[] {
  const { expected } = vector
  const differences: string[] = []
  const check = (what: string, actual: unknown, wanted: unknown) => {
    const [a, w] = [JSON.stringify(actual), JSON.stringify(wanted)]
    if (a !== w) differences.push(`${what}: expected ${w}, got ${a}`)
  }
  const key = (payload: number) => vector.observations[order[payload] as number]?.key
  const id = (index: number) => vector.events[index]?.id as string
  const sorted = (values: Iterable<string>) => [...values].sort()

  check('history', state.history.map(key), expected.consensusHistoryHex)
  check('voters', sorted(state.voters), sorted(expected.voters))
  check('undecided events', sorted([...state.undecided].map(id)), sorted(expected.unconsensusedEvents))
  const interesting: Record<string, string[]> = {}
  for (const [index, meta] of [...state.election.metaEvents].sort(([a], [b]) => a - b)) {
    if (meta.content === null || meta.content.length === 0) continue
    const creator = vector.events[index]?.creator as string
    interesting[creator] = [...(interesting[creator] ?? []), id(index)]
  }
  for (const creator of new Set([...Object.keys(interesting), ...Object.keys(expected.interestingEvents)])) {
    check(`interesting events of ${creator}`, interesting[creator] ?? [], expected.interestingEvents[creator] ?? [])
  }
  // Of fork siblings that all have a meta-event the recorder wrote one.
  const recorded = new Set(Object.keys(expected.metaEvents))
  const place = (index: number) => `${vector.events[index]?.creator} ${state.graph.vertices[index]?.seq}`
  const recordedPlaces = new Set(
    vector.events.flatMap((event, index) => (recorded.has(event.id) ? [place(index)] : [])),
  )
  const evaluated = [...state.evaluated].filter((index) => recorded.has(id(index)) || !recordedPlaces.has(place(index)))
  check('meta-events', sorted(evaluated.map(id)), sorted(recorded))
  vector.events.forEach((event, index) => {
    const wanted = expected.metaEvents[event.id]
    if (wanted) compareMetaEvent(vector, order, state, index, wanted, check)
  })
  if (expected.lastAncestors) compareAncestors(vector, state, check)
  return differences
}

type Check = (what: string, actual: unknown, wanted: unknown) => void

function compareMetaEvent(
  vector: Vector,
  order: readonly number[],
  { election, graph }: ReferenceState,
  index: number,
  wanted: RecordedMetaEvent,
  check: Check,
): void {
  const id = vector.events[index]?.id
  const meta = election.metaEvents.get(index)
  const peer = (voter: number) => graph.creators[election.voters[voter] as number] as string
  const observees = (meta?.observees ?? []).flatMap((candidate, voter) => (candidate ? [peer(voter)] : []))
  check(`observees of ${id}`, observees.sort(), [...wanted.observees].sort())
  const keys = wanted.interestingContent.map((content) =>
    typeof content === 'number' ? vector.observations[content]?.key : content,
  )
  check(
    `content of ${id}`,
    (meta?.content ?? []).map((p) => vector.observations[order[p] as number]?.key),
    keys,
  )
  const subjects = new Set([...Object.keys(wanted.metaVotes), ...election.voters.map((_, voter) => peer(voter))])
  for (const subject of meta?.votes || Object.keys(wanted.metaVotes).length > 0 ? subjects : []) {
    const voter = election.voters.findIndex((_, number) => peer(number) === subject)
    const stages = meta?.votes?.[voter]?.stages ?? []
    check(`meta-votes of ${id} on ${subject}`, stages.map(showStage), wanted.metaVotes[subject] ?? [])
  }
}

const LETTERS = ['-', 't', 'f', 'b'] as const

function showStage(stage: Stage, index: number): readonly unknown[] {
  const columns = [estimatesOf(stage), binValuesOf(stage), auxValueOf(stage), decisionOf(stage)]
  return [Math.floor(index / 3), index % 3, ...columns.map((bits) => LETTERS[bits])]
}

function compareAncestors(vector: Vector, { graph }: ReferenceState, check: Check): void {
  for (const [id, wanted] of Object.entries(vector.expected.lastAncestors ?? {})) {
    const vertex = graph.find(id)
    for (const [creator, last] of Object.entries(wanted)) {
      const branches = graph.branchesOf(graph.creatorOf(creator))
      check(`last ancestor of ${id} by ${creator}`, Math.max(...branches.map((b) => vertex?.highest[b] ?? -1)), last)
    }
  }
}

/**
 * The graph notation: gossip graphs that can be read and typed. May import core types only.
 *
 *     graph   = one line per branch:   peer ":" mention mention …
 *     mention = name [ "(" name name … ")" ] [ "[" item item … "]" ]
 *     name    = peer "_" seq [ "," branch ]          D_1,0 and D_1,1 are the sides of a fork; branch 0 by default
 *     item    = "tx" | "tx:" count | "at:" createdAtMs | observation
 *     observation = "add:" peer [ "@" since ] | "remove:" peer [ "@" since ]
 *                 | "voters:" [ "+" peer "," … ] [ "-" peer "," … ] [ "@" since ]
 *                 | "accuse:" peer "/" malice "/" name "/" name … | "vote:" text
 *
 * A mention's self-parent is the mention before it on the line; the first mention of a line has seq 0 or names an event
 * that another line describes. In parentheses stand the other-parents. An event mentioned again is mentioned bare.
 * Words are separated by blanks, so `A_1(B_0 D_1,0)[tx add:E]` has two other-parents and says two things.
 * What is not said is derived from the name (time, transaction bytes), so that the sides of a fork always differ.
 */
import type { Attestation, EventContent, EventId, GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Hashing } from '../src/core/io.ts'
import type { Malice } from '../src/core/malice/malice.ts'
import type { Genesis } from '../src/core/section/block.ts'
import type { Observation } from '../src/core/section/observation.ts'

export interface NamedGraph {
  readonly genesis: Genesis
  /** In a topological order. */
  readonly events: readonly GossipEvent[]
  readonly idOf: ReadonlyMap<string, EventId>
  readonly nameOf: ReadonlyMap<EventId, string>
}

export interface GraphOptions {
  readonly hashing: Hashing
  /** Names of the founding voters; default: everybody who creates an event. */
  readonly founders?: readonly string[]
  /** Default: the genesis. */
  readonly attest?: (content: EventContent) => Attestation
}

interface Mention {
  readonly name: string
  readonly selfParent: string | null
  readonly otherParents: readonly string[]
  readonly items: readonly string[]
}

const NAME = /^([A-Za-z][A-Za-z0-9]*)_(\d+)(?:,(\d+))?$/
const MENTION = /([A-Za-z][A-Za-z0-9]*_\d+(?:,\d+)?)(?:\(([^)]*)\))?(?:\[([^\]]*)\])?/y

/** A readable name as a public key: its characters as bytes, so that keys are ordered like names. */
export const peerId = (name: string): PeerId => Buffer.from(name).toString('hex').padEnd(64, '0')
export const peerName = (id: PeerId): string => Buffer.from(id, 'hex').toString().replace(/\0+$/, '')

export function testGenesis(founders: readonly string[]): Genesis {
  const salt = '0'.repeat(64)
  return { founders: founders.map(peerId).sort(), createdAtMs: 0, salt, previousSection: null, maxVoters: 13 }
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

function splitName(name: string): { peer: string; seq: number; branch: number } {
  const match = NAME.exec(name)
  if (!match?.[1]) throw new Error(`not an event name: ${name}`)
  return { peer: match[1], seq: Number(match[2]), branch: Number(match[3] ?? 0) }
}

/** What an event of this name carries unless its mention says otherwise. */
export const defaultTimeMs = (seq: number, branch: number): number => 1000 * (seq + 1) + branch
export const transactionBytes = (peer: string, seq: number, branch: number, index: number): Uint8Array =>
  new TextEncoder().encode(`${peer}_${seq},${branch}/${index}`)

export function parseGraph(text: string, options: GraphOptions): NamedGraph {
  const mentions = new Map<string, Mention>()
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    for (const mention of parseLine(line)) {
      const known = mentions.get(mention.name)
      const bare = mention.otherParents.length === 0 && mention.items.length === 0
      if (known && !bare) throw new Error(`${mention.name} is described twice`)
      if (known && mention.selfParent !== null && mention.selfParent !== known.selfParent)
        throw new Error(`${mention.name} has two self-parents`)
      if (!known) mentions.set(mention.name, mention)
    }
  }
  const creators = [...new Set([...mentions.keys()].map((name) => splitName(name).peer))].sort()
  return makeEvents(mentions, testGenesis(options.founders ?? creators), options)
}

function parseLine(line: string): Mention[] {
  const [peer, rest] = [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1)]
  const mentions: Mention[] = []
  for (let at = 0; rest.slice(at).trim() !== ''; at = MENTION.lastIndex) {
    MENTION.lastIndex = at + rest.slice(at).search(/\S/)
    const match = MENTION.exec(rest)
    if (!match?.[1]) throw new Error(`cannot read "${rest.slice(at).trim()}" in line "${line}"`)
    const [name, { peer: creator, seq }, before] = [match[1], splitName(match[1]), mentions.at(-1)]
    if (creator !== peer) throw new Error(`${name} stands on the line of ${peer}`)
    if (before && splitName(before.name).seq !== seq - 1) throw new Error(`${name} cannot follow ${before.name}`)
    const [otherParents, items] = [words(match[2] ?? ''), words(match[3] ?? '')]
    mentions.push({ name, selfParent: before?.name ?? null, otherParents, items })
  }
  return mentions
}

function makeEvents(mentions: Map<string, Mention>, genesis: Genesis, options: GraphOptions): NamedGraph {
  const sectionId = options.hashing.genesis(genesis)
  const events = new Map<string, GossipEvent>()
  const open = new Set<string>()

  function make(name: string): GossipEvent {
    const [done, mention] = [events.get(name), mentions.get(name)]
    if (done) return done
    const { peer, seq, branch } = splitName(name)
    if (!mention || (seq > 0 && mention.selfParent === null)) throw new Error(`${name} is not described`)
    if (open.has(name)) throw new Error(`${name} descends from itself`)
    open.add(name)
    const at = mention.items.find((item) => item.startsWith('at:'))
    const content: EventContent = {
      sectionId,
      creator: peerId(peer),
      seq,
      selfParent: mention.selfParent === null ? null : make(mention.selfParent).id,
      otherParents: mention.otherParents.map((other) => make(other).id),
      createdAtMs: at ? Number(at.slice(3)) : defaultTimeMs(seq, branch),
      attest: { height: 0, blockHash: sectionId },
      body: parseBody(mention, (other) => make(other).id),
    }
    const attested = options.attest ? { ...content, attest: options.attest(content) } : content
    const event = { ...attested, id: options.hashing.event(attested) }
    events.set(name, event)
    return event
  }

  for (const name of mentions.keys()) make(name)
  const idOf = new Map([...events].map(([name, event]) => [name, event.id]))
  const nameOf = new Map([...events].map(([name, event]) => [event.id, name]))
  if (nameOf.size !== events.size) throw new Error('two events are the same: give one of them another content')
  return { genesis, events: [...events.values()], idOf, nameOf }
}

function parseBody(mention: Mention, idOf: (name: string) => EventId): EventContent['body'] {
  const { peer, seq, branch } = splitName(mention.name)
  const transactions: Uint8Array[] = []
  const observations: Observation[] = []
  for (const item of mention.items) {
    const [kind, rest] = [item.split(':', 1)[0] ?? '', item.slice(item.indexOf(':') + 1)]
    if (kind === 'tx') {
      const count = item === 'tx' ? 1 : Number(rest)
      for (let index = 0; index < count; index++) transactions.push(transactionBytes(peer, seq, branch, index))
    } else if (kind !== 'at') observations.push(parseObservation(kind, rest, idOf))
  }
  return { transactions, observations }
}

function parseObservation(kind: string, rest: string, idOf: (name: string) => EventId): Observation {
  const [what = '', since = '0'] = rest.split('@')
  if (kind === 'add' || kind === 'remove') return { kind, peer: peerId(what), since: Number(since) }
  if (kind === 'vote') return { kind, value: new TextEncoder().encode(rest) }
  if (kind === 'voters') {
    const peers = (sign: string) =>
      (what.split(/(?=[+-])/).find((part) => part.startsWith(sign)) ?? sign).slice(1).split(',').filter(Boolean)
    const [promote, demote] = [peers('+').map(peerId).sort(), peers('-').map(peerId).sort()]
    return { kind, promote, demote, since: Number(since) }
  }
  if (kind === 'accuse') {
    const [accused = '', malice = '', ...evidence] = rest.split('/')
    return {
      kind: 'accusation',
      accused: peerId(accused),
      malice: malice as Malice['kind'],
      evidence: evidence.map(idOf),
    }
  }
  throw new Error(`unknown item ${kind}:${rest}`)
}

/** Readable names: a branch number is shown from a fork on, and the first side keeps its parent's number. */
export function nameEvents(events: readonly GossipEvent[]): Map<EventId, string> {
  const [children, branches, forked, used] = [
    new Map<string, GossipEvent[]>(),
    new Map<EventId, number>(),
    new Set<EventId>(),
    new Map<PeerId, number>(),
  ]
  const siblings = (event: GossipEvent) => children.get(`${event.creator} ${event.selfParent}`) ?? []
  for (const event of events) children.set(`${event.creator} ${event.selfParent}`, [...siblings(event), event])
  for (const event of events) {
    const first = siblings(event)[0] === event
    const next = (used.get(event.creator) ?? 0) + 1
    if (!first) used.set(event.creator, next)
    branches.set(event.id, first ? (branches.get(event.selfParent ?? '') ?? 0) : next)
    if (siblings(event).length > 1 || forked.has(event.selfParent ?? '')) forked.add(event.id)
  }
  return new Map(
    events.map((event) => {
      const branch = forked.has(event.id) ? `,${branches.get(event.id)}` : ''
      return [event.id, `${peerName(event.creator)}_${event.seq}${branch}`]
    }),
  )
}

/** The notation of a graph, one line per branch: what `parseGraph` reads. */
export function printGraph(
  events: readonly GossipEvent[],
  names: ReadonlyMap<EventId, string> = nameEvents(events),
): string {
  const lines: { last: EventId; creator: PeerId; words: string[] }[] = []
  for (const event of events) {
    const open = lines.find((line) => line.last === event.selfParent)
    const line = open ?? { last: '', creator: event.creator, words: [] }
    if (!open) {
      lines.push(line)
      if (event.selfParent !== null) line.words.push(names.get(event.selfParent) ?? event.selfParent)
    }
    line.last = event.id
    line.words.push(printMention(event, names))
  }
  lines.sort((a, b) => (a.creator < b.creator ? -1 : a.creator > b.creator ? 1 : 0))
  return lines.map((line) => `${peerName(line.creator)}: ${line.words.join('  ')}`).join('\n')
}

function printMention(event: GossipEvent, names: ReadonlyMap<EventId, string>): string {
  const { seq, branch } = splitName(names.get(event.id) ?? '')
  const { transactions, observations } = event.body
  const items = observations.map((observation) => printObservation(observation, names))
  if (transactions.length > 0) items.unshift(transactions.length === 1 ? 'tx' : `tx:${transactions.length}`)
  if (event.createdAtMs !== defaultTimeMs(seq, branch)) items.push(`at:${event.createdAtMs}`)
  const parents = event.otherParents.map((id) => names.get(id) ?? id)
  const said = items.length > 0 ? `[${items.join(' ')}]` : ''
  return `${names.get(event.id)}${parents.length > 0 ? `(${parents.join(' ')})` : ''}${said}`
}

export function printObservation(observation: Observation, names: ReadonlyMap<EventId, string>): string {
  const peers = (sign: string, ids: readonly PeerId[]) => (ids.length > 0 ? sign + ids.map(peerName).join(',') : '')
  const since = (height: number) => (height > 0 ? `@${height}` : '')
  switch (observation.kind) {
    case 'add':
    case 'remove':
      return `${observation.kind}:${peerName(observation.peer)}${since(observation.since)}`
    case 'voters':
      return `voters:${peers('+', observation.promote)}${peers('-', observation.demote)}${since(observation.since)}`
    case 'accusation': {
      const evidence = observation.evidence.map((id) => names.get(id) ?? id)
      return ['accuse:', peerName(observation.accused), ...[observation.malice, ...evidence].map((w) => `/${w}`)].join(
        '',
      )
    }
    case 'expel':
      return `expel:${peerName(observation.peer)}`
    case 'vote':
      return `vote:${new TextDecoder().decode(observation.value)}`
  }
}

/**
 * Reference model: what a section has agreed on after a number of elections, and how a batch changes it. Imports the model
 * and core types only.
 */
import type { EventId, GossipEvent, Hash, PeerId } from '../../src/core/gossip/event.ts'
import type { Hashing } from '../../src/core/io.ts'
import type { Block, Genesis } from '../../src/core/section/block.ts'
import type { Observation } from '../../src/core/section/observation.ts'
import type { Ancestry } from './ancestry.ts'

/** What an election decides: sets, whose order is made afterwards. */
export interface Batch {
  readonly events: ReadonlySet<GossipEvent>
  readonly observations: ReadonlyMap<Hash, Observation>
}

export interface Agreed {
  /** Elections decided so far: the number of the election that starts from here. */
  readonly election: number
  readonly sectionId: Hash
  readonly height: number
  /** Hash and time of the last block; of the genesis before the first. */
  readonly lastBlock: Hash
  readonly timeMs: number
  /** In the order of their keys. */
  readonly members: readonly PeerId[]
  readonly voters: readonly PeerId[]
  readonly maxVoters: number
  /** Expelled for malice: for good. */
  readonly expelled: ReadonlySet<PeerId>
  /** Height at which a peer's membership last changed; absent: never. */
  readonly memberChanges: ReadonlyMap<PeerId, number>
  readonly votersChanged: number
  readonly decidedEvents: ReadonlySet<EventId>
  readonly decidedObservations: ReadonlySet<Hash>
  /** The ancestry of the transaction events of each batch, in the order of the elections. */
  readonly batchAncestries: readonly ReadonlySet<GossipEvent>[]
  /** The last election had an empty batch. */
  readonly empty: boolean
}

export function agreedAtGenesis(genesis: Genesis, hashing: Hashing): Agreed {
  const sectionId = hashing.genesis(genesis)
  return {
    ...{ election: 0, sectionId, height: 0, lastBlock: sectionId, timeMs: genesis.createdAtMs },
    ...{ members: [...genesis.founders].sort(), voters: [...genesis.founders].sort() },
    ...{ maxVoters: genesis.maxVoters, expelled: new Set() },
    ...{ memberChanges: new Map(), votersChanged: 0, decidedEvents: new Set(), decidedObservations: new Set() },
    ...{ batchAncestries: [], empty: false },
  }
}

/** What is decided by this vote: accusations of one peer are votes to expel it, whatever their evidence. */
export const votedFor = (vote: Observation): Observation =>
  vote.kind === 'accusation' ? { kind: 'expel', peer: vote.accused } : vote

type Section = Pick<Agreed, 'members' | 'voters' | 'maxVoters' | 'expelled' | 'memberChanges' | 'votersChanged'>

/** Would this observation change anything now? A vote holds for one state of affairs, which `since` names. */
export function isOpen(observation: Observation, section: Section): boolean {
  const { members, voters, maxVoters, expelled } = section
  const isMember = (peer: PeerId) => members.includes(peer)
  const isOnlyVoter = (peer: PeerId) => voters.length === 1 && voters.includes(peer)
  const lastChange = (peer: PeerId) => section.memberChanges.get(peer) ?? 0
  switch (observation.kind) {
    case 'add': {
      const { peer, since } = observation
      return !isMember(peer) && !expelled.has(peer) && since === lastChange(peer)
    }
    case 'remove': {
      const { peer, since } = observation
      return isMember(peer) && !isOnlyVoter(peer) && since === lastChange(peer)
    }
    case 'expel':
      return isMember(observation.peer) && !isOnlyVoter(observation.peer)
    case 'voters': {
      const { promote, demote, since } = observation
      const size = voters.length + promote.length - demote.length
      const fits =
        promote.every((peer) => isMember(peer) && !voters.includes(peer)) &&
        demote.every((peer) => voters.includes(peer))
      return (
        since === section.votersChanged && fits && promote.length + demote.length > 0 && size >= 1 && size <= maxVoters
      )
    }
    case 'vote':
      return true
    case 'accusation':
      return false
  }
}

/** The block of a batch (none if it is empty) and the state from which the next election starts. */
export function agree(agreed: Agreed, batch: Batch, ancestry: Ancestry, hashing: Hashing) {
  const ancestries = new Set<GossipEvent>()
  for (const event of batch.events) for (const ancestor of ancestry.ancestors(event)) ancestries.add(ancestor)
  const batchAncestries = [...agreed.batchAncestries, ancestries]
  const election = agreed.election + 1
  if (batch.events.size + batch.observations.size === 0)
    return { block: null, agreed: { ...agreed, election, batchAncestries, empty: true } }

  const tieBreak = (id: Hash) => hashing.tieBreak(agreed.lastBlock, id)
  const content = {
    sectionId: agreed.sectionId,
    height: agreed.height + 1,
    previous: agreed.lastBlock,
    timeMs: blockTime(agreed, ancestries, ancestry),
    voters: agreed.voters,
    items: causalOrder(batch.events, ancestry, tieBreak).map(({ id, creator, body }) => ({
      ...{ event: id, creator, transactions: body.transactions },
    })),
    observations: [...batch.observations]
      .sort(([a], [b]) => (tieBreak(a) < tieBreak(b) ? -1 : 1))
      .map(([, observation]) => observation),
  }
  const block: Block = { ...content, hash: hashing.block(content) }
  const next: Agreed = {
    ...agreed,
    ...changeSection(agreed, block),
    ...{ election, batchAncestries, empty: false },
    ...{ height: block.height, lastBlock: block.hash, timeMs: block.timeMs },
    decidedEvents: new Set([...agreed.decidedEvents, ...[...batch.events].map(({ id }) => id)]),
    decidedObservations: new Set([...agreed.decidedObservations, ...batch.observations.keys()]),
  }
  return { block, agreed: next }
}

/** Topological among the batch's events: again and again the event with the lowest tie-break whose ancestors are all placed. */
function causalOrder(
  events: ReadonlySet<GossipEvent>,
  ancestry: Ancestry,
  tieBreak: (id: Hash) => Hash,
): readonly GossipEvent[] {
  const left = new Set(events)
  const placed: GossipEvent[] = []
  while (left.size > 0) {
    const free = [...left].filter((x) => ![...left].some((y) => x !== y && ancestry.descends(x, y)))
    const next = free.reduce((a, b) => (tieBreak(a.id) < tieBreak(b.id) ? a : b))
    placed.push(next)
    left.delete(next)
  }
  return placed
}

/**
 * Median over the voters of the time of their latest event in the batch's ancestry; a voter without one, or with a fork
 * there, counts as the previous block's time. Of an even number, the lower of the two in the middle.
 */
function blockTime(agreed: Agreed, ancestries: ReadonlySet<GossipEvent>, ancestry: Ancestry): number {
  const times = agreed.voters.map((voter) => {
    const own = [...ancestries].filter((event) => event.creator === voter).sort((a, b) => a.seq - b.seq)
    const forked = own.some((a) => own.some((b) => ancestry.isFork(a, b)))
    return forked ? agreed.timeMs : (own.at(-1)?.createdAtMs ?? agreed.timeMs)
  })
  times.sort((a, b) => a - b)
  return Math.max(times[Math.floor((times.length - 1) / 2)] as number, agreed.timeMs + 1)
}

/** What adds takes effect before what takes away; in the order of the block, as far as it still fits. */
function changeSection(agreed: Agreed, { height, observations }: Block): Section {
  const kinds = ['add', 'voters', 'remove', 'expel'] as const
  const ordered = kinds.flatMap((kind) => observations.filter((observation) => observation.kind === kind))
  return ordered.reduce<Section>(
    (section, observation) => (isOpen(observation, section) ? change(section, observation, height) : section),
    agreed,
  )
}

function change(section: Section, observation: Observation, height: number): Section {
  const { members, voters, memberChanges, expelled } = section
  switch (observation.kind) {
    case 'add': {
      const { peer } = observation
      return {
        ...section,
        members: [...members, peer].sort(),
        memberChanges: new Map([...memberChanges, [peer, height]]),
      }
    }
    case 'voters': {
      const kept = voters.filter((voter) => !observation.demote.includes(voter))
      return { ...section, voters: [...kept, ...observation.promote].sort(), votersChanged: height }
    }
    case 'remove':
    case 'expel': {
      const { kind, peer } = observation
      return {
        ...section,
        members: members.filter((member) => member !== peer),
        memberChanges: new Map([...memberChanges, [peer, height]]),
        expelled: kind === 'expel' ? new Set([...expelled, peer]) : expelled,
        ...(voters.includes(peer) ? { voters: voters.filter((voter) => voter !== peer), votersChanged: height } : {}),
      }
    }
    default:
      return section
  }
}

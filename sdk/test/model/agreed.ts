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
    ...{ memberChanges: new Map(), votersChanged: 0, decidedEvents: new Set(), decidedObservations: new Set() },
    ...{ batchAncestries: [], empty: false },
  }
}

/** What is decided by this vote: accusations of one peer are votes to expel it, whatever their evidence. */
export const votedFor = (vote: Observation): Observation =>
  vote.kind === 'accusation' ? { kind: 'expel', peer: vote.accused } : vote

/** Can this observation still be decided? A vote holds for one state of affairs, which `since` names. */
export function isOpen(observation: Observation, key: Hash, agreed: Agreed): boolean {
  if (agreed.decidedObservations.has(key)) return false
  const isMember = (peer: PeerId) => agreed.members.includes(peer)
  switch (observation.kind) {
    case 'add':
      return !isMember(observation.peer) && observation.since === (agreed.memberChanges.get(observation.peer) ?? 0)
    case 'remove':
      return isMember(observation.peer) && observation.since === (agreed.memberChanges.get(observation.peer) ?? 0)
    case 'voters':
      return observation.since === agreed.votersChanged
    case 'expel':
      return isMember(observation.peer)
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
    ...{ election, batchAncestries, empty: false },
    ...{ height: block.height, lastBlock: block.hash, timeMs: block.timeMs },
    ...changeSection(agreed, block),
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

/** What adds takes effect before what takes away, so that the order among the observations does not matter. */
function changeSection(agreed: Agreed, { height, observations }: Block) {
  const members = new Set(agreed.members)
  const voters = new Set(agreed.voters)
  for (const seen of observations) if (seen.kind === 'add') members.add(seen.peer)
  for (const seen of observations)
    if (seen.kind === 'voters') for (const peer of seen.promote) if (members.has(peer)) voters.add(peer)
  for (const seen of observations) if (seen.kind === 'voters') for (const peer of seen.demote) voters.delete(peer)
  for (const seen of observations) {
    if (seen.kind !== 'remove' && seen.kind !== 'expel') continue
    members.delete(seen.peer)
    voters.delete(seen.peer)
  }
  const memberChanges = new Map(agreed.memberChanges)
  for (const peer of new Set([...agreed.members, ...members]))
    if (members.has(peer) !== agreed.members.includes(peer)) memberChanges.set(peer, height)
  const sameVoters = voters.size === agreed.voters.length && agreed.voters.every((voter) => voters.has(voter))
  return {
    ...{ members: [...members].sort(), voters: [...voters].sort() },
    ...{ memberChanges, votersChanged: sameVoters ? agreed.votersChanged : height },
  }
}

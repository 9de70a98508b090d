/**
 * Finds provable malice (RFC 0050) and judges accusations. Imports the core only.
 *
 * Invariant: each verdict is a function of one event's ancestry, so that every correct peer reaches the same one, and
 * an accusation is carried only by events that descend from its evidence.
 */
import { type SectionCoin, sourceOf } from '../coin/section-coin.ts'
import type { BadShare } from '../coin/shares.ts'
import type { EventId, Hash, PeerId } from '../gossip/event.ts'
import { isDescendantOf, parentsOf, type Vertex } from '../gossip/graph.ts'
import { invariant } from '../invariant.ts'
import type { Hashing } from '../io.ts'
import type { Observation } from '../section/observation.ts'
import type { Insertion, Ordering } from '../section/ordering.ts'
import type { AgreedState } from '../section/state.ts'
import type { Malice } from './malice.ts'

type Accusation = Extract<Observation, { kind: 'accusation' }>

export interface MaliceDetector {
  /** Takes note of what the blocks prove, before the event is judged that decided them. */
  establish(faults: Insertion['coinFaults']): readonly Malice[]
  /** Takes note of shares that turned out to be bad. They oblige nobody to accuse: not everybody has to check them. */
  convict(shares: readonly BadShare[]): readonly Malice[]
  /** Judges an event that has just been inserted and evaluated; answers with what it newly proves. */
  inspect(vertex: Vertex, duplicateVotes: readonly { readonly earlier: Vertex }[]): readonly Malice[]
  /** Accusations that an event of ours with this ancestry has to carry. */
  accusationsDue(draft: Vertex, self: PeerId): readonly Accusation[]
  /** Whether one of these members is proven guilty and this self-chain has not accused it. */
  hasUnaccused(last: Vertex | null, self: PeerId, members: ReadonlyMap<PeerId, number>): boolean
  /** Whether malice of this peer is proven anywhere in the graph. */
  isProven(peer: PeerId): boolean
}

interface Proof {
  readonly malice: Malice
  readonly at: Vertex
  /** Whoever descends from it without accusing is an accomplice. */
  readonly obliges: boolean
  /** Whether an event with this ancestry, in this state before it, can know it. */
  readonly isKnownAt: (x: Vertex, state: AgreedState) => boolean
}

export function createMaliceDetector(ordering: Ordering, hashing: Hashing, coin: SectionCoin): MaliceDetector {
  const { graph } = ordering
  // Malice that one event proves, in order of discovery.
  const proven: Proof[] = []
  const forks = new Set<number>()
  const expulsionKeys = new Map<PeerId, Hash>()

  const peerOf = (vertex: Vertex): PeerId => graph.creators[vertex.creator] as PeerId
  const idOf = (vertex: Vertex): EventId => ordering.idOf(vertex)

  /** Two events among x and its ancestors that a known forker signed, neither a self-ancestor of the other. */
  function forkEvidence(x: Vertex, creator: number): readonly [Vertex, Vertex] | null {
    for (const b of graph.branchesOf(creator)) {
      const branch = graph.branches[b]
      const first = branch?.vertices[0]
      if (!branch || !first || !isDescendantOf(x, first)) continue
      for (const other of graph.branchesOf(creator)) {
        if (other === b) continue
        const rival = graph.branches[other]?.vertices[branch.start - (graph.branches[other]?.start ?? 0)]
        if (rival && rival.seq === first.seq && isDescendantOf(x, rival)) return [rival, first]
      }
    }
    return null
  }

  function isSupported(accusation: Accusation, x: Vertex): boolean {
    const evidence = accusation.evidence.map((id) => graph.find(id))
    const inAncestry = evidence.every(
      (v) => v !== undefined && peerOf(v) === accusation.accused && isDescendantOf(x, v),
    )
    if (!inAncestry) return false
    const [first, second] = evidence as Vertex[]
    if (!first) return false
    if (accusation.malice === 'badCoinShare') return holdsBadShare(first, ordering.stateBefore(parentsOf(x)))
    if (accusation.malice === 'fork') {
      return second !== undefined && evidence.length === 2 && first !== second && first.seq === second.seq
    }
    return proven.some(({ malice, at, isKnownAt }) => {
      return malice.kind === accusation.malice && at === first && isKnownAt(x, ordering.stateBefore(parentsOf(x)))
    })
  }

  /** Asked about an accusation only, so that a share is not checked before somebody has a reason to. */
  function holdsBadShare(vertex: Vertex, state: AgreedState): boolean {
    return ordering.sharesOf(vertex).some((posted) => coin.isBad(electionState, state, peerOf(vertex), posted))
  }

  function electionState(election: number): AgreedState | null {
    return election >= 0 && election < ordering.elections ? ordering.stateOf(election) : null
  }

  function expulsionKey(accused: PeerId): Hash {
    const known = expulsionKeys.get(accused)
    if (known !== undefined) return known
    const key = hashing.observation({ kind: 'expel', peer: accused })
    expulsionKeys.set(accused, key)
    return key
  }

  /** Peers that x's self-chain up to and including x has accused. */
  function hasAccused(x: Vertex | null, accused: PeerId): boolean {
    if (!x) return false
    const votes = ordering.ballots.ballot(expulsionKey(accused))?.votes.get(x.creator)
    return votes?.some((vote) => isDescendantOf(x, vote)) ?? false
  }

  /**
   * Members whose malice is provable from x's ancestry, by the blocks decided at x's parents: all of it, or what obliges
   * to accuse. Whoever does not accuse an accomplice is not one itself, or one silent peer would make accomplices of all.
   */
  function provableAt(
    x: Vertex,
    all: boolean,
  ): readonly { readonly accused: PeerId; readonly evidence: () => Accusation | null }[] {
    if (proven.length === 0 && x.forkers.length === 0) return []
    const state = ordering.stateBefore(parentsOf(x))
    const found = new Map<PeerId, () => Accusation | null>()
    for (const forker of x.forkers) {
      const accused = graph.creators[forker] as PeerId
      found.set(accused, () => toAccusation(accused, 'fork', forkEvidence(x, forker)))
    }
    for (const { malice, at, obliges, isKnownAt } of proven) {
      if ((!obliges && !all) || found.has(malice.accused) || at === x || !isKnownAt(x, state)) continue
      found.set(malice.accused, () => toAccusation(malice.accused, malice.kind, [at]))
    }
    return [...found]
      .filter(([accused]) => accused !== peerOf(x) && state.members.has(accused))
      .map(([accused, evidence]) => ({ accused, evidence }))
  }

  function toAccusation(
    accused: PeerId,
    malice: Malice['kind'],
    evidence: readonly Vertex[] | null,
  ): Accusation | null {
    return evidence && { kind: 'accusation', accused, malice, evidence: evidence.map(idOf) }
  }

  /** Whom the event covers up, its self-parent not having done so already: one event proves an accomplice. */
  function coveredBy(x: Vertex): readonly { readonly evidence: () => Accusation | null }[] {
    const covered = provableAt(x, false).filter(({ accused }) => !hasAccused(x, accused))
    if (covered.length === 0 || !x.selfParent) return covered
    const before = new Set(provableAt(x.selfParent, false).map(({ accused }) => accused))
    return covered.filter(({ accused }) => !before.has(accused))
  }

  function isVoterAt(x: Vertex): boolean {
    return ordering.stateOf(ordering.decidedElections(x.selfParent)).voters.includes(peerOf(x))
  }

  function prove(malice: Malice, at: Vertex, isKnownAt: Proof['isKnownAt'] = (x) => isDescendantOf(x, at)): Malice {
    const obliges = malice.kind !== 'accomplice' && malice.kind !== 'badCoinShare'
    proven.push({ malice, at, obliges, isKnownAt })
    return malice
  }

  function findFork(vertex: Vertex): Malice[] {
    if (graph.branchesOf(vertex.creator).length < 2 || forks.has(vertex.creator)) return []
    forks.add(vertex.creator)
    const branch = graph.branches[vertex.branch]
    const rival = graph.branchesOf(vertex.creator).flatMap((b) => {
      const other = graph.branches[b]
      const sibling = b === vertex.branch ? undefined : other?.vertices[(branch?.start ?? 0) - other.start]
      return sibling ? [sibling] : []
    })[0]
    if (!rival) return []
    return [{ kind: 'fork', accused: peerOf(vertex), evidence: [idOf(rival), idOf(vertex)] }]
  }

  return {
    establish(faults) {
      return faults.map(({ kind, accused, event, election }) => {
        const at = graph.find(event)
        invariant(at, 'what blocks order is in the graph')
        // Whatever decides an election descends from all that its batch holds.
        return prove({ kind, accused, evidence: [event] }, at, (_x, state) => state.election > election)
      })
    },
    convict(shares) {
      return shares.map(({ holder, vertex, toss }) => {
        const isKnownAt = (x: Vertex, state: AgreedState) =>
          isDescendantOf(x, vertex) && sourceOf(toss, electionState, state) !== null
        return prove({ kind: 'badCoinShare', accused: holder, evidence: [idOf(vertex)] }, vertex, isKnownAt)
      })
    },
    inspect(vertex, duplicateVotes) {
      const accused = peerOf(vertex)
      const found = findFork(vertex)
      for (const { earlier } of duplicateVotes.slice(0, 1)) {
        found.push(prove({ kind: 'duplicateVote', accused, evidence: [idOf(vertex), idOf(earlier)] }, vertex))
      }
      const parents = parentMalice(vertex)
      if (parents) found.push(prove({ kind: parents, accused, evidence: [idOf(vertex)] }, vertex))
      const content = ordering.contentOf(vertex)
      invariant(content, 'what an event says is kept while it is judged')
      const { attest, body } = content
      const state = ordering.stateOf(ordering.decidedElections(vertex))
      if (attest.height !== state.height || attest.blockHash !== state.lastBlock) {
        found.push(prove({ kind: 'falseAttestation', accused, evidence: [idOf(vertex)] }, vertex))
      }
      if (body.observations.some((o) => o.kind === 'accusation' && !isSupported(o, vertex))) {
        found.push(prove({ kind: 'invalidAccusation', accused, evidence: [idOf(vertex)] }, vertex))
      }
      const covered = isVoterAt(vertex) ? coveredBy(vertex)[0] : undefined
      const evidence = covered?.evidence()?.evidence[0]
      if (evidence) found.push(prove({ kind: 'accomplice', accused, evidence: [idOf(vertex), evidence] }, vertex))
      return found
    },
    accusationsDue(draft, self) {
      return provableAt(draft, true)
        .filter(({ accused }) => accused !== self && !hasAccused(draft.selfParent, accused))
        .flatMap(({ evidence }) => evidence() ?? [])
    },
    hasUnaccused(last, self, members) {
      if (forks.size === 0 && proven.length === 0) return false
      const guilty = new Set([...forks].map((creator) => graph.creators[creator] as PeerId))
      for (const { malice } of proven) guilty.add(malice.accused)
      guilty.delete(self)
      return [...guilty].some((peer) => members.has(peer) && !hasAccused(last, peer))
    },
    isProven(peer) {
      return forks.has(graph.creatorOf(peer)) || proven.some(({ malice }) => malice.accused === peer)
    },
  }
}

/** What an event's other-parents alone prove; harmless to the graph, so the event may stand in it. */
function parentMalice({ creator, selfParent, otherParents }: Vertex): 'staleOtherParent' | 'invalidOtherParent' | null {
  for (let i = 0; i < otherParents.length; i++) {
    const own = (otherParents[i] as Vertex).creator
    if (own === creator) return 'invalidOtherParent'
    for (let j = 0; j < i; j++) if ((otherParents[j] as Vertex).creator === own) return 'invalidOtherParent'
  }
  return selfParent && otherParents.some((other) => isDescendantOf(selfParent, other)) ? 'staleOtherParent' : null
}

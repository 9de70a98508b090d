/**
 * Reference model of provable malice (RFC 0050 and the protocol's own rules), but for the coin's. Each rule is a sentence
 * about one event's ancestry. Imports the model and core types only.
 */
import type { EventId, GossipEvent, PeerId } from '../../src/core/gossip/event.ts'
import type { Hashing } from '../../src/core/io.ts'
import type { Malice } from '../../src/core/malice/malice.ts'
import type { Observation } from '../../src/core/section/observation.ts'
import { votedFor } from './agreed.ts'
import { memo, memo2 } from './ancestry.ts'
import type { Model } from './model.ts'

export interface Proven {
  readonly kind: Malice['kind']
  readonly accused: PeerId
  /** The event that proves it; null for a fork, which any two of its sides prove. */
  readonly at: EventId | null
}

type Accusation = Extract<Observation, { kind: 'accusation' }>

/** All that the graph proves. */
export function provenMalice({ ancestry, agreedAt }: Model, hashing: Hashing): readonly Proven[] {
  const { ancestors, descends, parents, selfParent, selfAncestors, knowsFork, get } = ancestry
  const all = [...ancestry.events.values()]
  const voteKey = (vote: Observation) => hashing.observation(votedFor(vote))
  const votes = (x: GossipEvent) => x.body.observations.map(voteKey)
  const before = (x: GossipEvent) => [...selfAncestors(x)].filter((own) => own !== x)

  /** The vote stands on the event's own chain already, or twice in it. */
  const isDuplicateVote = (x: GossipEvent) =>
    new Set(votes(x)).size < votes(x).length ||
    before(x).some((own) => votes(own).some((key) => votes(x).includes(key)))

  /** A parent of its own making, or two by one creator. */
  const hasInvalidParent = ({ creator, otherParents }: GossipEvent) => {
    const creators = otherParents.map((id) => get(id).creator)
    return creators.includes(creator) || new Set(creators).size < creators.length
  }

  /** It knew the parent before. */
  function hasStaleParent(x: GossipEvent): boolean {
    const own = selfParent(x)
    return own !== null && x.otherParents.some((id) => descends(own, get(id)))
  }

  /** It does not name the last block that its ancestry decides. */
  function isFalseAttestation(x: GossipEvent): boolean {
    const { height, lastBlock } = agreedAt([x])
    return x.attest.height !== height || x.attest.blockHash !== lastBlock
  }

  function isSupported(accusation: Accusation, x: GossipEvent): boolean {
    const evidence = accusation.evidence.flatMap((id) => [...ancestors(x)].filter((event) => event.id === id))
    if (evidence.length < accusation.evidence.length) return false
    if (evidence.some((event) => event === x || event.creator !== accusation.accused)) return false
    const [first, second] = evidence
    if (!first) return false
    if (accusation.malice !== 'fork') return malice(first).includes(accusation.malice)
    return evidence.length === 2 && second !== undefined && first !== second && first.seq === second.seq
  }

  const accuses = (x: GossipEvent): readonly Accusation[] =>
    x.body.observations.flatMap((observation) => (observation.kind === 'accusation' ? [observation] : []))

  const hasAccused = (x: GossipEvent, peer: PeerId) =>
    [...selfAncestors(x)].some((own) => accuses(own).some(({ accused }) => accused === peer))

  /** Members whose malice x descends from, by other events than its own; an accomplice's obliges nobody. */
  const guiltyBelow = memo((x: GossipEvent): readonly PeerId[] =>
    agreedAt(parents(x)).members.filter(
      (peer) =>
        peer !== x.creator &&
        (knowsFork(x, peer) ||
          [...ancestors(x)].some(
            (event) => event.creator === peer && malice(event).some((kind) => kind !== 'accomplice'),
          )),
    ),
  )

  /** A voter that descends from malice, as its self-parent did not, and has not accused it up to here. */
  function isAccomplice(x: GossipEvent): boolean {
    const own = selfParent(x)
    if (!agreedAt(own ? [own] : []).voters.includes(x.creator)) return false
    return guiltyBelow(x).some((peer) => !hasAccused(x, peer) && !(own && guiltyBelow(own).includes(peer)))
  }

  const rules: readonly (readonly [Malice['kind'], (x: GossipEvent) => boolean])[] = [
    ['duplicateVote', isDuplicateVote],
    ['invalidOtherParent', hasInvalidParent],
    ['staleOtherParent', (x) => !hasInvalidParent(x) && hasStaleParent(x)],
    ['falseAttestation', isFalseAttestation],
    ['invalidAccusation', (x) => accuses(x).some((accusation) => !isSupported(accusation, x))],
    ['accomplice', isAccomplice],
  ]
  const breaks = memo2((kind: Malice['kind'], x: GossipEvent) => rules.find(([name]) => name === kind)?.[1](x) ?? false)

  function malice(x: GossipEvent): readonly Malice['kind'][] {
    return rules.flatMap(([kind]) => (breaks(kind, x) ? [kind] : []))
  }

  const creators = [...new Set(all.map(({ creator }) => creator))]
  const forks = creators.filter((peer) => {
    const own = all.filter(({ creator }) => creator === peer)
    return own.some((a) => own.some((b) => ancestry.isFork(a, b)))
  })
  return [
    ...forks.map((accused): Proven => ({ kind: 'fork', accused, at: null })),
    ...all.flatMap((x) => malice(x).map((kind): Proven => ({ kind, accused: x.creator, at: x.id }))),
  ]
}

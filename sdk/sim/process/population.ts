/** Puts a host into every slot, adversaries with their powers, and starts each at its time. */
import type { PeerId } from '../../src/core/gossip/event.ts'
import type { Hashing } from '../../src/core/io.ts'
import { parityCoin } from '../../src/core/meta-voting/coin.ts'
import type { Parsec, ParsecOptions } from '../../src/core/options.ts'
import type { Genesis } from '../../src/core/section/block.ts'
import { KEPT_ELECTIONS } from '../../src/core/section/rounds.ts'
import { createMemoryStore } from '../../src/store/index.ts'
import { virtualNowMs } from '../adversaries/adversary.ts'
import { cheatingCoin } from '../adversaries/bad-coin.ts'
import { type AdversaryKind, createTamper } from '../adversaries/catalogue.ts'
import type { ModelCoins } from '../coin/model-coin.ts'
import type { Engine } from '../engine.ts'
import type { Identities } from '../identity.ts'
import type { Network } from '../network/network.ts'
import type { Random } from '../random.ts'
import type { Registry } from '../registry.ts'
import { invitationOf, type Scenario } from '../scenario.ts'
import { createArchive } from './archive.ts'
import { createHost } from './host.ts'
import type { Host, Tamper } from './host-port.ts'
import type { Reports } from './reports.ts'

export interface PopulationOptions {
  readonly scenario: Scenario
  readonly engine: Engine
  readonly network: Network
  readonly registry: Registry
  readonly identities: Identities
  readonly random: Random
  readonly hashing: Hashing
  readonly genesis: Genesis
  readonly reports: Reports
  readonly createCore: (options: ParsecOptions) => Parsec
  /** Null where the section makes no key. */
  readonly coins: ModelCoins | null
  /** Filled in the order of the slots. */
  readonly hosts: Host[]
}

export function createPopulation(options: PopulationOptions): void {
  const { scenario, engine, hosts } = options
  const kindsBySlot = new Map(scenario.adversaries.map(({ slot, kinds }) => [slot, kinds]))
  for (let slot = 0; slot < scenario.peers; slot++) {
    const host = populate(slot, kindsBySlot.get(slot) ?? null, options)
    hosts.push(host)
    const startMs = scenario.startMs[slot]
    if (startMs !== null && startMs !== undefined) engine.at(startMs, host.start)
  }
}

function populate(slot: number, kinds: readonly AdversaryKind[] | null, options: PopulationOptions): Host {
  const { scenario, engine, network, registry, identities, reports, hosts } = options
  const createCore = (self: PeerId) => coreOf(self, slot, options)
  return createHost({
    ...{ slot, engine, network, registry, reports, createCore },
    clockSkewMs: scenario.clockSkewMs[slot] ?? 0,
    persistMs: scenario.persistMs,
    identityOf: (life) => identities.of(slot, life),
    createStore: createMemoryStore,
    archive: createArchive(registry, scenario.hash),
    slotOf: identities.slotOf,
    peerAt: (other) => (hosts[other] as Host).identity(),
    admits: (by, peer) =>
      !reports.hasSeenExpelled(by, peer) && hosts[identities.slotOf(peer) ?? -1]?.hasLeft() === false,
    invitationOf: (peer) => invitationOf(scenario, identities.slotOf(peer) ?? 0),
    tamper: kinds === null ? null : (host) => tamperOf(host, kinds, createCore, options),
  })
}

/** How many decided elections the cores of one world keep, so that what is computed anew meets what was kept. */
const keptElections = [0, 1, 2, KEPT_ELECTIONS]

function coreOf(self: PeerId, slot: number, options: PopulationOptions): Parsec {
  const { scenario, genesis, hashing } = options
  return options.createCore({
    ...{ self, genesis, hashing },
    voterPolicy: scenario.genesis === 'grow' ? 'grow' : 'fixed',
    gossip: scenario.profile === 'classic' ? 'classic' : 'multiParent',
    ...(scenario.forgetAfterMs === null ? {} : { forgetAfterMs: scenario.forgetAfterMs }),
    keptElections: keptElections[(scenario.seed + slot) % keptElections.length] as number,
    ...coinOf(self, options),
  })
}

function coinOf(
  self: PeerId,
  { scenario, identities, random, coins }: PopulationOptions,
): Pick<ParsecOptions, 'coin' | 'coinCrypto'> {
  if (coins === null) return scenario.coin === 'parity' ? { coin: parityCoin } : {}
  const party = coins.party(self)
  const kinds = scenario.adversaries.find(({ slot }) => slot === identities.slotOf(self))?.kinds
  return { coinCrypto: kinds?.includes('badCoin') ? cheatingCoin(party, random.stream(`coin ${self}`)) : party.coin }
}

function tamperOf(
  host: Host,
  kinds: readonly AdversaryKind[],
  createCore: (self: PeerId) => Parsec,
  { scenario, engine, registry, random }: PopulationOptions,
): Tamper {
  const { deltaMs, activeMs } = scenario
  const nowMs = () => virtualNowMs(engine)
  const stream = random.stream(`adversary ${host.slot}`)
  return createTamper(kinds, { host, engine, random: stream, registry, deltaMs, activeMs, createCore, nowMs })
}

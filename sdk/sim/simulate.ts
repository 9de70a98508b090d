/**
 * Runs one scenario: the very code of the core and of the store under virtual time, network and faults. Nothing here
 * reads a clock or draws randomness but from the scenario's seed, so that one scenario is one run with one trace hash.
 */
import type { GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Parsec, ParsecOptions } from '../src/core/options.ts'
import type { Block, Genesis } from '../src/core/section/block.ts'
import { createHashing } from '../src/wire/hashing.ts'
import { createScheduler } from './adversaries/scheduler.ts'
import { allCheckers } from './checkers/all.ts'
import type { CreateChecker, Violation, World } from './checkers/checker.ts'
import { createModelCoins } from './coin/model-coin.ts'
import { createEngine, type Engine } from './engine.ts'
import { createFastHashing } from './hashing.ts'
import { createIdentities } from './identity.ts'
import { createNetwork, linkKey, type Network } from './network/network.ts'
import { createContract } from './process/contract.ts'
import { scheduleFaults } from './process/faults.ts'
import type { Host } from './process/host-port.ts'
import { createPopulation } from './process/population.ts'
import { createReports } from './process/reports.ts'
import { createSubmissions } from './process/submissions.ts'
import { createRandom, type Random } from './random.ts'
import { createRegistry } from './registry.ts'
import { createMetrics, type RunMetrics } from './report/metrics.ts'
import { roundsOf } from './report/rounds.ts'
import { epochMs, type Scenario } from './scenario.ts'
import { createTrace, type Trace } from './trace.ts'

export interface RunResult {
  readonly scenario: Scenario
  readonly violations: readonly Violation[]
  readonly traceHash: string
  /** Whether more voters misbehaved than the protocol tolerates, so that the run was given up. */
  readonly outOfContract: boolean
  readonly metrics: RunMetrics
  /** For pictures; in the order of signing. */
  readonly events: () => readonly GossipEvent[]
  readonly nameOf: (peer: PeerId) => string
}

export interface SimulateOptions {
  readonly createCore: (options: ParsecOptions) => Parsec
  readonly checkers?: readonly CreateChecker[]
}

/** A run that takes more than this does not come to rest. */
const actionsMax = 3_000_000

export async function simulate(scenario: Scenario, options: SimulateOptions): Promise<RunResult> {
  const run = assemble(scenario, options)
  const { engine, world, contract, checkers, violations } = run
  const stop = () => violations.length > 0 || contract.isBroken()
  const ended = await engine.run(scenario.activeMs + scenario.drainMs, actionsMax, stop)
  if (ended === 'actions') world.fail('quiescence', `${actionsMax} actions in ${Math.round(engine.now())} ms`)
  if (ended === 'idle' || ended === 'time') for (const checker of checkers) checker.atEnd?.(ended === 'idle')
  const ordering = world.hosts.find((host) => world.isCorrect(host.slot) && host.isRunning())?.core().ordering
  return {
    scenario,
    violations,
    traceHash: run.trace.digest(),
    outOfContract: contract.isBroken(),
    metrics: run.metrics.result(world.ledger, ordering ? roundsOf(ordering) : {}),
    events: () => [...world.registry.events()],
    nameOf: world.nameOf,
  }
}

function assemble(scenario: Scenario, options: SimulateOptions) {
  const engine = createEngine()
  const random = createRandom(scenario.seed)
  const hashing = scenario.hash === 'wire' ? createHashing() : createFastHashing()
  const registry = createRegistry(hashing)
  const identities = createIdentities(scenario.seed)
  const trace = createTrace()
  const slots = Array.from({ length: scenario.peers }, (_, slot) => slot)
  const founders = (scenario.genesis === 'fixed' ? slots : [0]).map((slot) => identities.of(slot, 0))
  const genesis = createGenesis(scenario, founders)
  const adversarySlots = new Set(scenario.adversaries.map(({ slot }) => slot))
  const isCorrect = (slot: number) => !adversarySlots.has(slot)
  const violations: Violation[] = []
  const ledger: Block[] = []
  const hosts: Host[] = []
  const network = networkOf(scenario, engine, random, trace)
  const contract = createContract({ scenario, hosts, isCorrect, founders, slotOf: identities.slotOf })
  const metrics = createMetrics({
    deltaMs: scenario.deltaMs,
    nowMs: engine.now,
    supermajority: (voters) => Math.floor((2 * voters) / 3) + 1,
    isSteady: (peer) => {
      const slot = identities.slotOf(peer)
      return slot !== undefined && isCorrect(slot) && reports.isSteady(slot)
    },
  })
  const submissions = createSubmissions({ scenario, engine, hosts, isCorrect, onSubmitted: metrics.onSubmitted })
  const world: World = {
    ...{ scenario, genesis, sectionId: hashing.genesis(genesis), registry, hashing, hosts, ledger, isCorrect },
    isCorrectPeer: (peer) => {
      const slot = identities.slotOf(peer)
      return slot !== undefined && isCorrect(slot)
    },
    nameOf: identities.nameOf,
    owedTransactions: submissions.owed,
    owedVotes: submissions.owedVotes,
    livenessIsPromised: () => contract.livenessIsPromised() && isOneNetwork(hosts, network, isCorrect),
    meetsQuorum: (host) => contract.meetsQuorum(host, (other) => network.isUp(host.slot, other)),
    lastSignedMs: () => reports.lastSignedMs(),
    nowMs: engine.now,
    fail: (checker, detail) => void violations.push({ checker, detail, atMs: engine.now() }),
  }
  const checkers = (options.checkers ?? allCheckers).map((create) => create(world))
  const reports = createReports({ world, ledger, checkers, metrics, submissions, contract })
  const { createCore } = options
  createPopulation({
    ...{ scenario, engine, network, registry, identities, random, hashing, genesis },
    coins: scenario.coin === 'threshold' ? createModelCoins(scenario.seed) : null,
    ...{ hosts, reports, createCore },
  })
  submissions.schedule()
  scheduleFaults({ scenario, engine, network, hosts, mayFailForGood: contract.mayFailForGood })
  return { engine, world, contract, checkers, violations, trace, metrics }
}

function createGenesis(scenario: Scenario, founders: readonly PeerId[]): Genesis {
  return {
    founders: [...founders].sort(),
    createdAtMs: epochMs - 1000,
    salt: scenario.seed.toString(16).padStart(64, '0'),
    previousSection: null,
    maxVoters: scenario.maxVoters,
  }
}

function networkOf(scenario: Scenario, engine: Engine, random: Random, trace: Trace): Network {
  const healed = () => engine.now() >= scenario.activeMs
  const scheduler = () =>
    createScheduler({
      random: random.stream('scheduler'),
      boundMs: scenario.schedulerDelta * scenario.deltaMs,
      untilMs: scenario.activeMs,
      now: engine.now,
    })
  return createNetwork({
    engine,
    random: random.stream('network'),
    peers: scenario.peers,
    deltaMs: scenario.deltaMs,
    delay: scenario.delay,
    lossRate: () => (healed() ? 0 : scenario.lossRate),
    duplicateRate: () => (healed() ? 0 : scenario.duplicateRate),
    slowFactor: (slot) => scenario.slow.find((one) => one.slot === slot)?.factor ?? 1,
    missing: new Set(scenario.missingLinks.map(([a, b]) => linkKey(a, b))),
    scheduler: scenario.schedulerDelta === 0 ? null : scheduler(),
    onDeliver: (from, to, message) => trace.deliver(engine.now(), from, to, message),
  })
}

/** Whether the correct hosts that run reach each other over correct hosts alone: who left may have been the only bridge. */
function isOneNetwork(hosts: readonly Host[], network: Network, isCorrect: (slot: number) => boolean): boolean {
  const running = hosts.filter((host) => isCorrect(host.slot) && host.isRunning())
  const reached = new Set(running.slice(0, 1))
  for (const host of reached) {
    for (const other of running) if (other !== host && network.isUp(host.slot, other.slot)) reached.add(other)
  }
  return reached.size === running.length
}

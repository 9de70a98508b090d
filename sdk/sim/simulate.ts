/**
 * Runs one scenario: the very code of the core under virtual time, network, storage and faults. Nothing here reads a
 * clock or draws randomness but from the scenario's seed, so that one scenario is one run with one trace hash.
 */
import type { GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Hashing } from '../src/core/io.ts'
import { parityCoin } from '../src/core/meta-voting/coin.ts'
import type { Parsec, ParsecOptions } from '../src/core/options.ts'
import type { Block, Genesis } from '../src/core/section/block.ts'
import { createHashing } from '../src/wire/hashing.ts'
import { type AdversaryContext, virtualNowMs } from './adversaries/adversary.ts'
import { cheatingCoin } from './adversaries/bad-coin.ts'
import { createTamper } from './adversaries/catalogue.ts'
import { createScheduler } from './adversaries/scheduler.ts'
import { allCheckers } from './checkers/all.ts'
import type { Checker, CreateChecker, Violation, World } from './checkers/checker.ts'
import { createModelCoins } from './coin/model-coin.ts'
import { createEngine } from './engine.ts'
import { createFastHashing } from './hashing.ts'
import { createIdentities } from './identity.ts'
import { createNetwork, linkKey } from './network/network.ts'
import { createContract } from './process/contract.ts'
import { scheduleFaults } from './process/faults.ts'
import { createHost, type Host, type HostReports } from './process/host.ts'
import { createSubmissions } from './process/submissions.ts'
import { createRandom } from './random.ts'
import { createRegistry } from './registry.ts'
import { createMetrics, type RunMetrics } from './report/metrics.ts'
import { epochMs, type Scenario } from './scenario.ts'
import { createTrace } from './trace.ts'

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

function createGenesis(scenario: Scenario, founders: readonly PeerId[]): Genesis {
  return {
    founders: [...founders].sort(),
    createdAtMs: epochMs - 1000,
    salt: scenario.seed.toString(16).padStart(64, '0'),
    previousSection: null,
    maxVoters: scenario.maxVoters,
  }
}

export function simulate(scenario: Scenario, options: SimulateOptions): RunResult {
  const run = assemble(scenario, options)
  const { engine, violations, contract, checkers } = run
  const stop = () => violations.length > 0 || contract.isBroken()
  const ended = engine.run(scenario.activeMs + scenario.drainMs, actionsMax, stop)
  if (ended === 'actions') run.fail('quiescence', `${actionsMax} actions in ${Math.round(engine.now())} ms`)
  if (ended === 'idle' || ended === 'time') for (const checker of checkers) checker.atEnd?.(ended === 'idle')
  return {
    scenario,
    violations,
    traceHash: run.trace.digest(),
    outOfContract: contract.isBroken(),
    metrics: run.metrics.result(run.ledger),
    events: () => [...run.registry.events()],
    nameOf: run.nameOf,
  }
}

function assemble(scenario: Scenario, options: SimulateOptions) {
  const engine = createEngine()
  const random = createRandom(scenario.seed)
  const hashing: Hashing = scenario.hash === 'wire' ? createHashing() : createFastHashing()
  const registry = createRegistry(hashing)
  const identities = createIdentities(scenario.seed)
  const trace = createTrace()
  const slots = Array.from({ length: scenario.peers }, (_, slot) => slot)
  const founders = (scenario.genesis === 'fixed' ? slots : [0]).map((slot) => identities.of(slot, 0))
  const genesis = createGenesis(scenario, founders)
  const adversarySlots = new Map(scenario.adversaries.map(({ slot, kinds }) => [slot, kinds]))
  const isCorrect = (slot: number) => !adversarySlots.has(slot)
  const violations: Violation[] = []
  const ledger: Block[] = []
  const hosts: Host[] = []
  const expelled = new Set<string>()
  const fail = (checker: string, detail: string) => void violations.push({ checker, detail, atMs: engine.now() })
  const healed = () => engine.now() >= scenario.activeMs

  const coins = scenario.coin === 'threshold' ? createModelCoins(scenario.seed) : null
  const coinOf = (self: PeerId): Pick<ParsecOptions, 'coin' | 'coinCrypto'> => {
    if (!coins) return scenario.coin === 'parity' ? { coin: parityCoin } : {}
    const party = coins.party(self)
    const cheats = adversarySlots.get(identities.slotOf(self) ?? -1)?.includes('badCoin')
    return { coinCrypto: cheats ? cheatingCoin(party, random.stream(`coin ${self}`)) : party.coin }
  }
  const createCore = (self: PeerId) =>
    options.createCore({
      self,
      genesis,
      hashing,
      voterPolicy: scenario.genesis === 'grow' ? 'grow' : 'fixed',
      gossip: scenario.profile === 'classic' ? 'classic' : 'multiParent',
      ...coinOf(self),
    })

  const network = createNetwork({
    engine,
    random: random.stream('network'),
    peers: scenario.peers,
    deltaMs: scenario.deltaMs,
    delay: scenario.delay,
    lossRate: () => (healed() ? 0 : scenario.lossRate),
    duplicateRate: () => (healed() ? 0 : scenario.duplicateRate),
    slowFactor: (slot) => scenario.slow.find((one) => one.slot === slot)?.factor ?? 1,
    missing: new Set(scenario.missingLinks.map(([a, b]) => linkKey(a, b))),
    scheduler:
      scenario.schedulerDelta === 0
        ? null
        : createScheduler({
            random: random.stream('scheduler'),
            boundMs: scenario.schedulerDelta * scenario.deltaMs,
            untilMs: scenario.activeMs,
            now: engine.now,
          }),
    onDeliver: (from, to, message) => trace.deliver(engine.now(), from, to, message),
  })

  const contract = createContract({ scenario, hosts, isCorrect, founders, slotOf: identities.slotOf })
  const stopped = new Set<number>()
  const metrics = createMetrics({
    deltaMs: scenario.deltaMs,
    nowMs: engine.now,
    supermajority: (voters) => Math.floor((2 * voters) / 3) + 1,
    isSteady: (peer) => {
      const slot = identities.slotOf(peer)
      return slot !== undefined && isCorrect(slot) && !stopped.has(slot) && hosts[slot]?.isRunning() === true
    },
  })
  const submissions = createSubmissions({ scenario, engine, hosts, isCorrect, onSubmitted: metrics.onSubmitted })
  let lastSignedMs = 0

  const world: World = {
    scenario,
    genesis,
    sectionId: hashing.genesis(genesis),
    registry,
    hashing,
    hosts,
    ledger,
    isCorrect,
    isCorrectPeer: (peer) => {
      const slot = identities.slotOf(peer)
      return slot !== undefined && isCorrect(slot)
    },
    nameOf: identities.nameOf,
    owedTransactions: submissions.owed,
    livenessIsPromised: () => contract.livenessIsPromised() && isOneNetwork(),
    meetsQuorum: (host) => contract.meetsQuorum(host, (other) => network.isUp(host.slot, other)),
    lastSignedMs: () => lastSignedMs,
    nowMs: engine.now,
    fail,
  }
  /** Whether the correct hosts that run reach each other over correct hosts alone: who left may have been the only bridge. */
  function isOneNetwork(): boolean {
    const running = hosts.filter((host) => isCorrect(host.slot) && host.isRunning())
    const reached = new Set(running.slice(0, 1))
    for (const host of reached) {
      for (const other of running) if (other !== host && network.isUp(host.slot, other.slot)) reached.add(other)
    }
    return reached.size === running.length
  }

  const checkers: readonly Checker[] = (options.checkers ?? allCheckers).map((create) => create(world))

  const reports: HostReports = {
    onSigned(host, event) {
      metrics.onSigned(event)
      if (!isCorrect(host.slot)) return
      lastSignedMs = engine.now()
      for (const checker of checkers) checker.onSigned?.(host, event)
    },
    onPersisted(host, events) {
      if (!isCorrect(host.slot)) return
      submissions.onPersisted(host, events)
      for (const checker of checkers) checker.onPersisted?.(host, events)
    },
    onSend(host, to, message) {
      metrics.onSend(message)
      if (isCorrect(host.slot)) for (const checker of checkers) checker.onSend?.(host, to, message)
    },
    onOutput(host, input, output) {
      if (!isCorrect(host.slot)) return
      metrics.onInput(input)
      for (const { reason } of output.rejections) metrics.onRejection(reason)
      for (const { kind } of output.evidence) metrics.onEvidence(kind)
      for (const block of output.blocks) {
        if (ledger.length === block.height - 1) {
          ledger.push(block)
          for (const checker of checkers) checker.onFirstBlock?.(block)
        }
        for (const checker of checkers) checker.onBlock?.(host, block)
        metrics.onBlock(host, block)
        for (const observation of block.observations)
          if (observation.kind === 'expel') expelled.add(`${host.slot} ${observation.peer}`)
      }
      for (const checker of checkers) checker.onOutput?.(host, input, output)
      if (output.blocks.some((block) => block.observations.length > 0)) contract.review(host)
    },
    onStarted(host) {
      submissions.onStarted(host)
      if (isCorrect(host.slot)) for (const checker of checkers) checker.onStarted?.(host)
    },
    onStopped(host) {
      stopped.add(host.slot)
      if (isCorrect(host.slot)) for (const checker of checkers) checker.onStopped?.(host)
    },
    onException(host, input, error) {
      // A core that an adversary fed its own forks may refuse to go on; that is the adversary's affair.
      if (isCorrect(host.slot)) for (const checker of checkers) checker.onException?.(host, input, error)
      else host.stop()
    },
    onRefused(host, from, event) {
      metrics.onRefused()
      if (isCorrect(host.slot)) for (const checker of checkers) checker.onRefused?.(host, from, event)
    },
  }

  for (const slot of slots) {
    const kinds = adversarySlots.get(slot)
    const identityOf = (life: number) => identities.of(slot, life)
    const tamper =
      kinds === undefined
        ? null
        : (host: Host) => {
            const stream = random.stream(`adversary ${slot}`)
            const { deltaMs, activeMs } = scenario
            const nowMs = () => virtualNowMs(engine)
            const context: AdversaryContext = {
              host,
              engine,
              random: stream,
              registry,
              deltaMs,
              activeMs,
              createCore,
              nowMs,
            }
            return createTamper(kinds, context)
          }
    const host = createHost({
      slot,
      engine,
      network,
      registry,
      reports,
      clockSkewMs: scenario.clockSkewMs[slot] ?? 0,
      persistMs: scenario.persistMs,
      identityOf,
      createCore,
      slotOf: identities.slotOf,
      peerAt: (other) => (hosts[other] as Host).identity(),
      admits: (by, peer) =>
        !expelled.has(`${by.slot} ${peer}`) && hosts[identities.slotOf(peer) ?? -1]?.hasLeft() === false,
      tamper,
    })
    hosts.push(host)
    const startMs = scenario.startMs[slot]
    if (startMs !== null && startMs !== undefined) engine.at(startMs, host.start)
  }
  submissions.schedule()
  scheduleFaults({ scenario, engine, network, hosts, mayFailForGood: contract.mayFailForGood })
  return { engine, violations, contract, checkers, fail, trace, metrics, ledger, registry, nameOf: identities.nameOf }
}

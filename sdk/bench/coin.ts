/** Making the coin's key in a live section, drawing random values with it, and starting again from what is stored: engines with their own keys, stores and coins, joined in memory. */
import type { CoinTerms } from '../src/core/coin/port.ts'
import type { GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Output } from '../src/core/io.ts'
import type { Genesis } from '../src/core/section/block.ts'
import { faultsTolerated } from '../src/core/thresholds.ts'
import type { SteppedCoinCrypto, Steps } from '../src/crypto/coin/index.ts'
import { createIdentity, type Identity } from '../src/crypto/index.ts'
import { type Engine, startEngine } from '../src/runtime/engine.ts'
import { createMemoryStore, type Store } from '../src/store/index.ts'
import { createHashing, encodeEvent, type PeerMessage } from '../src/wire/index.ts'
import { createRealParty } from '../test/coin-party.ts'
import { begin, conclude, digits, showSpread, spreadOf, type Table } from './report.ts'

export interface CoinOptions {
  readonly sizes: readonly number[]
  readonly repetitions: number
}

/** Of what the coin computes, all else left out. */
interface Meter {
  cpuMs: number
  /** Between two turns of the event loop, in which nothing else can run. */
  taskMs: number
  longestTaskMs: number
}

interface Voter {
  readonly peer: PeerId
  readonly engine: Engine
  readonly meter: Meter
  readonly start: Start
  readonly store: Store
  readonly cheats: boolean
  coinBytes: number
  final: number
  readonly latenciesMs: number[]
}

interface Run {
  readonly n: number
  readonly cheaters: number
  readonly removed: number
  readonly wallMs: number
  readonly blocks: number
  readonly transactions: number
  readonly latencyMs: number
  readonly bytesPerVoter: number
  readonly cpuMsPerVoter: number
  readonly longestTaskMs: number
  readonly drawCpuMs: number
  readonly drawTaskMs: number
  readonly restartCpuMs: number
  readonly restartTaskMs: number
}

const DELAY_MS = 2
const TRANSACTION_BYTES = 200
const PATIENCE_MS = 600_000
/** Random values asked for at once. */
const DRAWS = 4

/** Each size without and with f cheating dealers. */
export async function benchCoin({ sizes, repetitions }: CoinOptions): Promise<void> {
  const head = begin('coin', { sizes, repetitions, delayMs: DELAY_MS })
  const runs: Run[] = []
  // Thrown away: it would measure the compiler.
  await makeKey(4, 0)
  for (let i = 0; i < repetitions; i++) {
    for (const n of sizes) {
      for (const cheaters of [0, faultsTolerated(n)]) {
        runs.push(await makeKey(n, cheaters))
        console.error(`${runs.length} of ${2 * sizes.length * repetitions} runs`)
      }
    }
  }
  conclude(head, [makingTable(runs), afterwardsTable(runs)], { runs })
}

/** Until all who are honest have a key that serves, and whoever cheated is removed. */
async function makeKey(n: number, cheaters: number): Promise<Run> {
  const identities = await Promise.all(Array.from({ length: n }, createIdentity))
  const founders = identities.map(({ peer }) => peer).sort()
  const genesis: Genesis = { founders, createdAtMs: 0, salt: '5a'.repeat(32), previousSection: null, maxVoters: n }
  const voters = new Map<PeerId, Voter>()
  const startMs = performance.now()
  let watch: () => void = () => {}
  for (const [index, identity] of identities.entries()) {
    // Somebody honest, who stays and complains.
    const victim = (identities[0] as Identity).peer
    const cheat = index >= n - cheaters ? (index % 2 === 0 ? 'public' : 'secret') : null
    const meter = { cpuMs: 0, taskMs: 0, longestTaskMs: 0 }
    const own = { store: createMemoryStore(), meter, changed: () => watch() }
    voters.set(identity.peer, await startVoter({ identity, genesis, cheat, victim, voters, ...own }))
  }
  for (const { peer, engine } of voters.values()) {
    for (const other of founders.filter((each) => each !== peer)) {
      engine.put({ kind: 'peerUp', peer: other })
      engine.put({ kind: 'delay', peer: other, oneWayMs: DELAY_MS })
    }
    engine.start()
    submit(engine)
  }
  const honest = [...voters.values()].filter(({ cheats }) => !cheats)
  const until = (what: string, isMet: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`no ${what} after ${PATIENCE_MS} ms`)), PATIENCE_MS)
      watch = () => {
        if (!isMet()) return
        clearTimeout(patience)
        resolve()
      }
    })
  await until('key', () => honest.every((voter) => isDone(voter, voters)))
  const making = measured(n, cheaters, performance.now() - startMs, honest)
  const drawing = await measuredDraws(honest, (isMet) => until('random value', isMet))
  await Promise.all([...voters.values()].map(({ engine }) => engine.stop()))
  return { ...making, ...drawing, ...(await measuredRestart(honest[0] as Voter)) }
}

/** Up to three voters need no key. */
function isDone({ engine }: Voter, voters: ReadonlyMap<PeerId, Voter>): boolean {
  const { coin, members } = engine.core.status()
  const isRid = members.every(({ peer }) => !voters.get(peer)?.cheats)
  return isRid && (coin.state === 'active' || (coin.state === 'none' && members.length < voters.size))
}

type Making = Omit<Run, 'drawCpuMs' | 'drawTaskMs' | 'restartCpuMs' | 'restartTaskMs'>

/** Everybody asks for the values of the last blocks. */
async function measuredDraws(
  honest: readonly Voter[],
  until: (isMet: () => boolean) => Promise<void>,
): Promise<Pick<Run, 'drawCpuMs' | 'drawTaskMs'>> {
  const meters = honest.map((voter) => reset(voter.meter))
  const [{ engine: first }] = honest as [Voter]
  const last = Math.min(...honest.map(({ engine }) => engine.core.status().height))
  const heights = Array.from({ length: Math.min(DRAWS, last) }, (_, i) => last - i)
  for (const { engine } of honest) for (const height of heights) engine.put({ kind: 'draw', height })
  if (first.core.status().coin.state === 'active') {
    await until(() => honest.every(({ engine }) => heights.every((height) => engine.core.randomness(height) !== null)))
  }
  return { drawCpuMs: mean(meters.map(({ cpuMs }) => cpuMs)), drawTaskMs: longest(meters) }
}

/** Everything from the store, the coin's memory empty. */
async function measuredRestart({ start, store, meter }: Voter): Promise<Pick<Run, 'restartCpuMs' | 'restartTaskMs'>> {
  reset(meter)
  const { engine } = await startVoter({ ...start, store, meter, voters: new Map(), changed: () => {} })
  await engine.settled()
  await engine.stop()
  return { restartCpuMs: meter.cpuMs, restartTaskMs: meter.longestTaskMs }
}

function reset(meter: Meter): Meter {
  meter.cpuMs = 0
  meter.taskMs = 0
  meter.longestTaskMs = 0
  return meter
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const longest = (meters: readonly Meter[]) => Math.max(...meters.map(({ longestTaskMs }) => longestTaskMs))

function measured(n: number, cheaters: number, wallMs: number, honest: readonly Voter[]): Making {
  const [first] = honest as [Voter]
  return {
    n,
    cheaters,
    removed: n - first.engine.core.status().members.length,
    wallMs,
    blocks: first.engine.core.status().height,
    transactions: honest.reduce((sum, { final }) => sum + final, 0),
    latencyMs: spreadOf(honest.flatMap(({ latenciesMs }) => latenciesMs)).median,
    bytesPerVoter: mean(honest.map(({ coinBytes }) => coinBytes)),
    cpuMsPerVoter: mean(honest.map(({ meter }) => meter.cpuMs)),
    longestTaskMs: longest(honest.map(({ meter }) => meter)),
  }
}

interface Start {
  readonly identity: Identity
  readonly genesis: Genesis
  /** A deal that is none, or a bad share for the victim. */
  readonly cheat: 'public' | 'secret' | null
  readonly victim: PeerId
  readonly voters: ReadonlyMap<PeerId, Voter>
  readonly changed: () => void
  readonly store: Store
  readonly meter: Meter
}

async function startVoter(start: Start): Promise<Voter> {
  const { identity, genesis, cheat, victim, voters, changed, store, meter } = start
  const { peer } = identity
  const honest = identity.createCoin()
  const coin = metered(cheat === null ? honest : cheating(peer, cheat, victim), meter)
  let submittedAtMs = performance.now()
  const report = (output: Output) => {
    voter.coinBytes += output.drafts.reduce((sum, event) => sum + coinBytesOf(event), 0)
    const own = output.blocks.flatMap(({ items }) => items).filter(({ creator }) => creator === peer)
    if (own.some(({ transactions }) => transactions.length > 0)) {
      voter.final++
      voter.latenciesMs.push(performance.now() - submittedAtMs)
      submittedAtMs = performance.now()
      submit(voter.engine)
    }
    changed()
  }
  const engine = await startEngine({
    identity: { ...identity, createCoin: () => coin },
    genesis,
    hashing: createHashing(),
    store,
    nowMs: () => performance.timeOrigin + performance.now(),
    send: (to, message) => void setTimeout(() => deliver(voters.get(to), peer, message), DELAY_MS),
    report,
    stalled: () => {},
    failed: (error) => {
      throw error
    },
  })
  const counts = { coinBytes: 0, final: 0, latenciesMs: [] }
  const voter: Voter = { peer, engine, meter, start, store, cheats: cheat !== null, ...counts }
  return voter
}

/** Signatures are made and not verified: that is none of the coin's costs. */
function deliver(to: Voter | undefined, from: PeerId, message: PeerMessage): void {
  if (message.kind === 'events') to?.engine.putEvents(from, message.events, message.more)
  else if (message.kind === 'tips' || message.kind === 'want' || message.kind === 'links') {
    to?.engine.put({ kind: 'message', from, message })
  }
}

function submit(engine: Engine): void {
  const transaction = crypto.getRandomValues(new Uint8Array(TRANSACTION_BYTES))
  engine.put({ kind: 'submit', transactions: [transaction] })
}

function coinBytesOf(event: GossipEvent): number {
  const { coin, ...rest } = event.body
  return coin ? encodeEvent(event).body.length - encodeEvent({ ...event, body: rest }).body.length : 0
}

function cheating(peer: PeerId, how: 'public' | 'secret', victim: PeerId): SteppedCoinCrypto {
  const party = createRealParty(peer)
  const made = new Map<number, Uint8Array>()
  const dealOf = (terms: CoinTerms) => {
    const deal = made.get(terms.epoch) ?? (how === 'public' ? new Uint8Array(100) : party.cheatingDeal(terms, [victim]))
    made.set(terms.epoch, deal)
    return deal
  }
  const inSteps = {
    ...party.coin.inSteps,
    // biome-ignore lint/correctness/useYield: what a cheat costs is not measured.
    *deal(terms: CoinTerms) {
      return dealOf(terms)
    },
  }
  return { ...party.coin, inSteps }
}

/** The same coin; the CPU time of all that it computes is added up. */
function metered(coin: SteppedCoinCrypto, meter: Meter): SteppedCoinCrypto {
  function account<T>(work: () => T): T {
    const before = process.cpuUsage()
    const beforeMs = performance.now()
    const result = work()
    const { user, system } = process.cpuUsage(before)
    // The process's time counts what the collector and the compiler do beside us, the clock what others on the machine do.
    const ms = Math.min((user + system) / 1000, performance.now() - beforeMs)
    if (meter.taskMs === 0) {
      setImmediate(() => {
        meter.taskMs = 0
      })
    }
    meter.cpuMs += ms
    meter.taskMs += ms
    meter.longestTaskMs = Math.max(meter.longestTaskMs, meter.taskMs)
    return result
  }
  function* inSteps<T>(steps: Steps<T>): Steps<T> {
    for (;;) {
      const step = account(() => steps.next())
      if (step.done) return step.value
      yield
    }
  }
  return {
    registration: () => account(() => coin.registration()),
    isRegistration: (...asked) => account(() => coin.isRegistration(...asked)),
    deal: (...asked) => account(() => coin.deal(...asked)),
    isDeal: (...asked) => account(() => coin.isDeal(...asked)),
    complaint: (...asked) => account(() => coin.complaint(...asked)),
    culprit: (...asked) => account(() => coin.culprit(...asked)),
    share: (...asked) => account(() => coin.share(...asked)),
    areShares: (...asked) => account(() => coin.areShares(...asked)),
    combine: (...asked) => account(() => coin.combine(...asked)),
    bit: coin.bit,
    prepare: (source) => inSteps(coin.prepare(source)),
    forgetShares: coin.forgetShares,
    inSteps: {
      registration: () => inSteps(coin.inSteps.registration()),
      isRegistration: (...asked) => inSteps(coin.inSteps.isRegistration(...asked)),
      deal: (...asked) => inSteps(coin.inSteps.deal(...asked)),
      isDeal: (...asked) => inSteps(coin.inSteps.isDeal(...asked)),
      complaint: (...asked) => inSteps(coin.inSteps.complaint(...asked)),
      culprit: (...asked) => inSteps(coin.inSteps.culprit(...asked)),
      share: (...asked) => inSteps(coin.inSteps.share(...asked)),
      areShares: (...asked) => inSteps(coin.inSteps.areShares(...asked)),
      combine: (...asked) => inSteps(coin.inSteps.combine(...asked)),
    },
  }
}

/** What is shown of all runs of one kind. */
type Row = (some: readonly Run[], spread: (of: (run: Run) => number) => string) => readonly (string | number)[]

/** A row for each size, without cheats and with them. */
function rowsOf(runs: readonly Run[], row: Row): (string | number)[][] {
  const kinds = [...new Set(runs.map(({ n, cheaters }) => `${n} ${cheaters}`))]
  return kinds.map((kind) => {
    const some = runs.filter(({ n, cheaters }) => `${n} ${cheaters}` === kind)
    const [{ n, cheaters }] = some as [Run]
    return [n, cheaters, ...row(some, (of) => showSpread(spreadOf(some.map(of))))]
  })
}

function makingTable(runs: readonly Run[]): Table {
  const rows = rowsOf(runs, (some, spread) => {
    return [
      spread(({ removed }) => removed),
      spread(({ cpuMsPerVoter }) => cpuMsPerVoter),
      spread(({ longestTaskMs }) => longestTaskMs),
      spread(({ bytesPerVoter }) => bytesPerVoter),
      spread(({ blocks }) => blocks),
      spread(({ transactions }) => transactions),
      spread(({ latencyMs }) => latencyMs),
      digits(spreadOf(some.map(({ wallMs }) => wallMs)).median),
    ]
  })
  const columns = [
    'n',
    'cheating dealers',
    'removed',
    'CPU ms per voter',
    'longest task, CPU ms',
    'bytes per voter',
    'blocks',
    'transactions final meanwhile',
    'their latency, ms',
    'wall ms',
  ]
  return { title: 'Making the coin’s key, from the genesis until it serves', columns, rows }
}

function afterwardsTable(runs: readonly Run[]): Table {
  const rows = rowsOf(runs, (_some, spread) => {
    return [
      spread(({ drawCpuMs }) => drawCpuMs),
      spread(({ drawTaskMs }) => drawTaskMs),
      spread(({ restartCpuMs }) => restartCpuMs),
      spread(({ restartTaskMs }) => restartTaskMs),
    ]
  })
  const columns = [
    'n',
    'cheating dealers',
    `${DRAWS} random values, CPU ms per voter`,
    'longest task, CPU ms',
    'a restart from the store, CPU ms',
    'longest task, CPU ms',
  ]
  return { title: 'With the key that was made', columns, rows }
}

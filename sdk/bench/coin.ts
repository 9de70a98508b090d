/** Making the coin's key in a live section: engines with their own keys, stores and coins, joined in memory. */
import type { CoinTerms } from '../src/core/coin/port.ts'
import type { GossipEvent, PeerId } from '../src/core/gossip/event.ts'
import type { Output } from '../src/core/io.ts'
import type { Genesis } from '../src/core/section/block.ts'
import { faultsTolerated } from '../src/core/thresholds.ts'
import type { SteppedCoinCrypto, Steps } from '../src/crypto/coin/index.ts'
import { createIdentity, type Identity } from '../src/crypto/index.ts'
import { type Engine, startEngine } from '../src/runtime/engine.ts'
import { createMemoryStore } from '../src/store/index.ts'
import { createHashing, encodeEvent, type PeerMessage } from '../src/wire/index.ts'
import { createRealParty } from '../test/coin-party.ts'
import { begin, digits, showSpread, showTable, spreadOf, writeResults } from './report.ts'

export interface CoinOptions {
  readonly sizes: readonly number[]
  readonly repetitions: number
}

interface Meter {
  cpuMs: number
  longestStepMs: number
}

interface Voter {
  readonly peer: PeerId
  readonly engine: Engine
  readonly meter: Meter
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
  readonly longestStepMs: number
}

const DELAY_MS = 2
const TRANSACTION_BYTES = 200
const PATIENCE_MS = 600_000

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
  print(runs)
  writeResults('coin', { ...head, runs })
}

/** Until all who are honest have a key that serves, and whoever cheated in public is removed. */
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
    voters.set(identity.peer, await startVoter({ identity, genesis, cheat, victim, voters, changed: () => watch() }))
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
  await new Promise<void>((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`no key after ${PATIENCE_MS} ms`)), PATIENCE_MS)
    watch = () => {
      if (!honest.every((voter) => isDone(voter, voters))) return
      clearTimeout(patience)
      resolve()
    }
  })
  const wallMs = performance.now() - startMs
  await Promise.all([...voters.values()].map(({ engine }) => engine.stop()))
  return measured(n, cheaters, wallMs, honest)
}

/** Up to three voters need no key. */
function isDone({ engine }: Voter, voters: ReadonlyMap<PeerId, Voter>): boolean {
  const { coin, members } = engine.core.status()
  const isRid = members.every(({ peer }) => !voters.get(peer)?.cheats || dealtUnseen(engine, peer))
  return isRid && (coin.state === 'active' || (coin.state === 'none' && members.length < voters.size))
}

/** Whether what a dealer sealed does not matter, as its deal is not among those that make the key. */
function dealtUnseen({ core }: Engine, peer: PeerId): boolean {
  const { serving } = core.ordering.state.coin
  return serving?.deals.every(({ dealer }) => dealer !== peer) ?? false
}

function measured(n: number, cheaters: number, wallMs: number, honest: readonly Voter[]): Run {
  const [first] = honest as [Voter]
  const mean = (of: (voter: Voter) => number) => honest.reduce((sum, voter) => sum + of(voter), 0) / honest.length
  return {
    n,
    cheaters,
    removed: n - first.engine.core.status().members.length,
    wallMs,
    blocks: first.engine.core.status().height,
    transactions: honest.reduce((sum, { final }) => sum + final, 0),
    latencyMs: spreadOf(honest.flatMap(({ latenciesMs }) => latenciesMs)).median,
    bytesPerVoter: mean(({ coinBytes }) => coinBytes),
    cpuMsPerVoter: mean(({ meter }) => meter.cpuMs),
    longestStepMs: Math.max(...honest.map(({ meter }) => meter.longestStepMs)),
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
}

async function startVoter({ identity, genesis, cheat, victim, voters, changed }: Start): Promise<Voter> {
  const { peer } = identity
  const meter: Meter = { cpuMs: 0, longestStepMs: 0 }
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
    if (output.blocks.length > 0) changed()
  }
  const engine = await startEngine({
    identity: { ...identity, createCoin: () => coin },
    genesis,
    hashing: createHashing(),
    store: createMemoryStore(),
    nowMs: () => performance.timeOrigin + performance.now(),
    send: (to, message) => void setTimeout(() => deliver(voters.get(to), peer, message), DELAY_MS),
    report,
    stalled: () => {},
    failed: (error) => {
      throw error
    },
  })
  const voter: Voter = { peer, engine, meter, cheats: cheat !== null, coinBytes: 0, final: 0, latenciesMs: [] }
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
    const result = work()
    const { user, system } = process.cpuUsage(before)
    const ms = (user + system) / 1000
    meter.cpuMs += ms
    meter.longestStepMs = Math.max(meter.longestStepMs, ms)
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

function print(runs: readonly Run[]): void {
  const kinds = [...new Set(runs.map(({ n, cheaters }) => `${n} ${cheaters}`))]
  const rows = kinds.map((kind) => {
    const some = runs.filter(({ n, cheaters }) => `${n} ${cheaters}` === kind)
    const spread = (of: (run: Run) => number) => showSpread(spreadOf(some.map(of)))
    const [{ n, cheaters }] = some as [Run]
    return [
      n,
      cheaters,
      spread(({ removed }) => removed),
      spread(({ cpuMsPerVoter }) => cpuMsPerVoter),
      spread(({ longestStepMs }) => longestStepMs),
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
    'longest step, CPU ms',
    'bytes per voter',
    'blocks',
    'transactions final meanwhile',
    'their latency, ms',
    'wall ms',
  ]
  console.log(showTable({ title: 'Making the coin’s key, from the genesis until it serves', columns, rows }))
}

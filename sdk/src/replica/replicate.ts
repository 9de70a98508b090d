/** A machine that follows one section: its blocks, its random values, and its moves to other sections. */
import { createNanoEvents } from 'nanoevents'
import type { FinalBlock, Section } from '../index.ts'
import { createApplication, type Final } from './application.ts'
import { attestationValue, createAttestedStates, parseAttestation } from './attestations.ts'
import { ReplicaError } from './errors.ts'
import { createFreezer } from './freeze.ts'
import { createOwnTransactions } from './own.ts'
import { restoredFrom, snapshotKey, snapshotOf } from './snapshot.ts'
import { stateHash } from './state-hash.ts'
import type {
  Divergence,
  Fault,
  Machine,
  Origin,
  PendingTransaction,
  Readout,
  Replica,
  ReplicaEvents,
  ReplicaOptions,
} from './types.ts'

/** Blocks that are applied before the page gets its turn. */
const blocksAtOnce = 256

/**
 * Follows the section until it ends or the replica is closed. Throws `ReplicaError` `badOptions`, `badState`, and what
 * the machine's `initial` throws.
 */
export function replicate<State, Reason = string>(
  section: Section,
  machine: Machine<State, Reason>,
  options: ReplicaOptions = {},
): Replica<State, Reason> {
  const { name, snapshots, snapshotEvery, attestEvery } = checked(machine, options)
  const freezer = createFreezer()
  const application = createApplication(machine, freezer)
  const events = createNanoEvents<ReplicaEvents<State, Reason> & { changed: () => void }>()
  const own = createOwnTransactions<Reason>()
  let origin = originOf(section)
  let final = beginning()
  let attested = createAttestedStates(section.me, name, machine.version)
  let awaiting: number | null = null
  let divergence: Divergence | null = null
  let fault: Fault | null = null
  let savedHeight = 0
  let isReady = snapshots === null
  let isClosed = false
  // The section ended before a random value was drawn: nothing above that block will be applied.
  let isStuck = false
  // Replaced when another section's blocks begin; whoever waits for something in the former one stops waiting.
  let stay = createStay()
  let following: Stay | null = null
  let readout = rebased()

  function beginning(): Final<State> {
    const { founders } = origin
    const state = application.initial(origin)
    return { state, height: 0, timeMs: 0, voters: founders, members: founders, blockHash: '', counted: 0 }
  }

  function beginAgain(): void {
    stay.end()
    stay = createStay()
    origin = originOf(section)
    attested = createAttestedStates(section.me, name, machine.version)
    savedHeight = 0
    divergence = fault = awaiting = null
    final = beginning()
    publish()
    void follow()
  }

  function applied(state: State, { id, value }: { readonly id: string; readonly value: unknown }) {
    const { timeMs, voters, members, height } = final
    const context = { height: height + 1, timeMs, voters, members, randomness: null }
    return application.transaction(state, { id, creator: section.me, value }, context)
  }

  function rebased(): Readout<State, Reason> {
    let view = final.state
    const pending = own.judge((transaction) => {
      const step = applied(view, transaction)
      view = step.state
      return step.verdict
    })
    return readoutOf(view, pending)
  }

  function readoutOf(view: State, pending: readonly PendingTransaction<Reason>[]): Readout<State, Reason> {
    const { state, height, blockHash, timeMs } = final
    return { final: state, height, blockHash, timeMs, view, pending, awaiting, divergence, fault }
  }

  function publish(): void {
    readout = rebased()
    events.emit('changed')
  }

  /** One section, until its blocks end, or another's begin. */
  async function follow(): Promise<void> {
    const here = stay
    if (!isReady || following === here) return
    following = here
    const blocks = section.blocks(final.height + 1)
    for (let count = 1; ; count++) {
      // Where blocks cannot be read any more the section stops, with an alarm.
      const next = await blocks.next().catch(() => null)
      if (next === null || next.done || here !== stay || isClosed) return
      await take(next.value, count % blocksAtOnce === 0).catch(report)
      if (isStuck) return
    }
  }

  async function take(block: FinalBlock, isPauseDue: boolean): Promise<void> {
    const here = stay
    await advance(block)
    if (here !== stay || isClosed) return
    if (isStuck || final.height >= section.status.height) caughtUp()
    if (!isPauseDue) return
    if (readout.height !== final.height) publish()
    await pause()
  }

  function caughtUp(): void {
    publish()
    attest()
    if (final.height - savedHeight >= snapshotEvery) void save()
  }

  async function advance(block: FinalBlock): Promise<void> {
    const here = stay
    const drawn = application.draws(block) ? await drawnFor(block.height) : null
    if (here !== stay || isClosed || isStuck) return
    if (block.height === 1) {
      // Only now is it certain who the founders are.
      origin = { ...origin, sectionId: section.id, founders: block.voters }
      final = beginning()
    }
    const step = application.block(final, block, drawn)
    const isCounted = step.final.counted > final.counted
    final = step.final
    awaiting = null
    fault = step.fault ?? fault
    own.settle(block, step.transactions)
    for (const { creator, value } of block.transactions) hear(creator, value)
    if (isCounted && attestEvery > 0 && final.counted % attestEvery === 0) {
      attested.reached(final.height, stateHash(final.state))
    }
    events.emit('applied', { block, transactions: step.transactions, state: final.state })
  }

  async function drawnFor(height: number) {
    awaiting = height
    publish()
    try {
      return await Promise.race([section.randomness(height), stay.over])
    } catch {
      isStuck = true
      own.rejectAll(new ReplicaError('ended', 'the section ended before this was applied'))
      return null
    }
  }

  function hear(creator: string, value: unknown): void {
    const attestation = parseAttestation(value)
    const seen = attestation && attested.heard(creator, attestation)
    if (!seen) return
    divergence = seen
    events.emit('divergence', seen)
  }

  /** Once there is nothing left to apply: what is in older blocks was said when they were new. */
  function attest(): void {
    try {
      for (const due of attested.due(section.status.role === 'voter')) {
        section.submit(attestationValue(due)).final.catch(() => {})
      }
    } catch {
      // Whoever is no member, or on the way out, attests nothing.
    }
  }

  async function save(): Promise<void> {
    if (!snapshots || final.height === savedHeight) return
    savedHeight = final.height
    // A full disk costs the time of applying the blocks again.
    await snapshots.save(snapshotKey(origin, name), snapshotOf(final, machine.version)).catch(() => {})
  }

  async function restore(): Promise<void> {
    const { sectionId } = origin
    const restored = await loadSnapshot().catch(() => null)
    isReady = true
    if (isClosed || restored === null || section.id !== sectionId) return
    final = restored
    savedHeight = restored.height
    publish()
  }

  async function loadSnapshot(): Promise<Final<State> | null> {
    const loaded: unknown = await snapshots?.load(snapshotKey(origin, name))
    // Of blocks to come there is no snapshot.
    const blockAt = async (height: number) =>
      height >= 1 && height <= section.status.height ? await section.readBlock(height) : undefined
    return await restoredFrom<State>(loaded, machine.version, freezer, blockAt)
  }

  const off = [
    section.on('moved', beginAgain),
    section.on('status', () => {
      // Nothing was final when it gave way to another section.
      if (section.id !== origin.sectionId && final.height === 0) beginAgain()
      // What is read back, and what a worker knows of and we do not, may take a while.
      else if (readout.height !== final.height) publish()
    }),
  ]
  if (snapshots) restore().then(follow)
  else void follow()

  return {
    get current() {
      return readout
    },
    subscribe: (listener) => events.on('changed', listener),
    on: (event, listener) => events.on(event, listener as never),
    hash: () => stateHash(readout.final),
    submit(value, { draw = application.drawsFor(value, section.me) } = {}) {
      if (isClosed) throw new ReplicaError('closed', 'this replica was closed')
      const receipt = section.submit(value, { draw })
      const copy: unknown = structuredClone(value)
      const submission = own.open(receipt, copy, publish)
      const step = applied(readout.view, { id: receipt.id, value: copy })
      readout = readoutOf(step.state, [...readout.pending, { id: receipt.id, value: copy, verdict: step.verdict }])
      events.emit('changed')
      return submission
    },
    async close() {
      if (isClosed) return
      isClosed = true
      for (const stop of off) stop()
      stay.end()
      own.rejectAll(new ReplicaError('closed', 'this replica was closed'))
      await save()
    },
  }
}

function originOf(section: Section): Origin {
  const { id, status } = section
  // At height 0 the members are the founders.
  const founders = section.block(1)?.voters ?? status.members.map(({ peer }) => peer)
  return { sectionId: id, founders, previousSection: status.previousSection }
}

function checked({ name = '' }: { readonly name?: string }, options: ReplicaOptions) {
  const { snapshots = null, snapshotEvery = 64, attestEvery = 16 } = options
  if (name.length > 64) throw new ReplicaError('badOptions', 'name: at most 64 characters')
  if (!Number.isSafeInteger(snapshotEvery) || snapshotEvery < 1) {
    throw new ReplicaError('badOptions', 'snapshotEvery: an integer from 1')
  }
  if (!Number.isSafeInteger(attestEvery) || attestEvery < 0) {
    throw new ReplicaError('badOptions', 'attestEvery: an integer from 0')
  }
  return { name, snapshots, snapshotEvery, attestEvery }
}

/** Of a listener of the application's: what is final goes on. */
function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}

/** The time in one section. */
interface Stay {
  readonly over: Promise<null>
  readonly end: () => void
}

function createStay(): Stay {
  let end = () => {}
  const over = new Promise<null>((resolve) => {
    end = () => resolve(null)
  })
  return { over, end }
}

/** Lets the page draw and answer its user. */
async function pause(): Promise<void> {
  const { scheduler } = globalThis as { readonly scheduler?: { readonly yield?: () => Promise<void> } }
  if (scheduler?.yield) return await scheduler.yield()
  await new Promise((resolve) => setTimeout(resolve))
}

/**
 * What runs a section: core, crypto, storage and messages, told what to do and telling what happened. It needs nothing
 * of a page but the transport that it is lent, so that it runs in a worker as well.
 *
 * One file, though it is long: every question that is asked of a section waits for a change of the one phase and
 * the one residence that are kept here. How each is answered is elsewhere.
 */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Output } from '../core/io.ts'
import type { Malice } from '../core/malice/malice.ts'
import type { Genesis } from '../core/section/block.ts'
import { StoreError } from '../store/index.ts'
import { inWords } from './admission.ts'
import { toCertificate } from './certificate.ts'
import { createChanges } from './changes.ts'
import { type Engine, IdentityInUseError } from './engine.ts'
import { ParsecError } from './errors.ts'
import { type ExportSource, exportEvents, exportHistory } from './export.ts'
import { stoppedBy } from './failure.ts'
import { createBlockTeller, idsBy, type ToldBlock } from './final-block.ts'
import { createTap } from './inspection/tap.ts'
import { writeInvitation } from './invitation.ts'
import { type HostFigures, type News, type SectionHost, type Submitted, toldError } from './news.ts'
import { readOldBlocks } from './old-blocks.ts'
import { takeResidence } from './residence.ts'
import type { Residence, ResidenceOptions, Submission } from './residing.ts'
import { joiningStatus, type Keeping, keepingOf, toStatus } from './status.ts'
import { inputsFor } from './submitted.ts'
import type { Certificate, InvitationTerms, RandomValue, SectionStatus } from './types.ts'

export interface HostOptions extends ResidenceOptions {
  readonly storageReason: string | null
  /** How the identity's secrets are kept. */
  readonly keyForm: string | null
  /** The identity is not needed any more (`forget`: and must not be used again), or only for now. */
  readonly release: (forget: boolean) => Promise<void>
}

const wrongPassword = 'others are in this room, and what they say cannot be read: the password is wrong, or missing'
/** How long `leave` waits for its own removal to become final. */
const LEAVE_PATIENCE_MS = 5_000
/** Counters change without news of their own: they are told this often, when they have. */
const FIGURES_EVERY_MS = 1_000
/** Kinds of refusals that are counted. */
const MAX_REASONS = 128

/** `tell` is called from the start, before this resolves. Rejects with `StoreError` where what is stored cannot be read. */
export async function openHost(options: HostOptions, tell: (news: News) => void): Promise<SectionHost> {
  const me = options.identity.peer
  const refused: Record<string, number> = {}
  const malice: Malice[] = []
  const conflicts: string[] = []
  // Own transactions that are not final: should our section yield, they are submitted in the other one.
  const unfinal = new Map<string, Submission>()
  // The status changed, or the core has done something.
  const changes = createChanges()
  const tap = createTap({
    home: () => residence?.home ?? null,
    nowMs: options.nowMs,
    tell: (inspection) => tell({ kind: 'inspection', inspection }),
    failed: (error) => fail(error),
  })
  let teller = createBlockTeller(options.random)
  let phase: 'joining' | 'live' | 'left' = 'joining'
  let alarm: string | null = null
  let ended: ParsecError | null = null
  let closing: Promise<void> | null = null
  let storageReason = options.storageReason
  let lastStatus = ''
  let lastFigures = ''
  let isStatusQueued = false
  // Null until the first restart from the store is over.
  let residence: Residence | null = null

  function keeping(): Keeping {
    return keepingOf(residence?.store.persistent ?? options.storageReason === null, storageReason)
  }

  function status(): SectionStatus {
    const home = residence?.home
    if (!residence || !home) {
      return joiningStatus(residence?.isLockedOut ? wrongPassword : 'looking for the section in this room', keeping())
    }
    return toStatus(home.engine.core.status(), {
      phase: alarm ? 'stopped' : phase,
      alarm,
      meeting: residence.meeting,
      asleep: residence.asleep,
      previousSection: home.genesis.previousSection,
      successors: [...residence.successors.keys()],
      turnedAway: residence.turnedAway,
      isRecovering: home.engine.isRecovering(),
      keeping: keeping(),
    })
  }

  function tellStatus(): void {
    const id = residence?.home?.id ?? ''
    const now = status()
    const text = `${id} ${JSON.stringify(now)}`
    if (text === lastStatus) return
    lastStatus = text
    tell({ kind: 'status', id, status: now })
    tellFigures()
    changes.happened()
  }

  /** Once per turn of the event loop, however much happened in it. */
  function statusMayHaveChanged(): void {
    if (isStatusQueued) return
    isStatusQueued = true
    queueMicrotask(() => {
      isStatusQueued = false
      tellStatus()
    })
  }

  function tellFigures(): void {
    if (!residence) return
    const core = residence.home?.engine.core
    const figures: HostFigures = {
      refused: { ...refused, ...residence.faults },
      malice: [...malice],
      events: core?.ordering.graph.vertices.length ?? 0,
      waiting: core?.status().waiting ?? 0,
      coin: { epoch: core?.status().coin.epoch ?? null, flips: core?.status().coin.flips ?? 0 },
      storage: { persistent: residence.store.persistent, reason: storageReason, keys: options.keyForm },
      conflicts: [...conflicts],
    }
    const text = JSON.stringify(figures)
    if (text === lastFigures) return
    lastFigures = text
    tell({ kind: 'figures', figures })
  }

  function count(reason: string, peer: PeerId | null): void {
    // A peer may give any reason it likes.
    if (reason in refused || Object.keys(refused).length < MAX_REASONS) refused[reason] = (refused[reason] ?? 0) + 1
    tell({ kind: 'rejection', reason, peer })
  }

  function report(output: Output, engine: Engine): void {
    for (const { reason, from } of output.rejections) count(reason, from)
    for (const proof of output.evidence) {
      malice.push(proof)
      tell({ kind: 'malice', malice: proof })
    }
    if (output.blocks.length > 0) {
      const blocks = output.blocks.map((block) =>
        teller.tell(block, [...(engine.core.ordering.stateAfter(block.height)?.members.keys() ?? [])]),
      )
      tellStatus()
      for (const block of blocks) settle(block)
      tell({ kind: 'blocks', blocks })
    }
    tap.changed(output.blocks)
    if (output.alarm !== null) {
      stop(new ParsecError('stopped', output.alarm))
      // Others wait for who is there and silent, and go on without who is gone.
      void residence?.close()
    }
    if (phase === 'joining' || output.blocks.length > 0) settleMembership(engine)
    statusMayHaveChanged()
    // Shares of a random value change no status.
    changes.happened()
  }

  function note(submissions: readonly Submitted[]): void {
    for (const { id, bytes, draw } of submissions) unfinal.set(id, { transactions: [bytes], draw })
  }

  function settle(block: ToldBlock): void {
    for (const id of idsBy(block, me)) unfinal.delete(id)
  }

  function settleMembership(engine: Engine): void {
    const { membership } = engine.core.status()
    if (phase === 'joining' && (membership === 'member' || membership === 'voter')) {
      phase = 'live'
      residence?.settleDown()
      tellStatus()
      tell({ kind: 'joined' })
    }
    if (phase === 'live' && membership === 'removed') {
      end(new ParsecError('notAMember', 'the section removed this member'))
    }
  }

  function end(error: ParsecError): void {
    if (ended) return
    ended = error
    unfinal.clear()
    tellStatus()
    tell({ kind: 'ended', error: toldError(error) })
    changes.happened()
  }

  function stop(error: ParsecError): void {
    if (alarm !== null) return
    alarm = error.message
    end(error)
    tell({ kind: 'notJoined', error: toldError(error) })
    tell({ kind: 'alarm', reason: error.message })
  }

  function fail(error: unknown): void {
    if (error instanceof StoreError) storageReason = error.code
    // Whoever hears the alarm may ask what it was at once.
    tellFigures()
    if (!(error instanceof IdentityInUseError && error.isOutdated)) return stop(stoppedBy(error))
    // Whoever used it again would contradict what it said. Told only then: a reload comes at once, and finds another one.
    closing ??= live.close().then(forget)
    void closing.catch(() => {}).then(() => stop(stoppedBy(error)))
  }

  async function forget(): Promise<void> {
    clearInterval(figuresTimer)
    options.lastWords?.clear()
    await live.store.delete()
    await options.release(true)
  }

  function notJoined(error: ParsecError): void {
    tellStatus()
    if (phase === 'joining') tell({ kind: 'notJoined', error: toldError(error) })
  }

  async function certificate(height: number): Promise<Certificate> {
    for (;;) {
      const engine = residence?.home?.engine
      const found = engine && (await reading(() => toCertificate(engine.core, engine.load, height)))
      if (found) return found
      if (ended) throw ended
      await changes.next().promise
    }
  }

  async function readBlocks(sectionId: Hash, from: number, to: number): Promise<readonly ToldBlock[]> {
    for (;;) {
      if (closing) throw new ParsecError('closed', 'the section was left or closed')
      const home = residence?.home
      if (home && home.id !== sectionId) throw superseded(sectionId)
      // A section that starts anew tells all of its blocks again.
      if (home && teller.height >= to) {
        return await readOldBlocks(home.engine, teller, from, to).catch((error) => failReading(error, sectionId))
      }
      if (ended) throw ended
      await changes.next().promise
    }
  }

  /** What others may ask for as well cannot be read any more: that stops the section, unless we are leaving it. */
  function failReading(error: unknown, sectionId: Hash): never {
    if (closing) throw new ParsecError('closed', 'the section was left or closed')
    if (residence?.home?.id !== sectionId) throw superseded(sectionId)
    fail(error)
    void residence.close()
    throw stoppedBy(error)
  }

  /** What was stored is read back. */
  async function reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw error instanceof StoreError ? stoppedBy(error) : error
    }
  }

  function exportSource(): ExportSource {
    const home = live.home
    if (!home) throw new ParsecError('notAMember', 'there is no section to export')
    return { sectionId: home.id, genesis: home.genesis, core: home.engine.core, load: home.engine.load }
  }

  async function randomness(height: number): Promise<RandomValue> {
    if (!Number.isSafeInteger(height) || height < 1) throw new ParsecError('badOptions', 'height: an integer from 1')
    let asked: Engine | null = null
    for (;;) {
      const engine = residence?.home?.engine
      const drawn = engine?.core.randomness(height)
      if (drawn) return drawn
      if (ended) throw ended
      // A section that yields takes its draws with it.
      if (engine && engine !== asked && engine.core.status().height >= height) {
        engine.put({ kind: 'draw', height })
        asked = engine
      }
      await changes.next().promise
    }
  }

  async function invitation(terms: InvitationTerms): Promise<string> {
    if (ended) throw ended
    const home = live.home
    if (!home || phase !== 'live') throw new ParsecError('notAMember', 'only members invite')
    const { identity, random, nowMs } = options
    return await writeInvitation({ identity, sectionId: home.id, random, nowMs: nowMs() }, terms)
  }

  async function reform(): Promise<void> {
    const { state, role } = status()
    if (ended) throw ended
    if (role !== 'member' && role !== 'voter') throw new ParsecError('notAMember', 'only members re-form a section')
    if (state !== 'stalled') throw new ParsecError('notStalled', 'this section can go on by itself')
    const { id, genesis } = live.found()
    await succeed(id, genesis)
  }

  async function follow(sectionId: Hash): Promise<void> {
    if (ended) throw ended
    const genesis = live.successors.get(sectionId)
    if (!genesis) throw new ParsecError('sectionNotFound', 'no such successor of this section was met')
    await succeed(sectionId, genesis)
  }

  /** Until we are a member there, which a founder is at once. */
  async function succeed(id: Hash, genesis: Genesis): Promise<void> {
    if (closing) throw new ParsecError('closed', 'the section was left or closed')
    try {
      await live.succeed(id, genesis)
    } catch (error) {
      throw new ParsecError('storage', 'what section we are in could not be written', { cause: error })
    }
    while (phase === 'joining' && !ended) await changes.next().promise
    if (ended) throw ended
  }

  async function leave(): Promise<void> {
    const home = live.home
    if (!closing && home && phase === 'live' && alarm === null) {
      const isAlone = home.engine.core.status().members.length === 1
      home.engine.put({ kind: 'leave' })
      if (!isAlone) await removal(LEAVE_PATIENCE_MS)
    }
    await finish('left', true)
  }

  /** Until our own removal is final, or for so long. */
  async function removal(patienceMs: number): Promise<void> {
    let isOver = false
    let next = changes.next()
    const timeout = setTimeout(() => {
      isOver = true
      next.cancel()
    }, patienceMs)
    while (!isOver && status().role !== 'removed') {
      await next.promise
      next = changes.next()
    }
    next.cancel()
    clearTimeout(timeout)
  }

  function finish(how: 'left' | 'closed', forget: boolean): Promise<void> {
    closing ??= (async () => {
      await live.close()
      tap.stop()
      clearInterval(figuresTimer)
      if (how === 'left') phase = 'left'
      const error = new ParsecError('closed', `the section was ${how}`)
      end(error)
      notJoined(error)
      if (forget) options.lastWords?.clear()
      await (forget ? live.store.delete() : live.store.close())
      await options.release(forget)
      tellStatus()
    })()
    return closing
  }

  const live = await takeResidence(options, {
    report,
    changed: statusMayHaveChanged,
    refused: count,
    conflict: (sectionId) => {
      conflicts.push(sectionId)
      tell({ kind: 'conflict', sectionId })
    },
    successor: (sectionId) => tell({ kind: 'successor', sectionId }),
    moved(move) {
      // As a section that yields does, but for good: what was not final is not carried on.
      unfinal.clear()
      conflicts.length = 0
      teller = createBlockTeller(options.random)
      phase = 'joining'
      tell({ kind: 'moved', ...move })
    },
    submitted: () => [...unfinal.values()],
    resumed() {
      teller = createBlockTeller(options.random)
      lastStatus = ''
      tell({ kind: 'resumed' })
    },
    failed: fail,
    lockedOut: () => notJoined(new ParsecError('wrongPassword', wrongPassword)),
    turnedAway: (refusal) =>
      notJoined(new ParsecError('notAdmitted', `not let in: ${inWords(refusal)}`, { reason: refusal })),
    yielded: () => {
      tell({ kind: 'yielded' })
      teller = createBlockTeller(options.random)
      phase = 'joining'
      return [...unfinal.values()]
    },
  })
  residence = live
  // What was restored broke an invariant, or shows two histories.
  if (alarm !== null) void live.close()
  // The membership that the store restored.
  if (phase !== 'joining') live.settleDown()
  const figuresTimer = setInterval(tellFigures, FIGURES_EVERY_MS)
  tellStatus()
  tellFigures()

  return {
    submit(submissions) {
      if (ended || closing) return
      note(submissions)
      for (const input of inputsFor(submissions)) live.home?.engine.put(input)
    },
    readBlocks,
    certificate,
    exportHistory: () => reading(async () => exportHistory(exportSource())),
    exportEvents: () => reading(async () => exportEvents(exportSource())),
    inspect: (on) => (on && !closing ? tap.start() : tap.stop()),
    reform,
    follow,
    randomness,
    standDown(how) {
      if (!closing) live.standDown(how)
    },
    wake() {
      if (!closing) live.wake()
    },
    resume(open) {
      note(open)
      if (!closing) live.resume()
    },
    invitation,
    leave,
    close: () => finish('closed', false),
  }
}

const superseded = (sectionId: Hash) => new ParsecError('superseded', `section ${sectionId} was left`)

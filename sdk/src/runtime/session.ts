/** One tab in one section, as its application sees it. */
import { createNanoEvents } from 'nanoevents'
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Output } from '../core/io.ts'
import type { Malice } from '../core/malice/malice.ts'
import { toCertificate } from './certificate.ts'
import { deferred } from './deferred.ts'
import type { Engine } from './engine.ts'
import { ParsecError } from './errors.ts'
import { createHistory } from './history.ts'
import { toInvitation } from './invitation.ts'
import { type Residence, type ResidenceOptions, takeResidence } from './residence.ts'
import { joiningStatus, toStatus } from './status.ts'
import type { Certificate, Diagnostics, Receipt, Section, SectionEvents, SectionStatus } from './types.ts'
import { encodeTransaction, NONCE_BYTES } from './value.ts'

export interface SessionOptions extends ResidenceOptions {
  readonly storageReason: string | null
  /** The identity is not needed any more (`forget`: and must not be used again), or only for now. */
  readonly release: (forget: boolean) => Promise<void>
}

export interface Session {
  readonly section: Section
  /** Resolves once we are a member. */
  readonly joined: Promise<void>
}

/** How long `leave` waits for its own removal to become final. */
const LEAVE_PATIENCE_MS = 5_000

/** Rejects with `StoreError` where what is stored cannot be read. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { identity, nowMs } = options
  const me = identity.peer
  const events = createNanoEvents<SectionEvents>()
  const history = createHistory(me, nowMs)
  const refused: Record<string, number> = {}
  const malice: Malice[] = []
  const conflicts: Hash[] = []
  const joining = deferred<void>()
  let phase: 'joining' | 'live' | 'left' = 'joining'
  let alarm: string | null = null
  let closing: Promise<void> | null = null
  let lastStatus = ''
  let lastMembers = ''
  let isStatusQueued = false
  // Null until the first restart from the store is over.
  let residence: Residence | null = null

  function status(): SectionStatus {
    const home = residence?.home
    if (!residence || !home) return joiningStatus('looking for the section in this room')
    return toStatus(home.engine.core.status(), {
      phase: alarm ? 'stopped' : phase,
      alarm,
      signalingConnected: residence.isSignalingConnected,
      me,
    })
  }

  /** Tells of a change of status once per turn of the event loop, however much happened in it. */
  function statusMayHaveChanged(): void {
    if (isStatusQueued) return
    isStatusQueued = true
    queueMicrotask(() => {
      isStatusQueued = false
      const now = status()
      const text = JSON.stringify(now)
      if (text === lastStatus) return
      lastStatus = text
      events.emit('status', now)
      const members = JSON.stringify(now.members)
      if (members === lastMembers) return
      lastMembers = members
      events.emit('members', now.members)
    })
  }

  function count(reason: string, peer: PeerId | null): void {
    refused[reason] = (refused[reason] ?? 0) + 1
    events.emit('rejection', { reason, peer })
  }

  function report(output: Output, engine: Engine): void {
    for (const { reason, from } of output.rejections) count(reason, from)
    for (const proof of output.evidence) {
      malice.push(proof)
      events.emit('malice', proof)
    }
    for (const block of output.blocks) {
      history.append(block, [...(engine.core.ordering.stateAfter(block.height)?.members.keys() ?? [])])
    }
    if (output.alarm !== null) stop(output.alarm)
    settleMembership(engine)
    statusMayHaveChanged()
  }

  function settleMembership(engine: Engine): void {
    const { membership } = engine.core.status()
    if (phase === 'joining' && (membership === 'member' || membership === 'voter')) {
      phase = 'live'
      residence?.settleDown()
      joining.resolve()
    }
    if (phase === 'live' && membership === 'removed') {
      history.end(new ParsecError('notAMember', 'the section removed this member'))
    }
  }

  function stop(reason: string): void {
    if (alarm !== null) return
    alarm = reason
    history.end(new ParsecError('stopped', reason))
    joining.reject(new ParsecError('stopped', reason))
    events.emit('alarm', reason)
    statusMayHaveChanged()
  }

  // The public object

  function submit(value: unknown): Receipt {
    assertOpen()
    const { id, bytes } = encodeTransaction(me, options.random(NONCE_BYTES), value)
    const receipt = history.open(id, bytes)
    residence?.home?.engine.put({ kind: 'submit', transactions: [bytes] })
    statusMayHaveChanged()
    return receipt
  }

  function assertOpen(): void {
    if (alarm !== null) throw new ParsecError('stopped', alarm)
    if (closing) throw new ParsecError('closed', 'the section was left or closed')
    if (status().role === 'removed') throw new ParsecError('notAMember', 'the section removed this member')
  }

  async function certificate(height: number): Promise<Certificate> {
    for (;;) {
      const engine = residence?.home?.engine
      const found = engine && toCertificate(engine.core, engine.sealed, height)
      if (found) return found
      assertOpen()
      await new Promise<void>((resolve) => {
        const off = events.on('status', () => {
          off()
          resolve()
        })
      })
    }
  }

  function diagnostics(): Diagnostics {
    const core = live.home?.engine.core
    return {
      transport: live.transport.diagnostics(),
      refused: { ...refused, ...live.faults },
      malice,
      events: core?.ordering.graph.vertices.length ?? 0,
      waiting: core?.status().waiting ?? 0,
      storage: { persistent: live.store.persistent, reason: options.storageReason },
      conflicts,
    }
  }

  async function leave(): Promise<void> {
    const home = live.home
    if (!closing && home && phase === 'live' && alarm === null) {
      const isAlone = home.engine.core.status().members.length === 1
      home.engine.put({ kind: 'leave' })
      if (!isAlone) await removalOr(LEAVE_PATIENCE_MS)
    }
    await end('left', true)
  }

  /** Until our own removal is final, or for so long. */
  async function removalOr(patienceMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = () => {
        if (status().role !== 'removed') return
        off()
        clearTimeout(timeout)
        resolve()
      }
      const off = events.on('status', check)
      const timeout = setTimeout(() => {
        off()
        resolve()
      }, patienceMs)
    })
  }

  function end(how: 'left' | 'closed', forget: boolean): Promise<void> {
    closing ??= (async () => {
      await live.close()
      if (how === 'left') phase = 'left'
      const error = new ParsecError('closed', `the section was ${how}`)
      history.end(error)
      joining.reject(error)
      await (forget ? live.store.delete() : live.store.close())
      await options.release(forget)
      statusMayHaveChanged()
    })()
    return closing
  }

  const live = await takeResidence(options, {
    report,
    changed: statusMayHaveChanged,
    refused: count,
    conflict: (sectionId) => {
      conflicts.push(sectionId)
      events.emit('conflict', sectionId)
    },
    failed: stop,
    yielded: () => {
      history.restart()
      phase = 'joining'
      return history.unfinal()
    },
  })
  residence = live
  // The membership that the store restored.
  if (phase !== 'joining') live.settleDown()
  statusMayHaveChanged()

  const section: Section = {
    me,
    get id() {
      return live.home?.id ?? ''
    },
    get status() {
      return status()
    },
    on: (name, listener) =>
      name === 'block' ? history.follow(listener as SectionEvents['block']) : events.on(name, listener),
    submit,
    blocks: (from = 1) => history.iterate(from),
    block: (height) => history.blocks[height - 1],
    certificate,
    invitation: () => toInvitation(live.home?.id ?? ''),
    diagnostics,
    leave,
    close: () => end('closed', false),
  }
  return { section, joined: joining.promise }
}

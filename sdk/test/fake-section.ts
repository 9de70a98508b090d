/**
 * A section whose blocks the test makes. Every promise of it settles at once, so that `settled` is enough to wait for.
 * May import the public API.
 */
import type {
  Change,
  FinalBlock,
  PeerId,
  RandomValue,
  Receipt,
  Section,
  SectionEvents,
  SectionStatus,
} from '../src/index.ts'
import { ParsecError } from '../src/index.ts'

export interface FakeSection {
  readonly section: Section
  /** What was submitted and is in no block yet, oldest first. */
  readonly submitted: readonly FakeTransaction[]
  /** The last block becomes final here. */
  deliver(block: FinalBlock): void
  setStatus(part: Partial<SectionStatus>): void
  draw(height: number, value: RandomValue): void
  /** Heights of which a random value was asked for. */
  readonly asked: readonly number[]
  /** Into another section, of ours alone. */
  move(to: string): void
  /** Gives way to another section, before anything is final. */
  yield(to: string): void
  stop(error: ParsecError): void
  /** How many listeners there are, of all events. */
  readonly listeners: number
  /** What was called: `close`, `leave`. */
  readonly calls: readonly string[]
}

export interface FakeTransaction {
  readonly id: string
  readonly creator: PeerId
  readonly value: unknown
  readonly draw: boolean
}

interface Open {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Lets everything happen that does not wait for the test. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve))
}

/** The next block of a chain. */
export function blockAfter(
  previous: FinalBlock | null,
  transactions: readonly Pick<FakeTransaction, 'creator' | 'value' | 'id'>[],
  { voters = ['ann'], changes = [] }: { voters?: readonly PeerId[]; changes?: readonly Change[] } = {},
): FinalBlock {
  const height = (previous?.height ?? 0) + 1
  return {
    height,
    hash: `block-${height}-${transactions.map(({ id }) => id)}`,
    previous: previous?.hash ?? 'section',
    timeMs: 1_000_000 + 1_000 * height,
    transactions: transactions.map(({ id, creator, value }) => ({ id, creator, value: structuredClone(value) })),
    changes,
    voters,
    members: voters,
  }
}

/** `held`: so many of the newest blocks are to be had at once. */
export function createFakeSection(
  me: PeerId,
  { id = 'section', founders = [me], held = Number.POSITIVE_INFINITY } = {},
): FakeSection {
  const listeners = new Map<string, Set<(...parameters: never[]) => void>>()
  const receipts = new Map<string, Open>()
  const draws = new Map<
    number,
    {
      readonly value: Promise<RandomValue>
      readonly resolve: (value: RandomValue) => void
      readonly reject: (error: Error) => void
    }
  >()
  const waiting = new Set<() => void>()
  const asked: number[] = []
  const calls: string[] = []
  let blocks: FinalBlock[] = []
  let submitted: FakeTransaction[] = []
  let ended: ParsecError | null = null
  let count = 0
  let sectionId = id
  let status = statusOf(founders)

  function emit<Name extends keyof SectionEvents>(name: Name, ...parameters: Parameters<SectionEvents[Name]>): void {
    for (const listener of [...(listeners.get(name) ?? [])]) listener(...(parameters as unknown as never[]))
  }

  function drawOf(height: number) {
    const known = draws.get(height)
    if (known) return known
    const { promise, resolve, reject } = handles<RandomValue>()
    const made = { value: promise, resolve, reject }
    draws.set(height, made)
    return made
  }

  function superseded(error: ParsecError): void {
    for (const { reject } of receipts.values()) reject(error)
    receipts.clear()
    submitted = []
  }

  function submit(value: unknown, draw: boolean): Receipt {
    if (ended) throw ended
    const transaction = { id: `${me}-${++count}`, creator: me, value, draw }
    submitted.push(transaction)
    const { promise, resolve, reject } = handles<{ height: number; index: number; latencyMs: number }>()
    receipts.set(transaction.id, { resolve: () => resolve({ height: blocks.length, index: 0, latencyMs: 5 }), reject })
    return { id: transaction.id, final: promise }
  }

  async function* iterate(from = 1): AsyncGenerator<FinalBlock> {
    const list = blocks
    for (let height = from; ; ) {
      while (height <= list.length) yield list[height++ - 1] as FinalBlock
      if (list !== blocks || ended) return
      await new Promise<void>((resolve) => waiting.add(resolve))
    }
  }

  function wakeAll(): void {
    for (const wake of waiting) wake()
    waiting.clear()
  }

  type Faked =
    | 'me'
    | 'id'
    | 'status'
    | 'on'
    | 'submit'
    | 'blocks'
    | 'block'
    | 'readBlock'
    | 'randomness'
    | 'leave'
    | 'close'
  const section: Pick<Section, Faked> = {
    me,
    get id() {
      return sectionId
    },
    get status() {
      return status
    },
    on(name, listener) {
      const all = listeners.get(name) ?? new Set()
      listeners.set(name, all.add(listener as never))
      if (name === 'block')
        queueMicrotask(
          () => all.has(listener as never) && blocks.forEach((b) => void (listener as SectionEvents['block'])(b)),
        )
      return () => void all.delete(listener as never)
    },
    submit: (value, { draw = false } = {}) => submit(value, draw),
    blocks: iterate,
    block: (height) => (height === 1 || height > blocks.length - held ? blocks[height - 1] : undefined),
    async readBlock(height) {
      const block = blocks[height - 1]
      if (!block) throw new Error('blocks to come are not waited for here')
      return block
    },
    randomness: (height) => {
      asked.push(height)
      return drawOf(height).value
    },
    async leave() {
      calls.push('leave')
    },
    async close() {
      calls.push('close')
    },
  }

  return {
    // The rest of it is not faked.
    section: section as Section,
    get submitted() {
      return submitted
    },
    asked,
    calls,
    get listeners() {
      return [...listeners.values()].reduce((sum, { size }) => sum + size, 0)
    },
    deliver(block) {
      blocks.push(block)
      status = { ...status, height: block.height }
      for (const { id } of block.transactions) {
        receipts.get(id)?.resolve()
        receipts.delete(id)
        submitted = submitted.filter((transaction) => transaction.id !== id)
      }
      emit('status', status)
      emit('block', block)
      wakeAll()
    },
    setStatus(part) {
      status = { ...status, ...part }
      emit('status', status)
    },
    draw: (height, value) => drawOf(height).resolve(value),
    move(to) {
      const from = sectionId
      sectionId = to
      const height = blocks.length
      blocks = []
      status = statusOf([me])
      superseded(new ParsecError('superseded', 'moved'))
      wakeAll()
      emit('moved', { from, to, height })
    },
    yield(to) {
      sectionId = to
      emit('status', status)
    },
    stop(error) {
      ended = error
      wakeAll()
      superseded(error)
      for (const { reject } of draws.values()) reject(error)
    },
  }
}

function statusOf(founders: readonly PeerId[]): SectionStatus {
  return {
    state: 'ready',
    height: 0,
    certifiedHeight: 0,
    voters: 1,
    needed: 1,
    reachable: 1,
    asleep: 0,
    members: founders.map((peer) => ({ peer, voter: true, online: true, asleep: false })),
    role: 'voter',
    coin: 'none',
    pending: 0,
    storage: 'durable',
    storageReason: null,
    previousSection: null,
    successors: [],
    reason: null,
  }
}

function handles<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: Error) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}

/** Where events and a few values are kept. Knows nothing of what the bytes mean. */

/** An event by its id, as opaque bytes. */
export interface StoredEvent {
  readonly id: string
  readonly bytes: Uint8Array
}

export interface DamagedRecord {
  /** Null where not even the id can be read. */
  readonly id: string | null
}

export interface LoadedEvents {
  /** Undamaged events in the order in which they were appended. */
  readonly events: readonly StoredEvent[]
  /** Reported on every load until an event of that id is appended anew. */
  readonly damaged: readonly DamagedRecord[]
}

/** Belongs to one running peer at a time; every method rejects with `StoreError` only. */
export interface Store {
  /** Whether the content outlives this process. */
  readonly persistent: boolean
  /**
   * All of the events and of the values, by name, or nothing of either; on disk when it resolves. An event that is there
   * already moves to the end: what is fetched again after damage, with its descendants in topological order, is in
   * topological order after a restart, too.
   */
  append(events: readonly StoredEvent[], values?: Readonly<Record<string, Uint8Array>>): Promise<void>
  load(): Promise<LoadedEvents>
  /** Of events with these ids, in their order; null for one that is not there, or is damaged. */
  read(ids: readonly string[]): Promise<readonly (Uint8Array | null)[]>
  /** Null when there is none. Rejects with `damaged` when the value is not the one that was written. */
  readValue(name: string): Promise<Uint8Array | null>
  /** At most `valueBytesMax`; on disk when it resolves. */
  writeValue(name: string, value: Uint8Array): Promise<void>
  /** Events, and the sum of their bytes. */
  size(): Promise<{ readonly events: number; readonly bytes: number }>
  /** Waits for what is under way. Every later call but `close` and `delete` rejects with `closed`. */
  close(): Promise<void>
  /** Closes, and forgets everything. */
  delete(): Promise<void>
}

export const valueBytesMax = 64 * 1024

/**
 * The value that names the own event appended last, written with it: whoever finds that event missing knows that it was
 * lost. Empty in a history from before this value was kept.
 */
export const ownTipName = 'ownTip'

export type StoreErrorCode =
  /** Another tab holds an older format open, or one that is being deleted. */
  | 'blocked'
  /** The format on disk was written by a newer version of this library. */
  | 'newerFormat'
  | 'quota'
  /** The platform has no such storage or does not let us use it. */
  | 'denied'
  | 'damaged'
  | 'valueTooLarge'
  /** Closed by `close`, or by the platform: another tab upgrades or deletes, or the user cleared the site's data. */
  | 'closed'
  | 'failed'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** Name of the damaged value. */
  readonly id: string | null

  constructor(
    code: StoreErrorCode,
    message: string,
    { id = null, cause }: { id?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.code = code
    this.id = id
  }
}

/** Throws `valueTooLarge`. */
export function checkValueSize(name: string, value: Uint8Array): void {
  if (value.length > valueBytesMax) {
    throw new StoreError('valueTooLarge', `value "${name}" has ${value.length} bytes, at most ${valueBytesMax}`)
  }
}

/**
 * One way on which everybody in a room hears everybody else: a server, or the browser itself. Each is trusted with
 * nothing but delivery.
 */

export interface SignalingPath {
  readonly kind: 'server' | 'browser'
  /** See `SignalingState`. */
  readonly url: string
  readonly isConnected: boolean
  readonly clients: number | undefined
  /** Why it was not to be had last; null while it is. */
  readonly lastError: string | null
  /** Never throws: what fails is told by `lastError`, and tried again. */
  open(): void
  /** Hands on what others in the room are to hear, as JSON can hold it; nothing while it is not connected. */
  publish(data: unknown): void
  /** If it waits to be opened again, now is the time. */
  retryNow(): void
  /** Says at once that it failed, and is not tried. */
  fail(why: string): void
  /** Releases everything at once; resolves when the host has let go of it, too. */
  close(): Promise<void>
}

/** None is called before `open`, nor after `close`. */
export interface PathEvents {
  /** Connected, lost, or another number of clients. */
  changed(): void
  /** From now on others hear what is published. */
  opened(): void
  /** What somebody published, as it came. */
  published(data: unknown): void
  /** Something came that cannot be understood. */
  junk(): void
}

export const MAX_FRAME_CHARACTERS = 65_536

/** Null: not JSON text of a bounded length. */
export const parseFrame = (frame: unknown): { readonly value: unknown } | null => {
  if (typeof frame !== 'string' || frame.length > MAX_FRAME_CHARACTERS) return null
  try {
    return { value: JSON.parse(frame) }
  } catch {
    return null
  }
}

export const describeError = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What others publish on one path: opened with the room password, in the order in which it came, and counted. */
import type { RoomCipher } from './room-cipher.ts'

export interface Inbox {
  /** What arrived, as it came. */
  take(data: unknown): void
  /** Counts what was not understood. */
  junk(): void
  readonly counts: { readonly junk: number; readonly undecipherable: number; readonly undecipherableMs: number | null }
  close(): void
}

export interface InboxOptions {
  /** Null where the room has no password. */
  readonly cipher: () => RoomCipher | null
  /** A published value, decrypted where the room has a password. */
  readonly hand: (value: unknown) => void
  /** Something came that our password does not open, or that needs one. */
  readonly undecipherable: () => void
}

/** Values being decrypted at one time. */
const MAX_DECRYPTING = 256

export const createInbox = ({ cipher, hand, undecipherable }: InboxOptions): Inbox => {
  const counts = { junk: 0, undecipherable: 0, undecipherableMs: null as number | null }
  let decrypting = 0
  let turn = Promise.resolve()
  let isClosed = false

  function countUndecipherable(): void {
    counts.undecipherable += 1
    counts.undecipherableMs = performance.now()
    undecipherable()
  }

  async function open(key: RoomCipher, data: string): Promise<void> {
    decrypting += 1
    const opening = key.decrypt(data)
    await turn
    const value = await opening
    decrypting -= 1
    if (isClosed) return
    if (value !== null) return hand(value)
    counts.junk += 1
    countUndecipherable()
  }

  return {
    take(data) {
      const key = cipher()
      if (!key) {
        // A string is what a peer publishes that has a room password.
        if (typeof data === 'string') countUndecipherable()
        hand(data)
      } else if (typeof data !== 'string' || decrypting >= MAX_DECRYPTING) {
        counts.junk += 1
        if (typeof data !== 'string') countUndecipherable()
      } else {
        turn = open(key, data)
      }
    },
    junk: () => {
      counts.junk += 1
    },
    counts,
    close: () => {
      isClosed = true
    },
  }
}

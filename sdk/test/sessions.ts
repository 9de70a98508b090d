/**
 * Sections of tabs in one process, on a network in memory, in which time stands still but for `pass`. Keys are letters
 * and signatures are taken on trust. May import the runtime and vitest.
 */
import { onTestFinished, vi } from 'vitest'
import { ownRandom } from '../src/runtime/opening.ts'
import { openSession, type Session, type SessionOptions } from '../src/runtime/session.ts'
import type { MemoryNetwork } from '../src/transport/memory.ts'
import { createHashing } from '../src/wire/index.ts'
import { createRealParty } from './coin-party.ts'
import { unsaid } from './sections.ts'

export const key = (name: string) => name.repeat(64)

/** To be called before each test; `vi.useRealTimers` after each. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Opens a session whose key is `name` throughout; it is closed with the test. */
export async function openTab(
  network: MemoryNetwork,
  name: string,
  options: Partial<SessionOptions> = {},
): Promise<Session> {
  const session = await openSession(tabOptions(network, name, options))
  onTestFinished(async () => {
    const closed = session.section.close()
    vi.useRealTimers()
    await closed
  })
  return session
}

/** What such a session is opened with. */
export function tabOptions(
  network: MemoryNetwork,
  name: string,
  options: Partial<SessionOptions> = {},
): SessionOptions {
  return {
    ...unsaid,
    identity: {
      peer: key(name),
      createCoin: () => createRealParty(key(name)).coin,
      sign: async () => new Uint8Array(64),
    },
    verifier: { verify: async () => true, admissible: () => true, engine: 'points' },
    hashing: createHashing(),
    connect: (handlers) => network.join(key(name), handlers),
    nowMs: () => 1_000_000 + performance.now(),
    // No tab draws what an earlier one drew, or its transactions would be the earlier ones again.
    random: ownRandom,
    invitation: new Uint8Array(),
    ...options,
  }
}

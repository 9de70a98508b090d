/** Sections of tabs in one process, on a network in memory, with real keys and in real time. May import the runtime and vitest. */
import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { createIdentity, createVerifier } from '../src/crypto/index.ts'
import { openSession, type Session, type SessionOptions } from '../src/runtime/session.ts'
import type { Section, SectionStatus } from '../src/runtime/types.ts'
import { createMemoryStore } from '../src/store/index.ts'
import type { MemoryNetwork } from '../src/transport/memory.ts'
import { createHashing } from '../src/wire/index.ts'

/** What a tab is opened with that nothing is said about: open to all, with storage in memory. */
export const unsaid = {
  openStore: async () => createMemoryStore(),
  storageReason: null,
  keyForm: null,
  wanted: null,
  maxVoters: 13,
  admission: 'open',
  mayVote: null,
  release: async () => {},
} as const satisfies Partial<SessionOptions>

/** Opens a session with a key of its own; it is closed with the test. */
export async function openSectionTab(network: MemoryNetwork, options: Partial<SessionOptions> = {}): Promise<Session> {
  const identity = options.identity ?? (await createIdentity())
  const session = await openSession({
    ...unsaid,
    identity,
    verifier: await createVerifier(),
    hashing: createHashing(),
    connect: (handlers) => network.join(identity.peer, handlers),
    nowMs: () => performance.timeOrigin + performance.now(),
    random: (length) => new Uint8Array(randomBytes(length)),
    invitation: new Uint8Array(),
    ...options,
  })
  onTestFinished(() => session.section.close())
  return session
}

/** Resolves once the section's status satisfies the condition. */
export async function until(section: Section, condition: (status: SectionStatus) => boolean): Promise<void> {
  if (condition(section.status)) return
  await new Promise<void>((resolve) => {
    const off = section.on('status', (status) => {
      if (!condition(status)) return
      off()
      resolve()
    })
  })
}

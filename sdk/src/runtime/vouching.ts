/** Signs what we state of our own links: each statement once, however many it is sent to. */
import type { LinkStatement, SignedLinks } from '../core/gossip/topology.ts'
import type { Output } from '../core/io.ts'
import type { Identity } from '../crypto/index.ts'
import { linksDigest, type PeerMessage } from '../wire/index.ts'

export type LinksMessage = Extract<PeerMessage, { kind: 'links' }>

export interface Vouching {
  /** Signs whatever of our own is about to be sent. */
  sign(outputs: readonly Output[]): Promise<void>
  /** The same at once, for a page that is being closed. */
  signNow(outputs: readonly Output[], sign: (bytes: Uint8Array) => Uint8Array): void
  /** Throws for one of our own that was not signed. */
  signed(statement: LinkStatement | SignedLinks): LinksMessage
}

export function createVouching({ sign }: Pick<Identity, 'sign'>): Vouching {
  // By statement, so that what goes to many is one message, and is encoded once.
  const messages = new WeakMap<LinkStatement, LinksMessage>()

  function unsigned(outputs: readonly Output[]): ReadonlySet<LinkStatement> {
    const found = new Set<LinkStatement>()
    for (const { send } of outputs) {
      for (const { message } of send) {
        if (message.kind !== 'links' || 'signature' in message.statement || messages.has(message.statement)) continue
        found.add(message.statement)
      }
    }
    return found
  }

  function keep(statement: LinkStatement, signature: Uint8Array): void {
    messages.set(statement, { kind: 'links', statement: { ...statement, signature } })
  }

  return {
    async sign(outputs) {
      const all = [...unsigned(outputs)]
      await Promise.all(all.map(async (statement) => keep(statement, await sign(linksDigest(statement)))))
    },
    signNow(outputs, signNow) {
      for (const statement of unsigned(outputs)) keep(statement, signNow(linksDigest(statement)))
    },
    signed(statement) {
      const message = messages.get(statement)
      if (message) return message
      if (!('signature' in statement)) throw new Error('a statement of our own links was not signed')
      return { kind: 'links', statement }
    },
  }
}

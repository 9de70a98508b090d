/** The trace hash of a run: two runs with one hash delivered the same messages at the same times in the same order. */
import { createHash } from 'node:crypto'
import type { LinkMessage } from './network/network.ts'

export interface Trace {
  deliver(timeMs: number, from: number, to: number, message: LinkMessage): void
  digest(): string
}

const said = (message: LinkMessage): string => {
  switch (message.kind) {
    case 'events':
      return message.events.map((event) => event.id).join()
    case 'tips':
      return message.tips.join()
    case 'want':
      return `${message.ids.join()};${message.tips.join()}`
    case 'links':
      return `${message.statement.of}@${message.statement.sinceMs} ${message.statement.peers.join()}`
    case 'presence':
      return String(message.asleep)
  }
}

/** Characters. */
const hashedAtOnce = 1 << 16

export function createTrace(): Trace {
  const hash = createHash('sha256')
  let lines = ''
  return {
    deliver(timeMs, from, to, message) {
      lines += `${timeMs} ${from} ${to} ${message.kind} ${said(message)}\n`
      if (lines.length < hashedAtOnce) return
      hash.update(lines)
      lines = ''
    },
    digest: () => hash.update(lines).digest('hex').slice(0, 16),
  }
}

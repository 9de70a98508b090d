/** A browser inside the test, whose tabs hear each other over the BroadcastChannel class that it lends. */
import type { BroadcastChannelConstructor, BroadcastChannelLike } from '../../src/transport/signaling/browser-path.ts'

export interface FakeBrowser {
  readonly BroadcastChannel: BroadcastChannelConstructor
  /** Open ones. */
  readonly channels: ReadonlySet<BroadcastChannelLike>
  /** Everything that was posted. */
  readonly posted: unknown[]
  /** To every open channel, whatever it is. */
  inject(data: unknown): void
}

type Handler = ((event: never) => void) | null

export const createFakeBrowser = (): FakeBrowser => {
  const channels = new Set<FakeChannel>()
  const posted: unknown[] = []

  class FakeChannel implements BroadcastChannelLike {
    readonly name: string
    onmessage: Handler = null
    onmessageerror: Handler = null

    constructor(name: string) {
      this.name = name
      channels.add(this)
    }
    postMessage(message: unknown): void {
      if (!channels.has(this)) throw new Error('closed')
      posted.push(message)
      const others = [...channels].filter((other) => other !== this && other.name === this.name)
      for (const other of others) queueMicrotask(() => other.deliver(structuredClone(message)))
    }
    deliver(data: unknown): void {
      if (channels.has(this)) this.onmessage?.({ data } as never)
    }
    close(): void {
      channels.delete(this)
    }
  }

  return {
    BroadcastChannel: FakeChannel,
    channels,
    posted,
    inject: (data) => {
      for (const channel of [...channels]) channel.deliver(data)
    },
  }
}

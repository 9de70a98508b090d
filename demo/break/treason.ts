/** The command to betray, from the page to the core of its own tab, which may run in a worker. */
import type { PeerId } from 'parsec-web'

interface Command {
  readonly traitor: PeerId
  readonly lie: unknown
}

const channelName = 'parsec-web-demo-treason'

/** The next event of this tab that carries transactions gets a twin that says `lie` instead. */
export function commandTreason(traitor: PeerId, lie: unknown): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage({ traitor, lie } satisfies Command)
  channel.close()
}

/** For as long as this thread lives. */
export function listenForTreason(self: PeerId, betray: (lie: unknown) => void): void {
  new BroadcastChannel(channelName).addEventListener('message', ({ data }: MessageEvent<Command>) => {
    if (data.traitor === self) betray(data.lie)
  })
}

/** The other end of `startReplayer`. */
import type { PeerId } from '../src/core/gossip/event.ts'
import { createRecordedCore, recordedPeers, watcher } from './recorded-core.ts'
import { type Recording, record } from './recording.ts'
import type { Recorded, ToReplayer } from './replayer.ts'
import { type Cost, measure } from './report.ts'

function serve(): void {
  let recording: Recording | null = null
  process.on('message', (message: ToReplayer) => {
    if (message.kind === 'record') {
      recording = record(message.options)
      process.send?.(toldOf(recording))
    } else if (recording) {
      process.send?.(message.work === 'evaluate' ? evaluate(recording) : step(recording))
    }
  })
}

function toldOf({ voters, events, inputs, blocks, transactions }: Recording): Recorded {
  return { voters, events: events.length, inputs: inputs.length, blocks, transactions }
}

function evaluate(recording: Recording): Cost {
  const core = createRecordedCore(recording.voters, watcher)
  const cost = measure(() => void core.step({ kind: 'restore', nowMs: 0, events: recording.events }))
  return checked(recording, core.status().height, cost)
}

function step(recording: Recording): Cost {
  const core = createRecordedCore(recording.voters, recordedPeers(recording.voters)[0] as PeerId)
  const cost = measure(() => {
    for (const input of recording.inputs) core.step(input)
  })
  return checked(recording, core.status().height, cost)
}

function checked(recording: Recording, height: number, cost: Cost): Cost {
  if (height !== recording.blocks) throw new Error('a replay did not reach the blocks of its recording')
  return cost
}

serve()

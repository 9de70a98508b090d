/**
 * A recording and its replays in a process of their own: the collector's work grows with everything that a process
 * holds, and n cores that have recorded 10,000 events hold gigabytes.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RecordingOptions } from './recording.ts'
import type { Cost } from './report.ts'

/** What is told of a recording. */
export interface Recorded {
  readonly voters: number
  readonly events: number
  readonly inputs: number
  readonly blocks: number
  readonly transactions: number
}

export type ToReplayer =
  | { readonly kind: 'record'; readonly options: RecordingOptions }
  | { readonly kind: 'replay'; readonly work: 'evaluate' | 'step' }

export interface Replayer {
  record(options: RecordingOptions): Promise<Recorded>
  replay(work: 'evaluate' | 'step'): Promise<Cost>
  stop(): void
}

export function startReplayer(): Replayer {
  const child = fork(fileURLToPath(new URL('./replayer-process.js', import.meta.url)))

  const ask = (message: ToReplayer): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`a replaying process ended with ${code}`))
      child.once('exit', ended)
      child.once('message', (answer) => {
        child.off('exit', ended)
        resolve(answer)
      })
      child.send(message)
    })

  return {
    record: async (options) => (await ask({ kind: 'record', options })) as Recorded,
    replay: async (work) => (await ask({ kind: 'replay', work })) as Cost,
    stop: () => void child.kill(),
  }
}

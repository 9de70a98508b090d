/** The headless peer as the soak sees it: a child process that is asked what it holds. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { NodePeerOptions, NodeSample, Question } from './node-peer.ts'
import type { Sample } from './samples.ts'

export interface NodeProcess {
  probe(minute: number): Promise<Sample>
  /** Leaves the network; answers with what is left then. */
  close(): Promise<NodeSample>
  kill(): void
}

/** Resolves once it is a member. */
export async function startNodePeer(options: NodePeerOptions): Promise<NodeProcess> {
  const child: ChildProcess = fork(fileURLToPath(new URL('node-peer.ts', import.meta.url)), [JSON.stringify(options)], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    env: { ...process.env, TSX_TSCONFIG_PATH: fileURLToPath(new URL('../../tsconfig.tools.json', import.meta.url)) },
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the headless peer ended with code ${code}`)
  })
  // Whoever asks next is told.
  ended.catch(() => {})
  const answer = async () => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown]
    return message
  }
  const ask = async (question: Question) => {
    child.send(question)
    return (await answer()) as NodeSample
  }
  await answer()
  return {
    probe: async (minute) => ({ minute, ...(await ask('sample')) }),
    close: () => ask('close'),
    kill: () => void child.kill('SIGKILL'),
  }
}

/** What has to be submitted again to an engine that started anew from the store. */
import { bytesToHex } from '@noble/hashes/utils.js'
import type { PeerId } from '../core/gossip/event.ts'
import type { Ordering } from '../core/section/ordering.ts'
import type { Submission } from './residing.ts'

/** Of submissions that are not final, those whose transactions are in no event of ours: twice in events they would be twice in blocks. */
export function notSaidYet(
  { graph, contentOf }: Ordering,
  self: PeerId,
  submissions: readonly Submission[],
): readonly Submission[] {
  if (submissions.length === 0) return []
  const said = new Set<string>()
  for (const branch of graph.branchesOf(graph.creatorOf(self))) {
    for (const vertex of graph.branches[branch]?.vertices ?? []) {
      for (const transaction of contentOf(vertex)?.body.transactions ?? []) said.add(bytesToHex(transaction))
    }
  }
  return submissions.filter(
    ({ transactions }) => !transactions.some((transaction) => said.has(bytesToHex(transaction))),
  )
}

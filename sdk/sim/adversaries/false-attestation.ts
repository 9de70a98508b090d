/**
 * Signs for blocks that its own ancestry does not decide: a wrong hash, a height too low, a height too high.
 * Can: put any attestation into an event. Cannot: make enough others sign the same lie.
 */
import {
  type Adversary,
  type AdversaryContext,
  adopt,
  ownEvents,
  randomId,
  repeatedly,
  successor,
} from './adversary.ts'

export function falseAttestation(context: AdversaryContext): Adversary {
  repeatedly(context, 20, () => {
    const last = ownEvents(context).at(-1)
    if (last === undefined) return
    const { random } = context
    const height = Math.max(0, last.attest.height + random.int(-1, 2))
    const blockHash = random.chance(0.3) ? last.attest.blockHash : randomId(random)
    adopt(context, { ...successor(context, last), attest: { height, blockHash } })
  })
  return {}
}

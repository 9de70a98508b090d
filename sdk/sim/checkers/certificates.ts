/** Every height that a host calls certified carries attestations of more than 2/3 of that block's voters. */

import { isSupermajority } from '../../src/core/thresholds.ts'
import type { Host } from '../process/host-port.ts'
import type { CreateChecker } from './checker.ts'

export const certificates: CreateChecker = (world) => {
  const checkedUpTo = new Map<Host, number>()

  function faultOf(host: Host, height: number): string | null {
    const core = host.core()
    const block = core.block(height)
    const certificate = core.certificate(height)
    if (block === undefined) return 'no block'
    if (certificate === undefined) return 'no certificate'
    if (certificate.height !== height) return 'certificate of another height'
    const signers = new Set<string>()
    for (const id of certificate.attestations) {
      const event = world.registry.get(id)
      if (event === undefined) return `unsigned attestation ${id}`
      if (!block.voters.includes(event.creator)) return `${world.nameOf(event.creator)} is no voter`
      if (signers.has(event.creator)) return `${world.nameOf(event.creator)} counts twice`
      signers.add(event.creator)
      if (event.attest.height < height) return 'attestation to a block below'
      if (core.block(event.attest.height)?.hash !== event.attest.blockHash) return 'attestation to another block'
    }
    return 3 * signers.size > 2 * block.voters.length ? null : `${signers.size} of ${block.voters.length} attestations`
  }

  return {
    onStarted: (host) => checkedUpTo.delete(host),
    onOutput(host, _input, output) {
      const from = (checkedUpTo.get(host) ?? 0) + 1
      for (let height = from; height <= output.certifiedHeight; height++) {
        const fault = faultOf(host, height)
        if (fault !== null) world.fail('certificates', `${world.nameOf(host.identity())}, height ${height}: ${fault}`)
      }
      if (output.certifiedHeight < from - 1)
        world.fail('certificates', `${world.nameOf(host.identity())} takes certificates back`)
      checkedUpTo.set(host, output.certifiedHeight)
    },
    atEnd(idle) {
      if (!idle || !world.livenessIsPromised()) return
      for (const host of world.hosts) {
        if (!world.isCorrect(host.slot) || !host.isRunning()) continue
        const { height, certifiedHeight, membership } = host.core().status()
        // Who was expelled since, or died, attests no more: then these voters may be too few for ever.
        const voters = world.ledger[certifiedHeight]?.voters ?? []
        const present = voters.filter((peer) =>
          world.hosts.some((each) => each.isRunning() && each.identity() === peer && world.isCorrect(each.slot)),
        )
        if (!isSupermajority(present.length, voters.length)) continue
        // The last block's own attestations may need one more event, which an idle section does not create.
        if (membership === 'voter' && certifiedHeight < height - 1)
          world.fail(
            'certificates',
            `${world.nameOf(host.identity())} rests at height ${height}, certified up to ${certifiedHeight}`,
          )
      }
    },
  }
}

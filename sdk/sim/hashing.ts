/**
 * Hashing for simulations: SHA-256 over a readable rendering, several times cheaper than encoding canonically. Ids
 * differ from those on the wire; nothing else does. Uint8Arrays are rendered in hexadecimal, keys in sorted order.
 */
import { hash } from 'node:crypto'
import type { Hash } from '../src/core/gossip/event.ts'
import type { Hashing } from '../src/core/io.ts'
import type { Observation } from '../src/core/section/observation.ts'

const sha256 = (text: string): Hash => hash('sha256', text)
const hex = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

function observationText(observation: Observation): string {
  switch (observation.kind) {
    case 'add': {
      const { peer, since, invitation } = observation
      return `add ${peer} ${since}${invitation === undefined ? '' : ` ${invitation.id} ${invitation.uses}`}`
    }
    case 'remove':
      return `${observation.kind} ${observation.peer} ${observation.since}`
    case 'voters':
      return `voters +${observation.promote.join(',')} -${observation.demote.join(',')} ${observation.since}`
    case 'accusation':
      return `accusation ${observation.accused} ${observation.malice} ${observation.evidence.join(',')}`
    case 'expel':
      return `expel ${observation.peer}`
    case 'vote':
      return `vote ${hex(observation.value)}`
  }
}

const observationsText = (observations: readonly Observation[]) => observations.map(observationText).join(';')

const bytesAsHex = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? hex(value) : value)

export function createFastHashing(): Hashing {
  return {
    genesis: (genesis) =>
      sha256(
        `genesis|${genesis.founders.join(',')}|${genesis.createdAtMs}|${genesis.salt}|${JSON.stringify(genesis.previousSection)}|${genesis.maxVoters}`,
      ),
    event: (event) =>
      sha256(
        `event|${event.sectionId}|${event.creator}|${event.seq}|${event.selfParent}|${event.otherParents.join(',')}|` +
          `${event.createdAtMs}|${event.attest.height}|${event.attest.blockHash}|` +
          `${event.body.transactions.map(hex).join(',')}|${observationsText(event.body.observations)}` +
          (event.body.coin ? `|${JSON.stringify(event.body.coin, bytesAsHex)}` : ''),
      ),
    block: (block) =>
      sha256(
        `block|${block.sectionId}|${block.height}|${block.previous}|${block.timeMs}|${block.voters.join(',')}|` +
          `${block.items.map((item) => item.event).join(',')}|${observationsText(block.observations)}`,
      ),
    observation: (observation) => sha256(`observation|${observationText(observation)}`),
    tieBreak: (previous, id) => sha256(`tie|${previous}|${id}`),
    deals: (epoch, events) => sha256(`deals|${epoch}|${events.join(',')}`),
    coin: (lastBlock, election, round, subject) => sha256(`coin|${lastBlock}|${election}|${round}|${subject}`),
  }
}

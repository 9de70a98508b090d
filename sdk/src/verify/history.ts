/**
 * A section's exported history, checked from its genesis on. Nothing in it is trusted: the voters of each block follow from
 * the genesis and the blocks below, and more than 2/3 of them must have signed that block or one above it.
 */
import type { Hash, PeerId } from '../core/gossip/event.ts'
import type { Genesis } from '../core/section/block.ts'
import { type AgreedState, applyObservations, genesisState } from '../core/section/state.ts'
import { isSupermajority } from '../core/thresholds.ts'
import { createVerifier, type Verifier } from '../crypto/index.ts'
import {
  blockHeader,
  blockHeaderHash,
  createHashing,
  decodeFile,
  decodeHistoryRecord,
  type FileParts,
  type HistoryRecord,
  type WireError,
} from '../wire/index.ts'
import { type AttestationFault, openAttestation } from './attestation.ts'

export type HistoryFault =
  /** Not a history file, one of an unknown version, or a record that cannot be read. */
  | WireError['code']
  /** The file ends before the blocks do; a record longer than any may be; something follows the last one. */
  | 'truncated'
  | 'recordTooLarge'
  | 'trailingBytes'
  /** The genesis does not hash to the section id. */
  | 'wrongGenesis'
  /** It is not the section asked for, or a block or an attestation of another one. */
  | 'wrongSection'
  /** The block does not stand on the one below it; at height 0: the file says it is final up to another height. */
  | 'wrongHeight'
  | 'wrongPrevious'
  | 'wrongTime'
  /** The block was not decided by the voters that the blocks below lead to. */
  | 'wrongVoters'
  /** The header does not cover these transactions, or these changes of members and voters, or has another hash. */
  | 'wrongItems'
  | 'wrongObservations'
  | 'wrongHash'
  /** A signature on another block, or a second one of the same creator. */
  | 'otherBlock'
  | 'attestedTwice'
  /** Not more than 2/3 of the block's voters signed it or a block above it. */
  | 'notCertified'
  | AttestationFault

export interface ValidHistory {
  readonly valid: true
  readonly sectionId: Hash
  readonly genesis: Genesis
  /** Of the last block; 0 where there is none. All up to here are final. */
  readonly height: number
  readonly blockHash: Hash
  /** Of the last block, in milliseconds since 1970. */
  readonly timeMs: number
  readonly transactions: number
  /** After the last block, ascending: the voters that have to certify the next one. */
  readonly voters: readonly PeerId[]
  /** After the last block, by seniority. */
  readonly members: readonly PeerId[]
}

export interface InvalidHistory {
  readonly valid: false
  /** The lowest block that fails; 0 where it is the file as such or the genesis. */
  readonly height: number
  readonly reason: HistoryFault
  /** For people; not to be relied on by programs. */
  readonly detail: string
}

export type HistoryVerdict = ValidHistory | InvalidHistory

export interface VerifyHistoryOptions {
  /** The section that it has to be of. Without it, any section's history is valid that proves itself. */
  readonly sectionId?: Hash
}

/**
 * Checks a file that `section.exportHistory()` wrote, one block at a time. Costs one signature per attestation in it and a
 * hash of every transaction. Never rejects: what is wrong is in the verdict.
 */
export async function verifyHistory(
  file: Uint8Array,
  { sectionId }: VerifyHistoryOptions = {},
): Promise<HistoryVerdict> {
  const decoded = decodeFile('history', file)
  if ('error' in decoded) return fault(0, decoded.error.code, decoded.error.detail)
  const { preamble, records, end } = decoded.ok
  if (createHashing().genesis(preamble.genesis) !== preamble.sectionId) return fault(0, 'wrongGenesis')
  if (sectionId !== undefined && sectionId !== preamble.sectionId) {
    return fault(0, 'wrongSection', `of section ${preamble.sectionId}`)
  }
  const verifier = await createVerifier()
  const chain = createChain(preamble)
  for (const [index, bytes] of records.entries()) {
    const record = decodeHistoryRecord(bytes)
    if ('error' in record) return fault(index + 1, record.error.code, record.error.detail)
    const failed = chain.append(record.ok) ?? (await chain.attest(record.ok, verifier))
    if (failed) return failed
  }
  if (end !== 'complete') return fault(records.length + 1, end)
  return chain.conclude(preamble.height)
}

interface Chain {
  append(record: HistoryRecord): InvalidHistory | null
  /** Counts the signatures on the block just appended. */
  attest(record: HistoryRecord, verifier: Verifier): Promise<InvalidHistory | null>
  /** Whether the blocks are certified up to this height, and not above. */
  conclude(height: number): HistoryVerdict
}

function createChain({ sectionId, genesis }: FileParts['preamble']): Chain {
  const hashing = createHashing()
  // Per height, from 0: lists and maps that did not change are shared.
  const states: AgreedState[] = [genesisState(genesis, sectionId)]
  const transactions: number[] = [0]
  /** The highest block that each creator signed: all below it are signed by that as well. */
  const signedUpTo = new Map<PeerId, number>()
  const last = () => states.at(-1) as AgreedState

  function append({ hash, header, items, observations }: HistoryRecord): InvalidHistory | null {
    const state = last()
    const height = states.length
    if (header.sectionId !== sectionId) return fault(height, 'wrongSection')
    if (header.height !== height) return fault(height, 'wrongHeight', `it says ${header.height}`)
    if (header.previous !== state.lastBlock) return fault(height, 'wrongPrevious')
    if (header.timeMs <= state.lastTimeMs) return fault(height, 'wrongTime')
    const { voters } = state
    const due = blockHeader({
      ...{ sectionId, height, previous: state.lastBlock, timeMs: header.timeMs },
      ...{ voters, items, observations },
    })
    if (header.votersRoot !== due.votersRoot) return fault(height, 'wrongVoters')
    if (header.itemsRoot !== due.itemsRoot) return fault(height, 'wrongItems')
    if (header.observationsRoot !== due.observationsRoot) return fault(height, 'wrongObservations')
    if (hash !== blockHeaderHash(header)) return fault(height, 'wrongHash')
    const keyed = observations.map((observation) => ({ key: hashing.observation(observation), observation }))
    const after = keyed.length === 0 ? state : applyObservations(state, keyed, height)
    states.push({ ...after, height, lastBlock: hash, lastTimeMs: header.timeMs })
    transactions.push(items.reduce((sum, item) => sum + item.transactions.length, transactions[height - 1] as number))
    return null
  }

  async function attest({ hash, attestations }: HistoryRecord, verifier: Verifier): Promise<InvalidHistory | null> {
    const { height } = last()
    const creators = new Set<PeerId>()
    for (const attestation of attestations) {
      const attested = await openAttestation(attestation, sectionId, verifier)
      if (typeof attested === 'string') return fault(height, attested)
      const { creator } = attested
      if (attested.height !== height || attested.blockHash !== hash) return fault(height, 'otherBlock', `by ${creator}`)
      if (creators.has(creator)) return fault(height, 'attestedTwice', `by ${creator}`)
      creators.add(creator)
      signedUpTo.set(creator, height)
    }
    return null
  }

  /** How many of a block's voters signed it or a block above it, in words where those are too few. */
  function lacking(height: number): string | null {
    const { voters } = states[height - 1] as AgreedState
    const count = voters.filter((voter) => (signedUpTo.get(voter) ?? 0) >= height).length
    return isSupermajority(count, voters.length) ? null : `signed by ${count} of ${voters.length} voters`
  }

  function conclude(height: number): HistoryVerdict {
    for (let each = 1; each <= Math.min(height, states.length - 1); each++) {
      const missing = lacking(each)
      if (missing !== null) return fault(each, 'notCertified', missing)
    }
    // As a section exports it, the file says exactly how far its signatures carry.
    const isOver = states.length > height + 1 && lacking(height + 1) === null
    const state = isOver ? undefined : states[height]
    if (!state) return fault(0, 'wrongHeight', `it says ${height}`)
    return {
      ...{ valid: true, sectionId, genesis, height, transactions: transactions[height] as number },
      ...{ blockHash: state.lastBlock, timeMs: state.lastTimeMs },
      ...{ voters: state.voters, members: [...state.members.keys()] },
    }
  }

  return { append, attest, conclude }
}

function fault(height: number, reason: HistoryFault, detail: string = reason): InvalidHistory {
  return { valid: false, height, reason, detail }
}

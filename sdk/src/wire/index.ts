/**
 * Canonical bytes of everything that is hashed, signed, sent or kept, version 1, and the limits on all of it. May import
 * the core's types, sha256.ts, @noble/hashes and micro-packed, nothing else. Pure: no I/O, no clock, no keys.
 */
export {
  type BlockHeader,
  blockHeader,
  blockHeaderHash,
  blockItemHash,
  decodeBlockHeader,
  encodeBlockHeader,
  votersRoot,
} from './block.ts'
export { type Decoded, EncodingError, type WireError } from './codec.ts'
export {
  decodeHeader,
  decodeSealedEvent,
  type EncodedEvent,
  type EventHeader,
  encodeEvent,
  type SealedEvent,
  sealedBytes,
  wireVersion,
} from './event.ts'
export { createReassembler, type FrameRefusal, type FrameResult, frameMessage, type Reassembler } from './frames.ts'
export { decodeGenesis, encodeGenesis } from './genesis.ts'
export { createHashing, type WireHashing } from './hashing.ts'
export {
  decodeFile,
  decodeHistoryRecord,
  encodeFile,
  encodeHistoryRecord,
  type FileKind,
  type FileParts,
  type HistoryRecord,
  type SignedHeader,
} from './history.ts'
export {
  decodeInvitation,
  encodeInvitation,
  type Invitation,
  invitationId,
  invitationNonceBytes,
  type SignedInvitation,
} from './invitation.ts'
export { limits, sealedEventBytesMax } from './limits.ts'
export { linksDigest } from './links.ts'
export { decodeMessage, decodeMessageLater, encodeMessage, type PeerMessage, splitEvents } from './message.ts'

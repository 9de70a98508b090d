/**
 * Every bound on what a peer can make us keep or compute, in one place. Sizes in bytes, counts in items. A value above
 * its limit is refused when it arrives and cannot be encoded here either, so that no correct peer ever sends one.
 */
export const limits = {
  /** One transaction, one application vote. */
  transactionBytes: 1024 * 1024,
  voteBytes: 16 * 1024,
  transactionsPerEvent: 20_000,
  observationsPerEvent: 512,
  otherParents: 64,
  keyItemsPerEvent: 128,
  coinSharesPerEvent: 64,
  /** One deal of the coin's key, at 64 voters. */
  dealBytes: 4096,
  /** A proof, a complaint or a share of the coin. */
  coinProofBytes: 128,
  /** Events named as the evidence of one accusation. */
  evidence: 8,
  /** 64 other-parents and every fixed field fit with room to spare. */
  headerBytes: 4 * 1024,
  bodyBytes: 2 * 1024 * 1024,
  voters: 256,
  members: 4096,
  /** Event ids in one `tips` or `want`. */
  idsPerMessage: 4096,
  eventsPerMessage: 4096,
  /** Peers known at a time. */
  linksPerMessage: 256,
  invitationBytes: 1024,
  /** Characters of a refusal's reason, printable ASCII. */
  reasonLength: 200,
  messageBytes: 4 * 1024 * 1024,
  /** A frame as handed to a data channel, its own header included. */
  frameBytes: 16 * 1024,
  /** Messages of one peer that may be under way side by side. */
  lanes: 4,
  /** Of an exported history: one block with its attestations, its events or observations, its attestations. */
  historyRecordBytes: 256 * 1024 * 1024,
  historyItems: 1024 * 1024,
  historyAttestations: 1024,
} as const

/** An event's header, its body, its signature and their two length fields. */
export const sealedEventBytesMax = 2 + limits.headerBytes + 4 + limits.bodyBytes + 64

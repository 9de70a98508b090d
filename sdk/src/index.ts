/** Everything an application sees of parsec-web. */
export type { EventId, Hash, PeerId } from './core/gossip/event.ts'
export type { Malice } from './core/malice/malice.ts'
export type { PreviousSection } from './core/section/block.ts'
export { ParsecError, type ParsecErrorCode } from './runtime/errors.ts'
export type {
  InspectedBlock,
  InspectedElection,
  InspectedEvent,
  InspectedGraph,
  InspectedRole,
  Inspection,
} from './runtime/inspection/feed.ts'
export { joinSection } from './runtime/join.ts'
export type {
  Admission,
  AdmissionRefusal,
  Certificate,
  Change,
  CoinDiagnostics,
  Diagnostics,
  FinalBlock,
  Finality,
  FinalTransaction,
  Finding,
  FindingFacts,
  InvitationTerms,
  JoinOptions,
  Member,
  RandomValue,
  Receipt,
  Section,
  SectionEvents,
  SectionStatus,
  StorageDiagnostics,
  SubmitOptions,
} from './runtime/types.ts'
export type {
  CandidatePairType,
  Candidates,
  PeerDiagnostics,
  Refusal,
  RefusalCode,
  SignalingDiagnostics,
  TransportDiagnostics,
} from './transport/port.ts'
export type { BlockHeader } from './wire/index.ts'

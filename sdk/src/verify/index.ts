/**
 * `parsec-web/verify`: checks what a section exported, without a section, in browsers and in Node. This folder imports
 * core, crypto, wire, and what `runtime/inspection` makes of a graph; of the public API types only.
 */
export type { Genesis } from '../core/section/block.ts'
export type { Certificate } from '../index.ts'
export type { FilePreamble } from '../wire/history.ts'
export type { FileKind, FileParts, WireError } from '../wire/index.ts'
export type { AttestationFault } from './attestation.ts'
export { type CertificateFault, type CertificateVerdict, type TrustedVoters, verifyCertificate } from './certificate.ts'
export { type EventsFault, type EventsVerdict, readEvents } from './events.ts'
export {
  type HistoryFault,
  type HistoryVerdict,
  type InvalidHistory,
  type ValidHistory,
  type VerifyHistoryOptions,
  verifyHistory,
} from './history.ts'

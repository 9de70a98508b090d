/** Which kinds of addresses a signal names (RFC 8839, section 5.1), and whether a relay is configured at all. */
import type { CandidatePairType } from '../port.ts'
import type { Signal } from '../signaling/messages.ts'

export type CandidateTypes = Set<CandidatePairType>

export const candidateTypes = (signal: Signal): CandidatePairType[] => {
  const text = signal.type === 'candidate' ? signal.candidate.candidate : signal.sdp
  return [...text.matchAll(/candidate:[^\r\n]* typ (host|srflx|prflx|relay)\b/g)].map(
    ([, type]) => type as CandidatePairType,
  )
}

export const hasTurn = (servers: readonly RTCIceServer[]): boolean =>
  servers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/i.test(url)))

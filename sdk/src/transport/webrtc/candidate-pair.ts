/** How direct a connection is, read off its statistics (W3C webrtc-stats). */
import type { CandidatePairType } from '../port.ts'

const byDirectness: readonly CandidatePairType[] = ['host', 'prflx', 'srflx', 'relay']

type Stats = Record<string, unknown>

/** The less direct end of the selected pair; null while there is none. */
export const candidatePairType = (report: Pick<RTCStatsReport, 'forEach'>): CandidatePairType | null => {
  const byId = new Map<string, Stats>()
  report.forEach((stats: Stats) => {
    byId.set(String(stats['id']), stats)
  })
  const pair = selectedPair(byId)
  if (!pair) return null
  const ends = [pair['localCandidateId'], pair['remoteCandidateId']].map((id) =>
    byDirectness.indexOf(byId.get(String(id))?.['candidateType'] as CandidatePairType),
  )
  return byDirectness[Math.max(...ends)] ?? null
}

/** Firefox marks the pair itself, the others name it in the transport's statistics. */
const selectedPair = (byId: ReadonlyMap<string, Stats>): Stats | undefined => {
  const all = [...byId.values()]
  const transport = all.find((stats) => stats['type'] === 'transport' && stats['selectedCandidatePairId'] !== undefined)
  if (transport) return byId.get(String(transport['selectedCandidatePairId']))
  return all.find((stats) => stats['type'] === 'candidate-pair' && stats['selected'] === true)
}

import { expect, it } from 'vitest'
import { candidatePairType } from './candidate-pair.ts'
import { canonicalFingerprint, fingerprintsOf } from './fingerprint.ts'

it('reads the same fingerprints out of every way to write them', () => {
  const one = 'v=0\r\na=fingerprint:sha-256 AB:CD\r\nm=application\r\na=fingerprint:SHA-256 ab:cd\r\n'
  expect(canonicalFingerprint(one)).toBe('sha-256 AB:CD')
  expect(canonicalFingerprint('a=fingerprint:sha-512 01\na=fingerprint:sha-256 AB:CD\n')).toBe(
    'sha-256 AB:CD,sha-512 01',
  )
  expect(canonicalFingerprint('a=fingerprint:sha-256 AB:CD\na=fingerprint:sha-512 01\n')).toBe(
    'sha-256 AB:CD,sha-512 01',
  )
})

it('has no fingerprint for a description without one, or with more than anybody needs', () => {
  expect(canonicalFingerprint('v=0\r\n')).toBeNull()
  expect(canonicalFingerprint(' a=fingerprint:sha-256 AB\r\n')).toBeNull()
  expect(canonicalFingerprint(Array.from({ length: 9 }, (_, i) => `a=fingerprint:sha-256 0${i}\n`).join(''))).toBeNull()
  expect(fingerprintsOf('a=fingerprint:sha-256 AB', undefined)).toBeNull()
})

it('names the less direct end of the pair in use, as Chromium and as Firefox tell it', () => {
  const candidates = [
    { id: 'l', type: 'local-candidate', candidateType: 'srflx' },
    { id: 'r', type: 'remote-candidate', candidateType: 'relay' },
    { id: 'h', type: 'remote-candidate', candidateType: 'host' },
  ]
  const report = (...stats: object[]) =>
    new Map(stats.map((entry, i) => [String(i), entry])) as unknown as RTCStatsReport
  const pair = { id: 'p', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r' }
  const other = { id: 'q', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'h' }
  const transport = { id: 't', type: 'transport', selectedCandidatePairId: 'p' }
  expect(candidatePairType(report(...candidates, other, pair, transport))).toBe('relay')
  expect(candidatePairType(report(...candidates, pair, { ...other, selected: true }))).toBe('srflx')
  expect(candidatePairType(report(...candidates, pair))).toBeNull()
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Certificate } from '../index.ts'
import { decodeFile, decodeHeader, decodeHistoryRecord, type HistoryRecord } from '../wire/index.ts'
import { verifyCertificate } from './certificate.ts'

const file = new Uint8Array(readFileSync(new URL('../../test/golden/exported-history.bin', import.meta.url)))
const parts = decodeFile('history', file)
if ('error' in parts) throw new Error(parts.error.detail)
const { sectionId, genesis } = parts.ok.preamble
const records = parts.ok.records.map((bytes): HistoryRecord => {
  const decoded = decodeHistoryRecord(bytes)
  if ('error' in decoded) throw new Error(decoded.error.detail)
  return decoded.ok
})
const trusted = { sectionId, voters: genesis.founders }
const [first, second] = records as [HistoryRecord, HistoryRecord]

/** Block 1, whose only voter is the founder. */
const certificate: Certificate = {
  height: 1,
  blockHash: first.hash,
  headers: [first.header],
  attestations: first.attestations,
}
/** The same by a signature on the block above. */
const fromAbove: Certificate = {
  ...certificate,
  headers: [first.header, second.header],
  attestations: second.attestations,
}

test('a certificate is valid for the voters of its block', async () => {
  expect(await verifyCertificate(certificate, trusted)).toEqual({ valid: true })
  expect(await verifyCertificate(fromAbove, trusted)).toEqual({ valid: true })
})

test('signatures of others than the voters of the block do not count', async () => {
  const upToFifth = records.slice(0, 5)
  const fifth = upToFifth.at(-1) as HistoryRecord
  const isFounder = ({ header }: (typeof fifth.attestations)[number]) => {
    const decoded = decodeHeader(header)
    return 'ok' in decoded && genesis.founders.includes(decoded.ok.creator)
  }
  const byAll = { ...certificate, headers: upToFifth.map(({ header }) => header), attestations: fifth.attestations }
  expect(fifth.attestations.some(isFounder)).toBe(true)
  expect(await verifyCertificate(byAll, trusted)).toEqual({ valid: true })
  const byOthers = { ...byAll, attestations: fifth.attestations.filter((each) => !isFounder(each)) }
  expect(byOthers.attestations.length).toBeGreaterThan(0)
  expect(await verifyCertificate(byOthers, trusted)).toMatchObject({ valid: false, reason: 'notCertified' })
})

test.each<[string, Partial<Certificate>, Partial<typeof trusted>, object]>([
  ['without a header', { headers: [] }, {}, { reason: 'malformed' }],
  ['of another block than it names', { blockHash: second.hash }, {}, { reason: 'wrongBlock' }],
  ['of another height than it names', { height: 2 }, {}, { reason: 'wrongBlock' }],
  ['for other voters', {}, { voters: ['ab'.repeat(32)] }, { reason: 'wrongVoters', at: 1 }],
  ['for another section', {}, { sectionId: 'ab'.repeat(32) }, { reason: 'wrongSection', at: 1 }],
  ['with headers that are no chain', { headers: [first.header, first.header] }, {}, { reason: 'wrongPrevious', at: 1 }],
  ['without signatures', { attestations: [] }, {}, { reason: 'notCertified' }],
  ['with numbers out of range', { headers: [{ ...first.header, timeMs: -1 }] }, {}, { reason: 'malformed' }],
  [
    'with a signature on a block that it does not lead to',
    { attestations: second.attestations },
    {},
    { reason: 'otherBlock', at: genesis.founders[0] },
  ],
  [
    'with a forged signature',
    { attestations: first.attestations.map(({ header }) => ({ header, signature: new Uint8Array(64) })) },
    {},
    { reason: 'badSignature' },
  ],
  [
    'with a header that is none',
    { attestations: first.attestations.map(({ signature }) => ({ header: new Uint8Array(9), signature })) },
    {},
    { reason: 'malformedAttestation' },
  ],
])('a certificate %s is refused', async (_, change, trust, fault) => {
  const verdict = await verifyCertificate({ ...certificate, ...change }, { ...trusted, ...trust })
  expect(verdict).toMatchObject({ valid: false, ...fault })
})

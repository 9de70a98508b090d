import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { key, openTab, pass, stopTime } from '../../test/sessions.ts'
import { createIdentityKey, identityFrom } from '../crypto/index.ts'
import { createMemoryNetwork } from '../transport/memory.ts'
import { verifyCertificate, verifyHistory } from '../verify/index.ts'
import type { Session } from './session.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

/** A tab that really signs; what arrives is taken on trust. */
async function openSigning(network: ReturnType<typeof createMemoryNetwork>, letter: string): Promise<Session> {
  const identity = identityFrom(createIdentityKey())
  // At once, as time stands still.
  const sign = async (bytes: Uint8Array) => identity.signNow?.(bytes) ?? new Uint8Array(64)
  const { createCoin, peer } = identity
  return await openTab(network, letter, {
    identity: { peer, sign, createCoin },
    connect: (handlers) => network.join(peer, handlers),
  })
}

test('what a section that grew exports proves itself up to the last certified block', async () => {
  const network = createMemoryNetwork()
  const tabs: Session[] = []
  for (const letter of ['a', 'b', 'c', 'd']) {
    tabs.push(await openSigning(network, letter))
    await pass(1_500)
  }
  for (const { section } of tabs) section.submit({ hello: section.me })
  await pass(3_000)
  const section = (tabs[3] as Session).section
  const { certifiedHeight, voters } = section.status
  expect(voters).toBe(4)
  const file = await section.exportHistory()
  vi.useRealTimers()
  const verdict = await verifyHistory(file, { sectionId: section.id })
  expect(verdict).toMatchObject({
    valid: true,
    height: certifiedHeight,
    blockHash: section.block(certifiedHeight)?.hash,
    transactions: 4,
    voters: tabs.map((tab) => tab.section.me).sort(),
  })
  for (let height = 1; height <= certifiedHeight; height++) {
    const trusted = { sectionId: section.id, voters: section.block(height)?.voters ?? [] }
    expect(await verifyCertificate(await section.certificate(height), trusted)).toEqual({ valid: true })
  }
})

test('before there is a section there is nothing to export', async () => {
  const network = createMemoryNetwork()
  const { section } = await openTab(network, 'a', { wanted: key('f') })
  await expect(section.exportHistory()).rejects.toMatchObject({ code: 'notAMember' })
})

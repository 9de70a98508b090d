import { expect, test } from 'vitest'
import { readEvents, verifyHistory } from './index.ts'

async function golden(url: URL): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer())
}

test('exported files are read in a browser as they are in Node', async () => {
  const history = await golden(new URL('../../test/golden/exported-history.bin', import.meta.url))
  expect(await verifyHistory(history)).toMatchObject({ valid: true, height: 8, transactions: 4 })
  const changed = history.with(-1, (history.at(-1) ?? 0) ^ 1)
  expect(await verifyHistory(changed)).toMatchObject({ valid: false, height: 8, reason: 'badSignature' })
  const events = await golden(new URL('../../test/golden/exported-events.bin', import.meta.url))
  expect(readEvents(events)).toMatchObject({ valid: true })
})

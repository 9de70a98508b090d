/** Appends one event after another to a store and prints the number of those acknowledged, until it is killed. */
import { openLevelStorage } from '../src/storage/storage.ts'

const storage = await openLevelStorage(process.argv[2] ?? '')
const store = await storage.openStore('tea-club', 'ab'.repeat(32))
for (let count = 0; ; ) {
  await store.append([{ id: `${count}`, bytes: new Uint8Array(1_000) }])
  count += 1
  process.stdout.write(`${count}\n`)
}

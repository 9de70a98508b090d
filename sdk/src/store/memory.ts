/** A store that lasts as long as the process: for simulations, tests, and platforms that refuse storage. */
import { checkValueSize, type Store, StoreError } from './port.ts'

export function createMemoryStore(): Store {
  // A Map iterates in order of insertion; an event that is deleted and set again is last.
  const events = new Map<string, Uint8Array>()
  const values = new Map<string, Uint8Array>()
  let closed = false

  function checkOpen(): void {
    if (closed) throw new StoreError('closed', 'the store is closed')
  }

  return {
    persistent: false,
    async append(appended, written = {}) {
      checkOpen()
      for (const [name, value] of Object.entries(written)) checkValueSize(name, value)
      for (const [name, value] of Object.entries(written)) values.set(name, value.slice())
      for (const { id, bytes } of appended) {
        events.delete(id)
        events.set(id, bytes.slice())
      }
    },
    async load() {
      checkOpen()
      return { events: Array.from(events, ([id, bytes]) => ({ id, bytes: bytes.slice() })), damaged: [] }
    },
    async read(ids) {
      checkOpen()
      return ids.map((id) => events.get(id)?.slice() ?? null)
    },
    async readValue(name) {
      checkOpen()
      return values.get(name)?.slice() ?? null
    },
    async writeValue(name, value) {
      checkOpen()
      checkValueSize(name, value)
      values.set(name, value.slice())
    },
    async size() {
      checkOpen()
      let bytes = 0
      for (const event of events.values()) bytes += event.length
      return { events: events.size, bytes }
    },
    async close() {
      closed = true
    },
    async delete() {
      closed = true
      events.clear()
      values.clear()
    },
  }
}

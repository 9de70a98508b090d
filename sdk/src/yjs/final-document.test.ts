import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { clientIdOf } from './client-id.ts'
import { createFinalDocument, type FinalDocument, type Outcome } from './final-document.ts'
import { limits } from './limits.ts'
import { encodeUpdate } from './update.ts'

const id = { section: 'section', name: 'default' }
const nonce = (number: number) => new Uint8Array(8).fill(number)

interface Writer {
  readonly author: string
  readonly nonce: Uint8Array
  readonly doc: Y.Doc
  readonly text: Y.Text
  /** What has been edited since the last call, as one update. */
  drain(): Uint8Array
}

function writer(author: string, number = 1): Writer {
  const doc = new Y.Doc()
  doc.clientID = clientIdOf(id, author, nonce(number))
  let updates: Uint8Array[] = []
  doc.on('update', (update, _origin, _doc, { local }) => {
    if (local) updates.push(update)
  })
  return {
    author,
    nonce: nonce(number),
    doc,
    text: doc.getText('text'),
    drain() {
      const drained = updates
      updates = []
      return Y.mergeUpdates(drained)
    },
  }
}

const insert = ({ text, drain }: Writer, at: number, what: string) => {
  text.insert(at, what)
  return drain()
}

const submit = (document: FinalDocument, { author, nonce }: Writer, bytes: Uint8Array) =>
  document.apply(author, nonce, bytes)

const textOf = ({ doc }: FinalDocument) => doc.getText('text').toString()
const refusalsOf = (outcomes: readonly Outcome[]) => outcomes.map((each) => ('refusal' in each ? each.refusal : 'ok'))

test('an update under an id of its author is applied, and the id is known as its', () => {
  const document = createFinalDocument(id)
  const ann = writer('ann')
  expect(refusalsOf(submit(document, ann, insert(ann, 0, 'tea')))).toEqual(['ok'])
  expect(textOf(document)).toBe('tea')
  expect(document.authorOf(ann.doc.clientID)).toBe('ann')
})

test('content under an id of somebody else changes nothing, whoever was first', () => {
  const document = createFinalDocument(id)
  const ann = writer('ann')
  const update = insert(ann, 0, 'tea')
  expect(refusalsOf(document.apply('eve', ann.nonce, update))).toEqual(['foreignClient'])
  expect(refusalsOf(document.apply('ann', nonce(2), update))).toEqual(['foreignClient'])
  expect(refusalsOf(submit(document, ann, update))).toEqual(['ok'])
})

test('content under an id that Yjs drew changes nothing', () => {
  const document = createFinalDocument(id)
  const outsider = new Y.Doc()
  outsider.getText('text').insert(0, 'spam')
  expect(refusalsOf(document.apply('eve', nonce(1), Y.encodeStateAsUpdate(outsider)))).toEqual(['foreignClient'])
})

test('who deletes what others wrote is obeyed', () => {
  const document = createFinalDocument(id)
  const [ann, ben] = [writer('ann'), writer('ben')]
  const update = insert(ann, 0, 'tea')
  submit(document, ann, update)
  Y.applyUpdate(ben.doc, update)
  ben.text.delete(0, 2)
  submit(document, ben, ben.drain())
  expect(textOf(document)).toBe('a')
})

test('an update waits for what it builds on, and lets what waits for it go on', () => {
  const document = createFinalDocument(id)
  const [ann, ben, cem] = [writer('ann'), writer('ben'), writer('cem')]
  const first = insert(ann, 0, 'ab')
  Y.applyUpdate(ben.doc, first)
  const second = insert(ben, 1, 'X')
  for (const update of [first, second]) Y.applyUpdate(cem.doc, update)
  const third = insert(cem, 2, 'Y')
  expect(submit(document, cem, third)).toEqual([])
  expect(submit(document, ben, second)).toEqual([])
  expect(textOf(document)).toBe('')
  const outcomes = submit(document, ann, first)
  expect(outcomes.map(({ author }) => author)).toEqual(['ann', 'ben', 'cem'])
  expect(textOf(document)).toBe('aXYb')
})

test('updates of authors who type at one place need not wait for each other', () => {
  const document = createFinalDocument(id)
  const [ann, ben] = [writer('ann'), writer('ben')]
  for (const from of [ann, ben]) {
    from.doc.on('update', (update, origin) => {
      if (origin !== 'network') Y.applyUpdate(from === ann ? ben.doc : ann.doc, update, 'network')
    })
  }
  for (const { text } of [ann, ben, ann, ben, ann, ben]) text.insert(text.length, 'x')
  submit(document, ann, ann.drain())
  submit(document, ben, ben.drain())
  expect(textOf(document)).toBe('xxxxxx')
})

test('a deletion that is ordered before what it deletes deletes it as it comes', () => {
  const document = createFinalDocument(id)
  const [ann, ben] = [writer('ann'), writer('ben')]
  const update = insert(ann, 0, 'tea')
  Y.applyUpdate(ben.doc, update)
  ben.text.delete(1, 2)
  submit(document, ben, ben.drain())
  submit(document, ann, update)
  expect(textOf(document)).toBe('t')
  expect(document.doc.store.pendingDs).toBeNull()
})

test('a later update that hangs the same content elsewhere replaces the one that waits', () => {
  const document = createFinalDocument(id)
  const [ann, outsider] = [writer('ann'), new Y.Doc()]
  outsider.getText('text').insert(0, 'spam')
  Y.applyUpdate(ann.doc, Y.encodeStateAsUpdate(outsider))
  const hanging = insert(ann, 2, 'tea')
  expect(submit(document, ann, hanging)).toEqual([])
  const item = Y.decodeUpdate(hanging).structs[0] as Y.Item
  const parent = document.doc.getText('text')
  const elsewhere = new Y.Item(item.id, null, null, null, null, parent, null, item.content)
  submit(document, ann, encodeUpdate({ structs: [elsewhere], deletes: [] }))
  expect(textOf(document)).toBe('tea')
  submit(document, ann, insert(ann, 4, '!'))
  expect(textOf(document)).toBe('te!a')
})

test('nobody makes others keep more than a few updates that wait', () => {
  const document = createFinalDocument(id)
  const [ann, outsider] = [writer('ann'), new Y.Doc()]
  outsider.getText('text').insert(0, 'spam')
  Y.applyUpdate(ann.doc, Y.encodeStateAsUpdate(outsider))
  const outcomes = Array.from({ length: limits.waitingUpdates + 1 }, () => submit(document, ann, insert(ann, 1, 'x')))
  expect(outcomes.flat()).toEqual([{ author: 'ann', refusal: 'tooMuchWaiting' }])
})

test('bytes that are no update are refused', () => {
  const document = createFinalDocument(id)
  for (const bytes of [[], [1], [255, 255, 255, 255, 255, 255, 255, 255, 255, 255], [1, 1, 1, 0, 31, 0, 0]]) {
    expect(refusalsOf(document.apply('eve', nonce(1), Uint8Array.from(bytes)))).toEqual(['malformed'])
  }
})

const nested = (depth: number) => Array.from({ length: depth }).reduce<unknown>((value) => [value], 0)

test('values nested too deep are refused', () => {
  const document = createFinalDocument(id)
  const [ann, ben, cem] = [writer('ann'), writer('ben'), writer('cem')]
  ann.doc.getMap('map').set('deep', nested(limits.valueDepth + 1))
  expect(refusalsOf(submit(document, ann, ann.drain()))).toEqual(['malformed'])
  ben.doc.getMap('map').set('deep', nested(limits.valueDepth))
  expect(refusalsOf(submit(document, ben, ben.drain()))).toEqual(['ok'])
  cem.text.insertEmbed(0, { deep: nested(limits.valueDepth) as object })
  expect(refusalsOf(submit(document, cem, cem.drain()))).toEqual(['malformed'])
})

test('a value nested too deep is refused even where a second entry of the same key hides it', () => {
  const document = createFinalDocument(id)
  const ann = writer('ann')
  ann.doc.getMap('map').set('key', 0)
  const item = Y.decodeUpdate(ann.drain()).structs[0] as Y.Item
  const withDepth = (depth: number) => {
    const content = Object.assign(new Y.ContentAny([0]), {
      write({ restEncoder }: Y.UpdateEncoderV1) {
        encoding.writeVarUint(restEncoder, 1)
        // An object of two entries.
        encoding.writeUint8(restEncoder, 118)
        encoding.writeVarUint(restEncoder, 2)
        for (const value of [nested(depth) as never, null]) {
          encoding.writeVarString(restEncoder, 'same')
          encoding.writeAny(restEncoder, value)
        }
      },
    })
    const hidden = new Y.Item(item.id, null, null, null, null, item.parent, item.parentSub, content)
    return encodeUpdate({ structs: [hidden], deletes: [] })
  }
  expect(refusalsOf(submit(document, ann, withDepth(limits.valueDepth)))).toEqual(['malformed'])
  expect(refusalsOf(submit(document, ann, withDepth(limits.valueDepth - 1)))).toEqual(['ok'])
})

test('types nested too deep are refused, in one update or in several', () => {
  const document = createFinalDocument(id)
  const ann = writer('ann')
  let array = ann.doc.getArray<unknown>('array')
  const outcomes = Array.from({ length: limits.typeDepth + 1 }, () => {
    const inner = new Y.Array<unknown>()
    array.insert(0, ['beside', inner])
    array = inner
    return refusalsOf(submit(document, ann, ann.drain())).join()
  })
  expect(outcomes.indexOf('tooDeep')).toBe(limits.typeDepth)
  const whole = createFinalDocument(id)
  expect(refusalsOf(submit(whole, ann, Y.encodeStateAsUpdate(ann.doc)))).toEqual(['tooDeep'])
})

test('an update that refers to what its author writes later is refused', () => {
  const document = createFinalDocument(id)
  const ann = writer('ann')
  const { content } = Y.decodeUpdate(insert(ann, 0, 'tea')).structs[0] as Y.Item
  const client = ann.doc.clientID
  const ahead = new Y.Item(Y.createID(client, 0), null, Y.createID(client, 5), null, null, null, null, content)
  expect(refusalsOf(submit(document, ann, encodeUpdate({ structs: [ahead], deletes: [] })))).toEqual(['malformed'])
})

/** Edits by three writers, some of whom see each other's late, and an outsider whom they see; in random order. */
const history = fc.array(
  fc.record({
    who: fc.integer({ min: 0, max: 2 }),
    at: fc.nat(50),
    what: fc.constantFrom('insert', 'delete', 'type', 'map', 'see', 'outsider', 'forge', 'junk'),
    byte: fc.nat(255),
  }),
  { maxLength: 40 },
)

test('whatever is submitted, the same order makes the same bytes, nothing pends, and no client is anybody else’s', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const writers = ['ann', 'ben', 'cem'].map((author) => writer(author))
      const outsider = new Y.Doc()
      const log: [string, Uint8Array, Uint8Array][] = []
      for (const { who, at, what, byte } of steps) {
        const self = writers[who] as Writer
        const { doc, text } = self
        const place = at % (text.length + 1)
        if (what === 'insert') text.insert(place, 'abc')
        if (what === 'delete') text.delete(place, Math.min(2, text.length - place))
        if (what === 'type') doc.getArray<unknown>('array').insert(0, [new Y.Array()])
        if (what === 'map') doc.getMap<unknown>('map').set('key', at)
        if (what === 'see') for (const other of writers) Y.applyUpdate(doc, Y.encodeStateAsUpdate(other.doc))
        if (what === 'outsider') {
          outsider.getText('text').insert(0, '?')
          Y.applyUpdate(doc, Y.encodeStateAsUpdate(outsider))
        }
        if (what === 'forge') log.push([self.author, self.nonce, Y.encodeStateAsUpdate(doc)])
        const update = self.drain()
        log.push([self.author, self.nonce, update])
        if (what === 'junk') {
          const junk = update.slice()
          junk[at % junk.length] = byte
          log.push([self.author, self.nonce, junk])
        }
      }
      const [one, two] = [createFinalDocument(id), createFinalDocument(id)]
      const outcomes = [one, two].map((document) => log.map((entry) => document.apply(...entry)))
      const [first, second] = outcomes.map((all) => all.map((each) => refusalsOf(each).join()).join(' '))
      expect(first).toBe(second)
      expect(Buffer.compare(Y.encodeStateAsUpdate(one.doc), Y.encodeStateAsUpdate(two.doc))).toBe(0)
      expect(one.doc.store.pendingStructs).toBeNull()
      for (const client of one.doc.store.clients.keys()) {
        const owner = writers.find(({ doc }) => doc.clientID === client)
        expect(one.authorOf(client)).toBe(owner?.author)
        expect(owner).toBeDefined()
      }
    }),
    { numRuns: 60 },
  )
})

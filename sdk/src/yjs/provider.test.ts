import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import * as Y from 'yjs'
import { openTab, pass, stopTime } from '../../test/sessions.ts'
import type { Section } from '../index.ts'
import { createMemoryNetwork } from '../transport/memory.ts'
import { createYjsProvider, type RefusedEdit, type YjsProvider } from './index.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

interface Editor extends YjsProvider {
  readonly section: Section
  readonly text: Y.Text
}

const finalText = ({ final }: YjsProvider) => final.getText('text').toString()

async function open(names: string): Promise<Editor[]> {
  const network = createMemoryNetwork()
  const editors: Editor[] = []
  for (const name of names) {
    const { section, joined } = await openTab(network, name)
    await pass(1_000)
    await joined
    editors.push(edit(section))
  }
  await pass(3_000)
  return editors
}

function edit(section: Section, doc = new Y.Doc()): Editor {
  const provider = createYjsProvider(section, doc)
  onTestFinished(() => provider.destroy())
  return Object.assign(Object.create(provider) as YjsProvider, { section, text: doc.getText('text') })
}

/** As another provider would: every update of each document reaches the others at once. */
function connect(...docs: Y.Doc[]): void {
  for (const from of docs) {
    from.on('update', (update, origin) => {
      if (origin !== 'network') for (const to of docs) if (to !== from) Y.applyUpdate(to, update, 'network')
    })
  }
}

const transactionsOf = ({ section }: Editor) =>
  Array.from({ length: section.status.height }, (_, i) => section.block(i + 1)?.transactions ?? []).flat()

function expectEqual(editors: readonly Editor[]): void {
  const [first, ...rest] = editors as [Editor, ...Editor[]]
  for (const other of rest) expect(Buffer.compare(other.snapshot(), first.snapshot())).toBe(0)
  for (const each of editors) expect(finalText(each)).toBe(finalText(first))
}

test('alone, a provider brings the edits of the others when they are final', async () => {
  const editors = await open('ab')
  const [ann, ben] = editors as [Editor, Editor]
  ann.text.insert(0, 'tea')
  expect(ann.settled).toBe(false)
  expect(finalText(ann)).toBe('')
  await pass(2_000)
  expect(ann.settled).toBe(true)
  expect(ben.text.toString()).toBe('tea')
  expectEqual(editors)
})

test('many strokes are few transactions', async () => {
  const [ann] = (await open('a')) as [Editor]
  for (let stroke = 0; stroke < 100; stroke++) {
    ann.text.insert(ann.text.length, 'x')
    await pass(50)
  }
  await pass(2_000)
  expect(finalText(ann)).toBe('x'.repeat(100))
  expect(transactionsOf(ann).length).toBeLessThanOrEqual(25)
})

test('beside a provider that brings live edits, all that members type at once is final, and equal', async () => {
  const editors = await open('abcd')
  connect(...editors.map(({ doc }) => doc))
  for (let stroke = 0; stroke < 60; stroke++) {
    const { text } = editors[stroke % 4] as Editor
    text.insert((stroke * 7) % (text.length + 1), 'abcd'[stroke % 4] as string)
    if (stroke % 9 === 8) text.delete((stroke * 5) % text.length, 1)
    await pass(20)
  }
  await pass(3_000)
  expectEqual(editors)
  expect(finalText(editors[0] as Editor)).toBe(editors[0]?.text.toString())
  for (const { settled } of editors) expect(settled).toBe(true)
})

test('each edit is its signed author’s, in the document too', async () => {
  const editors = await open('ab')
  const [ann, ben] = editors as [Editor, Editor]
  const authors: string[] = []
  ann.on('edit', ({ author }) => authors.push(author))
  ann.text.insert(0, 'tea')
  await pass(2_000)
  ben.text.insert(1, 'XY')
  await pass(2_000)
  expect(authors).toEqual([ann.section.me, ben.section.me])
  expect(ann.authorship(ann.final.getText('text'))).toEqual([
    { insert: 't', author: ann.section.me },
    { insert: 'XY', author: ben.section.me },
    { insert: 'ea', author: ann.section.me },
  ])
})

test('what an outsider types never is final, what members type around it is', async () => {
  const editors = await open('ab')
  const [ann, ben] = editors as [Editor, Editor]
  const outsider = new Y.Doc()
  connect(ann.doc, ben.doc, outsider)
  ann.text.insert(0, 'tea')
  outsider.getText('text').insert(1, 'SPAM')
  ann.text.insert(3, 'x')
  ben.text.insert(7, 'y')
  ben.text.delete(2, 1)
  outsider.getArray('list').insert(0, [new Y.Map()])
  const map = ann.doc.getArray<Y.Map<unknown>>('list').get(0)
  map.set('in the outsider’s', 1)
  ann.text.insert(0, '!')
  await pass(20_000)
  expect(ann.text.toString()).toBe('!tSxAMeya')
  expectEqual(editors)
  expect(finalText(ann)).toBe('!txeya')
  expect(ann.settled && ben.settled).toBe(true)
  ann.text.insert(4, 'z')
  await pass(2_000)
  expect(finalText(ben), 'nothing waits for the outsider again').toContain('z')
})

test('a member that submits what others wrote, or junk, is reported everywhere and changes nothing', async () => {
  const editors = await open('abe')
  const [ann, ben, eve] = editors as [Editor, Editor, Editor]
  connect(ann.doc, ben.doc, eve.doc)
  const refused: RefusedEdit[] = []
  ben.on('refused', (each) => refused.push(each))
  ann.text.insert(0, 'tea')
  const forged = Y.encodeStateAsUpdate(ann.doc)
  const part = { kind: 'parsec-web/yjs', doc: 'default', nonce: new Uint8Array(8), part: 0, parts: 1 }
  eve.section.submit({ ...part, bytes: forged })
  eve.section.submit({ ...part, bytes: Uint8Array.of(1, 2, 3) })
  eve.section.submit({ ...part, nonce: 'none', bytes: forged })
  eve.section.submit({ ...part, parts: 3, part: 2, bytes: forged })
  await pass(3_000)
  expect(finalText(ann)).toBe('tea')
  expectEqual(editors)
  expect(refused.map(({ code }) => code)).toEqual(['foreignClient', 'malformed', 'malformed', 'badParts'])
  for (const { author } of refused) expect(author).toBe(eve.section.me)
})

test('content that others forge under our client id is not submitted as ours', async () => {
  const editors = await open('ab')
  const [ann] = editors as [Editor, Editor]
  ann.text.insert(0, 'tea')
  const forger = new Y.Doc()
  Y.applyUpdate(forger, Y.encodeStateAsUpdate(ann.doc))
  forger.clientID = ann.doc.clientID
  forger.getText('text').insert(3, ' for eve')
  Y.applyUpdate(ann.doc, Y.encodeStateAsUpdate(forger), 'network')
  ann.text.insert(0, 'green ')
  await pass(10_000)
  expect(ann.text.toString()).toBe('green tea for eve')
  expect(finalText(ann)).toBe('green tea')
  expectEqual(editors)
})

test('a new tab makes the same final document out of the blocks, and shows it', async () => {
  const network = createMemoryNetwork()
  const first = await openTab(network, 'a')
  await pass(1_000)
  const ann = edit(first.section)
  ann.text.insert(0, 'tea')
  await pass(1_000)
  const second = await openTab(network, 'b')
  await pass(3_000)
  const ben = edit(second.section)
  await pass(1_000)
  expect(ben.text.toString()).toBe('tea')
  expectEqual([ann, ben])
})

test('what nobody accepts is left out, and what follows is final', async () => {
  const editors = await open('a')
  const [ann] = editors as [Editor]
  const deep = Array.from({ length: 100 }).reduce<unknown>((value) => [value], 0)
  ann.doc.getMap('map').set('deep', deep)
  await pass(1_000)
  ann.text.insert(0, 'tea')
  await pass(20_000)
  expect(finalText(ann)).toBe('tea')
  expect(ann.settled).toBe(true)
})

test('documents of one section are told apart by name', async () => {
  const [ann] = (await open('a')) as [Editor]
  const other = createYjsProvider(ann.section, new Y.Doc(), { name: 'other' })
  other.doc.getText('text').insert(0, 'coffee')
  ann.text.insert(0, 'tea')
  await pass(1_000)
  expect(finalText(ann)).toBe('tea')
  expect(finalText(other)).toBe('coffee')
  other.destroy()
})

test('after destroy nothing is submitted and nothing arrives', async () => {
  const editors = await open('ab')
  const [ann, ben] = editors as [Editor, Editor]
  ann.destroy()
  ann.text.insert(0, 'tea')
  ben.text.insert(0, 'coffee')
  await pass(3_000)
  expect(finalText(ann)).toBe('')
  expect(finalText(ben)).toBe('coffee')
})

test('a document that was edited before it had its provider is refused', async () => {
  const [ann] = (await open('a')) as [Editor]
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'early')
  expect(() => createYjsProvider(ann.section, doc)).toThrow(expect.objectContaining({ code: 'badOptions' }))
})

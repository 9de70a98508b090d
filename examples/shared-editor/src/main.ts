/** An editor that several people use at once: what each types is live at once, and final a moment later, by author. */
import { defaultKeymap } from '@codemirror/commands'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { joinSection, type PeerId, type Section } from 'parsec-web'
import { createYjsProvider, type YjsProvider } from 'parsec-web/yjs'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import { WebrtcProvider } from 'y-webrtc'
import * as Y from 'yjs'

const address = new URLSearchParams(location.search)
const room = address.get('room') ?? 'shared-editor'
const signaling = [address.get('signaling') ?? 'ws://localhost:4444']

const section = await joinSection({ room, signaling })
const doc = new Y.Doc()
// Before y-webrtc, which takes its awareness' id from the document.
const provider = createYjsProvider(section, doc)
// Tabs of one browser, too, reach each other over WebRTC only, as tabs of different browsers do.
const live = new WebrtcProvider(room, doc, { signaling, filterBcConns: false })

live.awareness.setLocalStateField('user', { name: nameOf(section.me), color: `hsl(${hueOf(section.me)} 80% 45%)` })
openEditor(doc.getText('text'))
provider.on('edit', showFinal)
provider.on('settled', () => showStatus(section, provider))
section.on('status', () => showStatus(section, provider))
showStatus(section, provider)

function openEditor(text: Y.Text): void {
  const undoManager = new Y.UndoManager(text)
  const state = EditorState.create({
    doc: text.toString(),
    extensions: [
      keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': 'Text' }),
      yCollab(text, live.awareness, { undoManager }),
    ],
  })
  new EditorView({ state, parent: element('live') })
}

function showFinal(): void {
  const runs = provider.authorship(provider.final.getText('text'))
  element('final').replaceChildren(...runs.map(({ insert, author }) => mark(String(insert), author)))
  const authors = [...new Set(runs.map(({ author }) => author))]
  element('authors').replaceChildren(
    ...authors.map((author) => {
      const item = document.createElement('li')
      item.append(mark(author ? nameOf(author) : 'nobody', author))
      return item
    }),
  )
}

function showStatus({ status, me }: Section, { settled }: YjsProvider): void {
  document.body.dataset['state'] = status.state
  document.body.dataset['settled'] = String(settled)
  const mine = settled ? 'all you typed is final' : 'what you typed last is not final yet'
  element('status').textContent = `${nameOf(me)} of ${status.members.length}: ${status.reason ?? mine}`
}

function mark(text: string, author: PeerId | null): HTMLElement {
  const run = document.createElement('span')
  run.textContent = text
  run.title = author ?? ''
  run.style.setProperty('--hue', String(author ? hueOf(author) : 0))
  return run
}

function nameOf(peer: PeerId): string {
  return peer.slice(0, 6)
}

function hueOf(peer: PeerId): number {
  return Number.parseInt(peer.slice(0, 4), 16) % 360
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}

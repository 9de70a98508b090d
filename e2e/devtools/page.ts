/** A member of a section; with `?inspect` it is looked at. */
import { joinSection, type Section } from 'parsec-web'
import { defineInspector, type InspectorElement } from 'parsec-web/devtools'

export interface InspectedPage {
  readonly section: Promise<Section>
  /** Submits from now on, so many values a second. */
  submit(perSecond: number): Promise<void>
}

const read = new URLSearchParams(location.search)
const section = joinSection({
  room: read.get('room') ?? '',
  signaling: read.getAll('signaling'),
  storage: 'memory',
  worker: true,
})

async function submit(perSecond: number): Promise<void> {
  const joined = await section
  let number = 0
  setInterval(() => joined.submit({ number: number++ }), 1_000 / perSecond)
}

const names = ['Ann', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gia', 'Hal']

/** In the order in which they joined. */
function nameIn(joined: Section): (peer: string) => string {
  return (peer) => names[joined.status.members.findIndex((member) => member.peer === peer)] ?? peer.slice(0, 8)
}

async function inspect(): Promise<InspectorElement> {
  defineInspector()
  const inspector = document.createElement('parsec-inspector')
  const joined = await section
  inspector.nameOf = nameIn(joined)
  inspector.section = joined
  document.body.append(inspector)
  return inspector
}

if (read.has('inspect')) void inspect()
const page: InspectedPage = { section, submit }
Object.assign(window, { page })

/** The page: joins the poll's section, draws its state, and submits what is pressed. */
import { joinSection, ParsecError, type Section } from 'parsec-web'
import { indexedDbSnapshots, type Replica, replicate } from 'parsec-web/replica'
import { countOf, type Poll, poll, type Refusal } from './poll.ts'

type PollReplica = Replica<Poll, Refusal>

const refusals: Readonly<Record<Refusal, string>> = {
  malformed: 'This is no question, or no vote.',
  alreadyAsked: 'Somebody else asked first.',
  nothingAsked: 'Nothing has been asked.',
  noSuchAnswer: 'There is no such answer.',
  alreadyVoted: 'Your voice has been counted: everybody has one.',
  closed: 'The poll is closed.',
  notTheAsker: 'Only who asked may close the poll.',
}

const address = new URL(location.href)
const invitation = new URLSearchParams(address.hash.slice(1)).get('invitation')

function find<T extends Element>(selector: string): T {
  const found = document.querySelector<T>(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

async function start(): Promise<void> {
  try {
    const section = await joinSection({
      room: address.searchParams.get('room') ?? 'poll',
      signaling: [address.searchParams.get('signaling') ?? 'ws://localhost:4444'],
      admission: 'invitation',
      ...(invitation === null ? {} : { invitation }),
    })
    const replica = replicate(section, poll, { snapshots: indexedDbSnapshots() })
    const redraw = () => draw(section, replica)
    replica.subscribe(redraw)
    section.on('status', redraw)
    listen(section, replica)
    redraw()
  } catch (error) {
    const isUninvited = error instanceof ParsecError && error.code === 'notAdmitted'
    const message = error instanceof Error ? error.message : String(error)
    find('#status').textContent = isUninvited ? `You need an invitation of your own: ${message}.` : message
  }
}

function listen(section: Section, replica: PollReplica): void {
  const submit = async (value: unknown) => {
    const note = find('#note')
    note.textContent = ''
    try {
      const outcome = await replica.submit(value).outcome
      if (outcome.kind === 'rejected') note.textContent = refusals[outcome.reason]
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : String(error)
    }
  }
  find<HTMLFormElement>('#ask').addEventListener('submit', (event) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const answers = String(form.get('answers'))
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
    void submit({ kind: 'ask', question: String(form.get('question')), answers })
  })
  find('ol').addEventListener('click', ({ target }) => {
    const answer = (target as HTMLElement).closest('button')?.value
    if (answer !== undefined) void submit({ kind: 'vote', answer: Number(answer) })
  })
  find('button[name=close]').addEventListener('click', () => void submit({ kind: 'close' }))
  find('button[name=invite]').addEventListener('click', async () => {
    const link = new URL(address)
    link.hash = new URLSearchParams({ invitation: await section.invitation({ uses: 1 }) }).toString()
    find<HTMLInputElement>('input[name=link]').value = link.href
  })
}

function draw(section: Section, { current: { final, view, pending } }: PollReplica): void {
  const { asked, isOpen } = view
  const { reason, members } = section.status
  const counted = `${final.votes.size} of ${members.length} have voted`
  find('#status').textContent = reason ?? (pending.length > 0 ? `${counted}; yours is on its way` : counted)
  find<HTMLElement>('#inviting').hidden = false
  find<HTMLElement>('#ask').hidden = asked !== null
  find<HTMLElement>('#poll').hidden = asked === null
  if (asked === null) return
  find('h1').textContent = isOpen ? asked.question : `${asked.question} (closed)`
  find<HTMLElement>('button[name=close]').hidden = !isOpen || asked.by !== section.me
  find('ol').replaceChildren(
    ...asked.answers.map((answer, number) => {
      const button = Object.assign(document.createElement('button'), { textContent: answer, value: `${number}` })
      button.disabled = !isOpen
      button.ariaPressed = String(view.votes.get(section.me) === number)
      const count = Object.assign(document.createElement('output'), { value: String(countOf(view, number)) })
      // Until it is final in a block, an own vote is only a wish.
      count.classList.toggle('pending', countOf(view, number) !== countOf(final, number))
      const row = document.createElement('li')
      row.append(button, count)
      return row
    }),
  )
}

void start()

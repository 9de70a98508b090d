/** The demo: a ledger that the tabs of a room keep together. Uses the SDK's public API only. */
import { render } from 'lit-html'
import { createNetwork } from '../break/impaired-connection.ts'
import { joinLink, placeOf } from './address.ts'
import { createInspectorToggle } from './inspector.ts'
import { personaOf, shortId } from './names.ts'
import { show } from './observable.ts'
import { startSession } from './session.ts'
import { startTheme } from './theme.ts'
import { type Draft, manyPayments, payeesOf } from './view/account.ts'
import { type Actions, page } from './view/page.ts'

const blocksAtOnce = 25
const redrawMs = 16
const copiedShownMs = 2_000

function start(root: HTMLElement): void {
  globalThis.network = createNetwork()
  const place = placeOf(location.href)
  let draft: Draft = { to: null, amount: 5, note: '' }
  let shownBlocks = blocksAtOnce
  let copied = false
  let scheduled = false

  // Many changes in one turn, a burst of blocks for instance, make one page.
  const changed = () => {
    if (scheduled) return
    scheduled = true
    // Not an animation frame: a tab in the background gets none, and its attributes shall be right.
    setTimeout(() => {
      scheduled = false
      draft = { ...draft, to: payee() }
      const { inspected } = inspector
      const face = { place, draft, shownBlocks, copied, inspected, dark: theme.isDark() }
      render(page(session.state, face, actions), root)
      show(session.state, document.body.dataset)
    }, redrawMs)
  }

  const payee = () => {
    if (session.state.phase !== 'live') return null
    const payees = payeesOf(session.state)
    return draft.to !== null && payees.includes(draft.to) ? draft.to : (payees[0] ?? null)
  }

  const copyLink = async () => {
    const invitation = await session.invitation().catch(() => null)
    const link = joinLink(location.href, { ...place, invitation: invitation ?? place.invitation })
    try {
      await navigator.clipboard.writeText(link)
    } catch {
      prompt('The join link', link)
      return
    }
    copied = true
    changed()
    setTimeout(() => {
      copied = false
      changed()
    }, copiedShownMs)
  }

  const actions: Actions = {
    edit: (part) => {
      draft = { ...draft, ...part }
      changed()
    },
    pay: () => {
      const to = payee()
      if (to === null || !Number.isSafeInteger(draft.amount)) return
      session.submit({ kind: 'pay', to, amount: draft.amount, note: draft.note.trim() })
      draft = { ...draft, note: '' }
      changed()
    },
    payMany: () => {
      if (session.state.phase !== 'live') return
      const payees = payeesOf(session.state)
      for (let number = 0; number < manyPayments; number++) {
        const to = payees[number % payees.length]
        if (to !== undefined) session.submit({ kind: 'pay', to, amount: 1, note: '' })
      }
    },
    rename: (name, hue) => session.submit({ kind: 'profile', name, hue }),
    choose: (peer) => {
      draft = { ...draft, to: peer }
      changed()
      root.querySelector<HTMLInputElement>('input[name=amount]')?.select()
    },
    showMore: () => {
      shownBlocks += blocksAtOnce
      changed()
    },
    copyLink: () => {
      void copyLink()
    },
    toggleTheme: () => theme.toggle(),
    toggleInspector: () => inspector.toggle(),
    leave: () => {
      if (confirm('Leave for good? This tab gives up its membership; its account stays in the ledger.')) session.leave()
    },
    reform: () => {
      const question = 'Go on without the missing voters? Should they come back, theirs and yours are two ledgers.'
      if (confirm(question)) session.reform()
    },
    follow: (sectionId) => {
      const question =
        'Move to the ledger that somebody re-formed? What is pending here is lost, and there is no way back.'
      if (confirm(question)) session.follow(sectionId)
    },
    retry: () => location.reload(),
  }

  const theme = startTheme(changed)
  const session = startSession(place, changed)
  const nameOf = (peer: string) =>
    session.state.phase === 'live' ? personaOf(session.state.ledger, peer).name : shortId(peer)
  const inspector = createInspectorToggle(() => session.section, nameOf, changed)
  changed()
}

const root = document.getElementById('app')
if (root) start(root)

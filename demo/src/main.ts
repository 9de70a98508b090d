/// <reference types="vite/client" />
/** The demo: a ledger that the tabs of a room keep together. Beside its own breakage, it uses the SDK's public API only. */
import { render } from 'lit-html'
import { createNetwork } from '../break/impaired-connection.ts'
import { placeOf } from './address.ts'
import { createBreaking, neighboursOf } from './breaking.ts'
import { createFinder } from './finder.ts'
import { createInspectorToggle } from './inspector.ts'
import { createInviter } from './invite.ts'
import { startLanguage } from './language.ts'
import { type Ledger, ledgerHash } from './ledger.ts'
import { personaOf, shortId } from './names.ts'
import { show } from './observable.ts'
import { createProofs } from './proofs.ts'
import { startSession } from './session.ts'
import { startTheme } from './theme.ts'
import { manyPayments, payeeOf, payeesOf } from './view/account.ts'
import { page } from './view/page.ts'
import type { Actions, Draft } from './view/view.ts'

const blocksAtOnce = 25
const redrawMs = 16
/** Drawing takes at most one part in so many of the time, or a busy ledger would have no time for anything else. */
const drawingShare = 4

function start(root: HTMLElement): void {
  // Before the section, whose connections are made over it.
  globalThis.network = createNetwork()
  const place = placeOf(location.href)
  let draft: Draft = { to: null, amount: 5, note: '' }
  let shownBlocks = blocksAtOnce
  let scheduled = false
  let drawingMs = 0
  let hashed: { readonly ledger: Ledger; readonly hash: string } | null = null

  const hashOf = (ledger: Ledger) => {
    if (hashed?.ledger !== ledger) hashed = { ledger, hash: ledgerHash(ledger) }
    return hashed.hash
  }

  const draw = () => {
    scheduled = false
    const startedMs = performance.now()
    const { state } = session
    draft = { ...draft, to: payee() }
    const hash = state.phase === 'live' ? hashOf(state.ledger) : ''
    if (state.phase === 'live') breaking.met(neighboursOf(state))
    const face = {
      ...{ t: language.words, place, draft, shownBlocks, breaking, ledgerHash: hash },
      ...{ query: finder.query, shownRows: finder.shown, archive: finder.archive },
      ...{ invitation: inviter.current, proof: proofs.current, inspected: inspector.inspected },
      ...{ dark: theme.isDark(), online: navigator.onLine },
    }
    render(page(state, face, actions), root)
    show(state, hash, document.body.dataset)
    drawingMs = performance.now() - startedMs
  }

  // Many changes in one turn, a burst of blocks for instance, make one page.
  const changed = () => {
    if (scheduled) return
    scheduled = true
    // Not an animation frame: a tab in the background gets none, and its attributes shall be right.
    setTimeout(draw, Math.max(redrawMs, drawingMs * (drawingShare - 1)))
  }

  const payee = () => (session.state.phase === 'live' ? payeeOf(session.state, draft.to) : null)

  const nameOf = (peer: string) =>
    session.state.phase === 'live' ? personaOf(session.state.ledger, peer).name : shortId(peer)

  /** What is typed into the form, as far as it is complete. */
  const send = (toAction: (to: string, amount: number, note: string) => Parameters<typeof session.submit>[0]) => {
    const to = payee()
    if (to === null || !Number.isSafeInteger(draft.amount)) return
    session.submit(toAction(to, draft.amount, draft.note.trim()))
    draft = { ...draft, note: '' }
    changed()
  }

  const theme = startTheme(changed)
  const language = startLanguage(changed)
  const session = startSession(place, changed)
  const inspector = createInspectorToggle(() => session.section, nameOf, changed)
  const inviter = createInviter(place, session.invitation, changed)
  const proofs = createProofs(() => session, changed)
  const breaking = createBreaking(() => session, changed)
  const finder = createFinder(() => session.section, nameOf, changed)

  const actions: Actions = {
    edit: (part) => {
      draft = { ...draft, ...part }
      changed()
    },
    pay: () => send((to, amount, note) => ({ kind: 'pay', to, amount, note })),
    request: () => send((of, amount, note) => ({ kind: 'request', of, amount, note })),
    payMany: () => {
      if (session.state.phase !== 'live') return
      const payees = payeesOf(session.state)
      for (let number = 0; number < manyPayments; number++) {
        const to = payees[number % payees.length]
        if (to !== undefined) session.submit({ kind: 'pay', to, amount: 1, note: '' })
      }
    },
    submit: session.submit,
    choose: (peer) => {
      draft = { ...draft, to: peer }
      changed()
      root.querySelector<HTMLInputElement>('input[name=amount]')?.select()
    },
    search: finder.search,
    searchAll: () => void finder.searchAll(),
    showMoreRows: finder.showMore,
    showMoreBlocks: () => {
      shownBlocks += blocksAtOnce
      changed()
    },
    invite: async () => {
      await inviter.open()
      draw()
      root.querySelector('dialog')?.showModal()
    },
    copyLink: () => void inviter.copy(),
    shareLink: () => void inviter.share(language.words.invite.shareText),
    closeInvitation: inviter.close,
    saveHistory: () => void proofs.save(place.room),
    checkFile: (file) => void proofs.check(file),
    forge: () => void proofs.forge(),
    toggleTheme: theme.toggle,
    toggleInspector: inspector.toggle,
    toggleBreaking: breaking.toggle,
    damage: breaking.damage,
    mend: breaking.mend,
    freeze: breaking.freeze,
    kill: () => {
      if (confirm(language.words.ask.kill)) breaking.kill()
    },
    fork: breaking.fork,
    speak: language.choose,
    leave: () => {
      if (confirm(language.words.ask.leave)) void session.leave()
    },
    startOver: async () => {
      await session.leave()
      location.reload()
    },
    reform: () => {
      if (confirm(language.words.ask.reform)) session.reform()
    },
    follow: (sectionId) => {
      if (confirm(language.words.ask.follow)) session.follow(sectionId)
    },
    retry: () => location.reload(),
  }

  addEventListener('online', changed)
  addEventListener('offline', changed)
  changed()
}

const root = document.getElementById('app')
if (root) start(root)

// While developing, a kept file would be an old one.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Refused in a private window, for instance: the demo then needs the network.
  navigator.serviceWorker.register('./service-worker.js').catch(() => {})
}

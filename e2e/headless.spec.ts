/** A headless peer in Node and tabs in a browser: one section, whose members are not told apart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Program, startProgram } from '../peer/test/program.ts'
import { test as base, expect, type Page } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, type Facts, factsOf } from './tabs.ts'

/** Runs the headless peer in the test's room, with the same database each time. */
const test = base.extend<{ readonly startPeer: () => Program }>({
  startPeer: async ({ room, signaling }, use, info) => {
    const data = mkdtempSync(join(tmpdir(), 'parsec-web-headless-'))
    const programs: Program[] = []
    await use(() => {
      const args = ['--room', room, '--signaling', signaling.url, '--data', data, '--ice-servers', '[]']
      const program = startProgram([...args, '--log-level', 'debug'])
      programs.push(program)
      return program
    })
    for (const program of programs) {
      program.kill('SIGKILL')
      const { errors } = await program.ended
      const log = program.lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      await info.attach('log of a headless peer', { body: log + errors, contentType: 'text/plain' })
    }
    rmSync(data, { recursive: true, force: true })
  },
})

/** Waits until the headless peer has the block that the tabs show. */
async function agreesWith(program: Program, { height, blockHash }: Facts): Promise<void> {
  expect(await program.line({ msg: 'a block is final', height })).toMatchObject({ hash: blockHash })
}

const killed = 'a headless peer and three tabs agree; it is killed, they go on, and it comes back as the same member'

test(killed, { tag: ['@long', '@every-browser'] }, async ({ startPeer, openTab }) => {
  test.setTimeout(180_000)
  const before = startPeer()
  const { peer, section } = await before.line({ msg: 'a member' })
  const tabs: Page[] = []
  for (const members of [2, 3, 4]) {
    tabs.push(await openTab())
    await everyTabShows(tabs, { section: String(section), members, accounts: members })
  }
  await everyTabShows(tabs, { state: 'ready', voters: 4, reachable: 4 })
  await before.line({ msg: 'the section changed', role: 'voter', voters: 4 })
  await everyTabPays25(tabs)
  const facts = await everyTabAgrees(tabs)
  expect(facts).toMatchObject({ accounts: 4, sum: 400 })
  await agreesWith(before, facts)

  before.kill('SIGKILL')
  await before.ended
  await everyTabPays25(tabs)
  await everyTabAgrees(tabs)

  const after = startPeer()
  expect(await after.line({ msg: 'a member' })).toMatchObject({ peer, section })
  await everyTabShows(tabs, { online: 4 })
  await everyTabPays25(tabs)
  await agreesWith(after, await everyTabAgrees(tabs))
  for (const tab of tabs) {
    expect(JSON.parse((await factsOf(tab)).diagnostics)).toMatchObject({ malice: [] })
  }
  after.kill('SIGTERM')
  expect(await after.ended).toEqual({ code: 0, errors: '' })
})

test('a headless peer keeps the section for those who come when every tab is closed', async ({
  startPeer,
  openTab,
  browser,
  demo,
  signaling,
  room,
}) => {
  const program = startPeer()
  await program.line({ msg: 'a member' })
  const first = await openTab()
  await everyTabShows([first], { members: 2, accounts: 2, state: 'ready' })
  await everyTabPays25([first])
  const { height, section } = await everyTabAgrees([first])
  await first.close()

  // In another browser profile: somebody who was never here.
  const context = await browser.newContext()
  const late = await context.newPage()
  const query = new URLSearchParams({ room, signaling: signaling.url })
  await late.goto(`${demo}?${query}`)
  await everyTabShows([late], { section, state: 'ready', members: 3, accounts: 3 })
  expect((await factsOf(late)).height).toBeGreaterThan(height)
  await everyTabPays25([late])
  await agreesWith(program, await everyTabAgrees([late]))
  await context.close()
})

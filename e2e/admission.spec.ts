/** Who is let in, and what the others are told. */
import type { BrowserContext } from '@playwright/test'
import { expect, type Page, test } from './site.ts'
import { everyTabShows } from './tabs.ts'

async function open(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  return page
}

function addressOf(demo: string, room: string, signaling: string, more: Record<string, string>): string {
  return `${demo}?${new URLSearchParams({ room, signaling, ...more })}`
}

test('an uninvited tab is kept out and told why; with the join link of a member it is let in', {
  tag: '@every-browser',
}, async ({ context, demo, room, signaling }) => {
  await context.addInitScript(() => {
    navigator.clipboard.writeText = async (text) => void document.body.setAttribute('data-copied', text)
  })
  const address = addressOf(demo, room, signaling.url, { admission: 'invitation' })
  const founder = await open(context, address)
  await everyTabShows([founder], { state: 'ready', members: 1 })

  const uninvited = await open(context, address)
  await expect(uninvited.locator('body')).toHaveAttribute('data-phase', 'failed')
  await expect(uninvited.locator('body')).toHaveAttribute('data-error', 'notAdmitted')
  await expect(uninvited.locator('body')).toContainText('an invitation is needed')
  await everyTabShows([founder], { members: 1 })

  await founder.locator('button[name=invite]').click()
  await founder.locator('button[name=copy]').click()
  await expect(founder.locator('body')).toHaveAttribute('data-copied', /invitation=parsec1-/)
  const invited = await open(context, (await founder.locator('body').getAttribute('data-copied')) ?? '')
  await everyTabShows([founder, invited], { state: 'ready', members: 2 })
})

test('a tab with a wrong password, and one without any, are told so; nothing is founded', async ({
  context,
  demo,
  room,
  signaling,
}) => {
  const withPassword = (password: string) => `${addressOf(demo, room, signaling.url, {})}#password=${password}`
  const founder = await open(context, withPassword('sesame'))
  await everyTabShows([founder], { state: 'ready', members: 1 })
  const strangers = [
    await open(context, withPassword('barley')),
    await open(context, addressOf(demo, room, signaling.url, {})),
  ]
  for (const stranger of strangers) {
    await expect(stranger.locator('body')).toHaveAttribute('data-error', 'wrongPassword')
    await expect(stranger.locator('body')).toContainText('the password is wrong, or missing')
  }
  const friend = await open(context, withPassword('sesame'))
  await everyTabShows([founder, friend], { state: 'ready', members: 2 })
})

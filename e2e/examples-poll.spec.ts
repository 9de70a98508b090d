/** The poll: everybody who was invited has one voice, and all tabs count the same. */
import { expect, type Page, testOf } from './examples.ts'

const test = testOf('poll')

test('three invited tabs vote once each, a second voice and an uninvited tab are refused', async ({ openExample }) => {
  const ann = await openExample()
  await ann.getByLabel('Question').fill('Tea or coffee?')
  await ann.getByLabel('Answers').fill('tea\ncoffee')
  await ann.getByRole('button', { name: 'Ask' }).click()
  await expect(ann.getByRole('heading')).toHaveText('Tea or coffee?')
  const used = await invite(ann)
  const ben = await openExample(used)
  await expect(ben.getByRole('heading')).toHaveText('Tea or coffee?')
  const cas = await openExample(await invite(ann))
  await expect(cas.getByRole('heading')).toHaveText('Tea or coffee?')

  await vote(ann, 'tea')
  await vote(ben, 'coffee')
  await vote(cas, 'tea')
  for (const tab of [ann, ben, cas]) {
    await expect(tab.getByRole('status').first()).toHaveText('3 of 3 have voted')
    await expect(tab.locator('output')).toHaveText(['2', '1'])
  }
  await vote(ben, 'tea')
  await expect(ben.getByRole('alert')).toHaveText('Your voice has been counted: everybody has one.')
  await expect(ann.locator('output')).toHaveText(['2', '1'])

  const eve = await openExample(used)
  await expect(eve.locator('#status')).toContainText('You need an invitation of your own')

  await ann.getByRole('button', { name: 'Close the poll' }).click()
  for (const tab of [ann, ben, cas]) await expect(tab.getByRole('heading')).toHaveText('Tea or coffee? (closed)')
})

/** What stands behind `#` in a link for one person. */
async function invite(tab: Page): Promise<string> {
  const before = await tab.getByLabel('Link').inputValue()
  await tab.getByRole('button', { name: 'Invite' }).click()
  await expect(tab.getByLabel('Link')).not.toHaveValue(before)
  return new URL(await tab.getByLabel('Link').inputValue()).hash.slice(1)
}

async function vote(tab: Page, answer: string): Promise<void> {
  await tab.getByRole('button', { name: answer }).click()
}

/** Looks at tabs from outside and presses their buttons. Waits for what can be seen, never for time. */
import { expect, type Page } from './site.ts'

export interface Facts {
  readonly me: string
  readonly section: string
  readonly state: string
  readonly role: string
  readonly height: number
  readonly blockHash: string
  readonly ledgerHash: string
  readonly sum: number
  readonly accounts: number
  readonly certified: number
  readonly members: number
  readonly online: number
  readonly voters: number
  readonly needed: number
  readonly reachable: number
  readonly asleep: number
  /** Why nothing becomes final; empty when nothing stands in the way. */
  readonly reason: string
  /** Ids of the sections that go on where this one ended, with blanks between. */
  readonly successors: string
  /** The section that this one re-forms; empty if none. */
  readonly previous: string
  readonly pending: number
  readonly paid: number
  readonly lost: number
  readonly refused: number
  /** Open in the ledger, anybody's. */
  readonly requests: number
  readonly diagnostics: string
}

/** Milliseconds between two looks. */
const intervals = [50, 100]

const texts = new Set([
  'me',
  'section',
  'state',
  'role',
  'blockHash',
  'ledgerHash',
  'diagnostics',
  'phase',
  'error',
  'reason',
  'successors',
  'previous',
])

export async function factsOf(tab: Page): Promise<Facts> {
  const data = await tab.locator('body').evaluate((body) => ({ ...body.dataset }))
  const rows = Object.entries(data).map(([name, value]) => [name, texts.has(name) ? value : Number(value)])
  return Object.fromEntries(rows) as Facts
}

/** Waits until every tab shows these facts. */
export async function everyTabShows(tabs: readonly Page[], facts: Partial<Facts>): Promise<void> {
  await expect
    .poll(() => Promise.all(tabs.map(factsOf)), { message: `every tab shows ${JSON.stringify(facts)}`, intervals })
    .toEqual(tabs.map(() => expect.objectContaining(facts)))
}

/** Waits until nothing is pending and all tabs show one ledger that conserves its coins; returns its facts. */
export async function everyTabAgrees(tabs: readonly Page[]): Promise<Facts> {
  await expect
    .poll(
      async () => {
        const all = await Promise.all(tabs.map(factsOf))
        return {
          pending: all.reduce((sum, { pending }) => sum + pending, 0),
          sections: new Set(all.map(({ section }) => section)).size,
          ledgers: new Set(all.map(({ ledgerHash }) => ledgerHash)).size,
          blocks: new Set(all.map(({ height, blockHash }) => `${height} ${blockHash}`)).size,
          conserved: all.every(({ sum, accounts }) => sum === 100 * accounts),
        }
      },
      { intervals },
    )
    .toEqual({ pending: 0, sections: 1, ledgers: 1, blocks: 1, conserved: true })
  // The voters may change at any time and make another block, so this agreement is waited for, too.
  await expect
    .poll(async () => new Set((await Promise.all(tabs.map(shownBlocks))).map((blocks) => blocks.join(' '))).size, {
      message: 'every tab shows the same blocks',
    })
    .toBe(1)
  const [first] = tabs
  if (!first) throw new Error('no tab was given')
  return factsOf(first)
}

/** Tabs that all belong to one section, with the number of voters that it should have. */
export async function openTabs(openTab: () => Promise<Page>, count: number): Promise<Page[]> {
  const tabs: Page[] = []
  for (let number = 1; number <= count; number++) {
    tabs.push(await openTab())
    await everyTabShows(tabs, { members: number, accounts: number })
  }
  const voters = count >= 7 ? 7 : count >= 4 ? 4 : 1
  await everyTabShows(tabs, { state: 'ready', voters, reachable: voters })
  return tabs
}

/** Presses the button for 25 payments in every tab at the same time and waits until all of them are final there. */
export async function everyTabPays25(tabs: readonly Page[]): Promise<void> {
  const before = await Promise.all(tabs.map(factsOf))
  await Promise.all(tabs.map((tab) => tab.locator('button[name=many]').click()))
  for (const [index, tab] of tabs.entries()) {
    const { paid, refused } = before[index] as Facts
    await expect(tab.locator('body')).toHaveAttribute('data-paid', String(paid + 25))
    expect((await factsOf(tab)).refused).toBe(refused)
  }
}

/** Fills in the form of one tab, as a person would, and presses Enter. */
export async function pay(tab: Page, payee: string, amount: number): Promise<void> {
  await tab.locator('select[name=to]').selectOption(payee)
  const coins = tab.locator('input[name=amount]')
  // Not by fill(), which in a stock Firefox puts digits behind those that are in a field for numbers.
  await coins.selectText()
  await coins.pressSequentially(String(amount))
  await coins.press('Enter')
}

async function shownBlocks(tab: Page): Promise<string[]> {
  return tab.locator('[data-block]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-hash') ?? ''))
}

import 'fake-indexeddb/auto'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryLocks, type IdentityRecord, openIndexedDbStore } from '../store/index.ts'
import { createMemoryNetwork } from '../transport/memory.ts'
import { deferred } from './deferred.ts'
import { readInvitation } from './invitation.ts'
import type { SectionHost } from './news.ts'
import { type Lent, openOwnHost, type Wishes } from './opening.ts'

/** What the tabs of one browser share. Each tab is alone on its network: without an invitation it founds a section. */
function createBrowser() {
  const records = new Map<string, IdentityRecord>()
  const lent: Lent = {
    storage: {
      identities: () => ({
        all: async () => Array.from(records, ([peer, record]) => ({ peer, record })),
        read: async (peer) => records.get(peer),
        put: async (peer, record) => void records.set(peer, record),
        delete: async (peer) => void records.delete(peer),
      }),
      locks: createMemoryLocks(),
      openStore: (room, peer) => openIndexedDbStore(`opening-test/${room}/${peer}`),
      close: async () => {},
    },
    connect: ({ identity }, handlers) => createMemoryNetwork().join(identity.peer, handlers),
    lastWords: null,
  }
  /** `claimed`: all that it was, the last of which it is. */
  async function openTab(wishes: Partial<Wishes>): Promise<{ host: SectionHost; claimed: string[] }> {
    const claimed: string[] = []
    const joined = deferred<void>()
    const host = await openOwnHost(
      lent,
      {
        ...{ room: 'room', storage: 'indexeddb', isServerless: true, maxVoters: 1 },
        ...{ admission: 'open', mayVote: null, invitation: null, preferred: null },
        ...wishes,
      },
      (me) => {
        claimed.push(me)
        return (news) => news.kind === 'joined' && joined.resolve()
      },
    )
    onTestFinished(() => host.close())
    if (!wishes.invitation) await joined.promise
    return { host, claimed }
  }
  return openTab
}

test('a tab with an invitation is not the member that it was in another section: it takes up one of the right section', async () => {
  const openTab = createBrowser()
  const [elsewhere, here] = [await openTab({}), await openTab({})]
  const invitation = readInvitation(await here.host.invitation({}))
  await elsewhere.host.close()
  await here.host.close()
  const preferred = elsewhere.claimed[0] as string
  expect((await openTab({ invitation, preferred })).claimed).toEqual([preferred, ...here.claimed])
})

test('where the free members are all of other sections, such a tab is a new one, and they stay as they were', async () => {
  const openTab = createBrowser()
  const [elsewhere, here] = [await openTab({}), await openTab({})]
  const invitation = readInvitation(await here.host.invitation({}))
  await elsewhere.host.close()
  const preferred = elsewhere.claimed[0] as string
  const { claimed } = await openTab({ invitation, preferred })
  expect([preferred, ...here.claimed]).not.toContain(claimed.at(-1))
  expect((await openTab({ preferred })).claimed).toEqual([preferred])
})

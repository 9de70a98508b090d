/** What a hostile peer or a stranger at the signaling server can send: refused, counted, and of no effect on others. */
import { expect, type Page, test } from './site.ts'
import { everyTabAgrees, everyTabPays25, everyTabShows, factsOf, pay } from './tabs.ts'

/** Spoils the next longer message of a tab, whoever it is for; heartbeats are shorter. */
const spoilers = {
  'a message of no known kind': (bytes: Uint8Array<ArrayBuffer>) =>
    bytes.map((byte, index) => (index === 0 ? 255 : byte)),
  'a frame of junk': (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, index) => (index === 0 ? byte : 255)),
  'a frame with its end changed': (bytes: Uint8Array<ArrayBuffer>) =>
    bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte)),
  'half a frame': (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, bytes.length / 2),
  'a frame far too long': (bytes: Uint8Array<ArrayBuffer>) => {
    const long = new Uint8Array(100_000)
    long.set(bytes)
    return long
  },
  'text instead of bytes': () => 'junk',
}

for (const [what, spoiler] of Object.entries(spoilers)) {
  test(`${what} is refused and counted, and nothing is lost`, async ({ openTab, context }) => {
    await context.addInitScript(spoilOnDemand, String(spoiler))
    const tabs: [Page, Page, Page] = [await openTab(), await openTab(), await openTab()]
    const [ann, bob, eve] = tabs
    await everyTabShows(tabs, { state: 'ready', members: 3, accounts: 3, online: 3 })
    const before = await refusalsIn([ann, bob])
    await eve.evaluate(() => document.dispatchEvent(new Event('spoil')))
    await pay(eve, (await factsOf(ann)).me, 7)
    await expect.poll(() => refusalsIn([ann, bob])).toBeGreaterThan(before)
    await everyTabPays25([ann, bob])
    expect(await everyTabAgrees(tabs)).toMatchObject({ accounts: 3, sum: 300 })
    expect((await factsOf(eve)).paid).toBe(1)
  })
}

test('junk at the signaling server is counted by those it reaches, and the next tab still gets in', async ({
  openTab,
  context,
  demo,
  signaling,
  room,
}) => {
  const ann = await openTab()
  const stranger = await context.newPage()
  await stranger.goto(new URL('favicon.svg', demo).href)
  await stranger.evaluate(sendJunk, { url: signaling.url, room })
  await expect.poll(async () => (await diagnosticsOf(ann)).transport.signaling[0]?.junk).toBeGreaterThan(0)
  const bob = await openTab()
  await everyTabShows([ann, bob], { state: 'ready', members: 2, accounts: 2 })
  await everyTabPays25([ann, bob])
  await everyTabAgrees([ann, bob])
})

interface Diagnostics {
  readonly refused: Record<string, number>
  readonly transport: { readonly refusals: Record<string, number>; readonly signaling: { readonly junk: number }[] }
}

async function diagnosticsOf(tab: Page): Promise<Diagnostics> {
  return JSON.parse((await factsOf(tab)).diagnostics)
}

async function refusalsIn(tabs: readonly Page[]): Promise<number> {
  const all = await Promise.all(tabs.map(diagnosticsOf))
  return all
    .flatMap(({ refused, transport }) => [...Object.values(refused), ...Object.values(transport.refusals)])
    .reduce((sum, count) => sum + count, 0)
}

/** Runs in the page, before its scripts. `source` is the text of a spoiler. */
function spoilOnDemand(source: string): void {
  const longerThan = 100
  const spoil = new Function(`return (${source})`)()
  const send = RTCDataChannel.prototype.send
  let armed = false
  document.addEventListener('spoil', () => {
    armed = true
  })
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
    if (!armed || !(data instanceof Uint8Array || data instanceof ArrayBuffer) || data.byteLength < longerThan) {
      return send.call(this, data as ArrayBufferView<ArrayBuffer>)
    }
    armed = false
    return send.call(this, spoil(new Uint8Array(data instanceof ArrayBuffer ? data : data.slice())))
  }
}

/** Runs in the page: one socket for every frame, for the server may close the ones that it does not understand. */
async function sendJunk({ url, room }: { url: string; room: string }): Promise<void> {
  const publish = (data: unknown) => JSON.stringify({ type: 'publish', topic: room, data })
  const frames: (string | Uint8Array<ArrayBuffer>)[] = [
    'no JSON',
    '',
    '['.repeat(10_000),
    'null',
    '{"type":"subscribe","topics":{"length":1e9}}',
    '{"type":"publish"}',
    '{"type":"__proto__","topics":["__proto__"]}',
    new Uint8Array(64).fill(255),
    'x'.repeat(70_000),
    publish(null),
    publish('junk'),
    publish({ type: 'parsec-announce' }),
    publish({ type: 'parsec-announce', from: 'nobody' }),
    publish({ type: 'signal', from: 'a', to: 'b', signal: { sdp: 'junk' } }),
    publish([[[[]]]]),
  ]
  for (const frame of frames) {
    const socket = new WebSocket(url)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', () => reject(new Error('the server does not take a socket')))
    })
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
    const answered = new Promise((resolve) => socket.addEventListener('message', resolve))
    socket.send(frame)
    socket.send('{"type":"ping"}')
    await Promise.race([closed, answered])
    socket.close()
  }
}

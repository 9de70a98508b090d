/**
 * y-webrtc's propagation: every payment is an entry of a shared map (of a list, each event looks at all of it), those of one turn of the
 * page's event loop in one transaction. There is no order that is final, so a payment settles once every other tab has
 * said that it has it; they say so from time to time, as an application would that wants to know.
 */
import { WebrtcProvider } from 'y-webrtc'
import * as Y from 'yjs'
import type { OpenSubject, Payment } from './subject.ts'

const acknowledgeEveryMs = 250
const lookEveryMs = 10
/** Of payments in a transaction: what exceeds the longest message of a data channel is lost without a word. */
const mostAtOnce = 200

export const openYWebrtc: OpenSubject = async ({ room, server, tab }, delivered) => {
  const doc = new Y.Doc()
  const payments = doc.getMap<Payment>('payments')
  /** By tab: how many payments of each tab it has. */
  const has = doc.getMap<Readonly<Record<number, number>>>('has')
  const received: Record<number, number> = {}
  const waiting: (() => void)[] = []
  let settledCount = 0
  let others = Number.POSITIVE_INFINITY

  const unsent: Payment[] = []
  let number = 0

  payments.observe(({ keysChanged }) => {
    for (const key of keysChanged) {
      const payment = payments.get(key) as Payment
      received[payment.amount] = (received[payment.amount] ?? 0) + 1
      delivered(payment)
    }
  })
  has.observe(() => {
    const counts = [...has].filter(([by]) => by !== String(tab)).map(([, counts]) => counts[tab] ?? 0)
    const everywhere = counts.length < others ? 0 : Math.min(...counts)
    for (; settledCount < everywhere; settledCount++) waiting.shift()?.()
  })
  let acknowledged = ''
  setInterval(() => {
    const counts = { ...received }
    delete counts[tab]
    const text = JSON.stringify(counts)
    if (text === acknowledged) return
    acknowledged = text
    has.set(String(tab), counts)
  }, acknowledgeEveryMs)

  const flush = () => {
    while (unsent.length > 0) {
      doc.transact(() => {
        for (const payment of unsent.splice(0, mostAtOnce)) payments.set(`${tab} ${number++}`, payment)
      })
    }
  }

  const provider = new WebrtcProvider(room, doc, {
    signaling: [server],
    filterBcConns: false,
    peerOpts: { config: { iceServers: [] } },
  })
  return {
    formed: (tabs) =>
      new Promise((resolve) => {
        others = tabs - 1
        const timer = setInterval(() => {
          const connections = [...(provider.room?.webrtcConns.values() ?? [])]
          if (connections.filter(({ connected }) => connected).length < others) return
          clearInterval(timer)
          resolve()
        }, lookEveryMs)
      }),
    submit(payment, settled) {
      waiting.push(settled)
      if (unsent.push(payment) === 1) queueMicrotask(flush)
    },
    facts: () => ({ events: null, height: null }),
  }
}

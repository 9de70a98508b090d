/** A server orders: what is sent to it comes back to everybody, own payments included, in one order. */
import type { OpenSubject, Payment } from './subject.ts'

/** To the sequencer go lists of payments, what one turn of the page's event loop made. */
interface Ordered {
  /** Of the first payment. */
  readonly number: number
  readonly payments: readonly Payment[]
}

export const openSequencer: OpenSubject = async ({ server, tab }, delivered) => {
  const socket = new WebSocket(server)
  // In the order of their submission, which the server keeps.
  const waiting: (() => void)[] = []
  let unsent: Payment[] = []
  let next = 0
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = () => reject(new Error('the sequencer cannot be reached'))
  })
  socket.onmessage = ({ data }) => {
    const { number, payments } = JSON.parse(data) as Ordered
    if (number !== next) throw new Error(`payment ${next} is missing`)
    next += payments.length
    for (const payment of payments) {
      delivered(payment)
      if (payment.amount === tab) waiting.shift()?.()
    }
  }
  const flush = () => {
    socket.send(JSON.stringify(unsent))
    unsent = []
  }
  return {
    formed: async () => {},
    submit(payment, settled) {
      waiting.push(settled)
      if (unsent.push(payment) === 1) queueMicrotask(flush)
    },
    facts: () => ({ events: null, height: null }),
  }
}

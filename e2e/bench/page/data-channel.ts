/**
 * The floor: data channels and nothing else. Every payment goes to every other tab, and one of them, each in turn, sends it back: a
 * payment settles after one round trip.
 */
import type { OpenSubject, Payment } from './subject.ts'

type Signal =
  | { readonly kind: 'here'; readonly from: number }
  | {
      readonly kind: 'description'
      readonly from: number
      readonly to: number
      readonly sdp: RTCSessionDescriptionInit
    }

/** In front of a payment: to be kept, to be kept and sent back, sent back. */
const marks = { keep: 'k', answer: 'a', answered: 'd' } as const

export const openDataChannel: OpenSubject = async ({ room, server, tab }, delivered) => {
  const connections = new Map<number, RTCPeerConnection>()
  const channels: RTCDataChannel[] = []
  const waiting = new Map<RTCDataChannel, (() => void)[]>()
  let changed = () => {}
  let turn = 0

  function adopt(channel: RTCDataChannel): void {
    channel.onopen = () => {
      channels.push(channel)
      waiting.set(channel, [])
      changed()
    }
    channel.onmessage = ({ data }: MessageEvent<string>) => {
      const mark = data[0]
      if (mark === marks.answered) return void waiting.get(channel)?.shift()?.()
      if (mark === marks.answer) channel.send(`${marks.answered}${data.slice(1)}`)
      delivered(JSON.parse(data.slice(1)) as Payment)
    }
  }

  function connect(peer: number): RTCPeerConnection {
    const connection = new RTCPeerConnection({ iceServers: [] })
    connections.set(peer, connection)
    connection.ondatachannel = ({ channel }) => adopt(channel)
    return connection
  }

  async function offer(peer: number): Promise<void> {
    const connection = connect(peer)
    adopt(connection.createDataChannel('payments'))
    await connection.setLocalDescription()
    publish({ kind: 'description', from: tab, to: peer, sdp: await gathered(connection) })
  }

  async function take({ from, sdp }: Extract<Signal, { kind: 'description' }>): Promise<void> {
    const connection = connections.get(from) ?? connect(from)
    await connection.setRemoteDescription(sdp)
    if (sdp.type !== 'offer') return
    await connection.setLocalDescription()
    publish({ kind: 'description', from: tab, to: from, sdp: await gathered(connection) })
  }

  const publish = await openTopic<Signal>(server, room, (signal) => {
    if (signal.from === tab) return
    if (signal.kind === 'description') return void (signal.to === tab && take(signal))
    if (connections.has(signal.from)) return
    // The lower number offers; who has the higher one says once more that it is there, as the lower may have missed it.
    if (tab < signal.from) void offer(signal.from)
    else publish({ kind: 'here', from: tab })
  })
  publish({ kind: 'here', from: tab })

  return {
    formed: (tabs) =>
      new Promise((resolve) => {
        changed = () => channels.length === tabs - 1 && resolve()
        changed()
      }),
    submit(payment, settled) {
      const text = JSON.stringify(payment)
      const chosen = turn++ % channels.length
      for (const [index, channel] of channels.entries()) {
        if (index === chosen) waiting.get(channel)?.push(settled)
        channel.send(`${index === chosen ? marks.answer : marks.keep}${text}`)
      }
      delivered(payment)
    },
    facts: () => ({ events: null, height: null }),
  }
}

/** Publishes to all subscribers of a topic, oneself included. */
async function openTopic<T>(server: string, topic: string, received: (data: T) => void): Promise<(data: T) => void> {
  const socket = new WebSocket(server)
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = () => reject(new Error('the signaling server cannot be reached'))
  })
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data) as { readonly type: string; readonly data: T }
    if (message.type === 'publish') received(message.data)
  }
  socket.send(JSON.stringify({ type: 'subscribe', topics: [topic] }))
  return (data) => socket.send(JSON.stringify({ type: 'publish', topic, data }))
}

/** The description with all candidates in it. */
async function gathered(connection: RTCPeerConnection): Promise<RTCSessionDescriptionInit> {
  await new Promise<void>((resolve) => {
    const look = () => connection.iceGatheringState === 'complete' && resolve()
    connection.onicegatheringstatechange = look
    look()
  })
  const { type, sdp } = connection.localDescription as RTCSessionDescription
  return { type, sdp }
}

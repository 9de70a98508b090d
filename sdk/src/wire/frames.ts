/**
 * Cuts messages into frames for a reliable, ordered data channel and puts them together again. Pure.
 *
 * A frame is one byte (bit 7: first frame of a message; the rest: lane), in a first frame the message's length as an
 * unsigned 32-bit integer, then content. Every frame but a message's last is full, so that a peer cannot make us keep
 * millions of tiny pieces. Frames of different lanes may be interleaved, so that a vote need not wait behind a megabyte.
 */
import { limits } from './limits.ts'

const firstFlag = 0x80
const firstHeaderBytes = 5
const headerBytes = 1

export type FrameRefusal =
  | 'emptyFrame'
  | 'frameTooLarge'
  | 'unknownLane'
  | 'emptyMessage'
  | 'messageTooLarge'
  /** A new message on a lane whose last one is not complete. */
  | 'unexpectedFirst'
  | 'unexpectedContinuation'
  /** The frame holds less or more than its place in the message asks for. */
  | 'wrongLength'

export type FrameResult =
  | { readonly message: Uint8Array }
  /** Accepted; the message is not complete yet. */
  | { readonly message: null }
  | { readonly refused: FrameRefusal }

export interface Reassembler {
  /** Keeps the frame until its message is complete. After a refusal every later frame is refused with the same reason. */
  accept(frame: Uint8Array): FrameResult
  /** Bytes kept for incomplete messages. */
  readonly pendingBytes: number
}

interface PartialMessage {
  readonly total: number
  received: number
  readonly pieces: Uint8Array[]
}

/** Throws RangeError for an empty or too long message, or a lane that does not exist. */
export function frameMessage(message: Uint8Array, lane = 0): Uint8Array[] {
  if (message.length === 0 || message.length > limits.messageBytes) throw new RangeError('message length out of range')
  if (!Number.isInteger(lane) || lane < 0 || lane >= limits.lanes) throw new RangeError('no such lane')
  const frames: Uint8Array[] = []
  for (let offset = 0; offset < message.length; ) {
    const header = offset === 0 ? firstHeaderBytes : headerBytes
    const content = message.subarray(offset, offset + limits.frameBytes - header)
    const frame = new Uint8Array(header + content.length)
    frame[0] = offset === 0 ? firstFlag | lane : lane
    if (offset === 0) new DataView(frame.buffer).setUint32(1, message.length)
    frame.set(content, header)
    frames.push(frame)
    offset += content.length
  }
  return frames
}

/** One per peer. Keeps at most `limits.lanes` incomplete messages of `limits.messageBytes`, and only bytes that arrived. */
export function createReassembler(): Reassembler {
  const lanes = new Map<number, PartialMessage>()
  let refused: FrameRefusal | null = null

  function refuse(reason: FrameRefusal): FrameResult {
    refused = reason
    lanes.clear()
    return { refused: reason }
  }

  function accept(frame: Uint8Array): FrameResult {
    if (refused !== null) return { refused }
    const head = frame[0]
    if (head === undefined) return refuse('emptyFrame')
    if (frame.length > limits.frameBytes) return refuse('frameTooLarge')
    const lane = head & ~firstFlag
    if (lane >= limits.lanes) return refuse('unknownLane')
    const open = lanes.get(lane)
    if ((head & firstFlag) === 0) {
      return open === undefined
        ? refuse('unexpectedContinuation')
        : append(lane, open, frame.subarray(headerBytes), headerBytes)
    }
    if (open !== undefined) return refuse('unexpectedFirst')
    if (frame.length < firstHeaderBytes) return refuse('wrongLength')
    const total = new DataView(frame.buffer, frame.byteOffset).getUint32(1)
    if (total === 0) return refuse('emptyMessage')
    if (total > limits.messageBytes) return refuse('messageTooLarge')
    return append(lane, { total, received: 0, pieces: [] }, frame.subarray(firstHeaderBytes), firstHeaderBytes)
  }

  function append(lane: number, partial: PartialMessage, content: Uint8Array, header: number): FrameResult {
    const expected = Math.min(partial.total - partial.received, limits.frameBytes - header)
    if (content.length !== expected) return refuse('wrongLength')
    // Copied: the host may reuse the frame's buffer.
    partial.pieces.push(content.slice())
    partial.received += content.length
    if (partial.received < partial.total) {
      lanes.set(lane, partial)
      return { message: null }
    }
    lanes.delete(lane)
    return { message: join(partial) }
  }

  return {
    accept,
    get pendingBytes() {
      let bytes = 0
      for (const { received } of lanes.values()) bytes += received
      return bytes
    },
  }
}

function join({ total, pieces }: PartialMessage): Uint8Array {
  const message = new Uint8Array(total)
  let offset = 0
  for (const piece of pieces) {
    message.set(piece, offset)
    offset += piece.length
  }
  return message
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createReassembler, type FrameRefusal, frameMessage } from './frames.ts'
import { limits } from './limits.ts'

function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251)
}

function feed(frames: readonly Uint8Array[]) {
  const reassembler = createReassembler()
  return frames.map((frame) => reassembler.accept(frame))
}

describe('version 1 of a frame', () => {
  test('starts a message with its lane and length, and goes on with the lane alone', () => {
    const message = numbered(limits.frameBytes)
    const [first, second] = frameMessage(message, 2)
    expect(first?.subarray(0, 7)).toEqual(Uint8Array.of(0x82, 0, 0, 0x40, 0, 0, 1))
    expect(first).toHaveLength(limits.frameBytes)
    expect(second).toEqual(Uint8Array.of(2, ...message.subarray(limits.frameBytes - 5)))
  })
})

describe('messages', () => {
  const lengths = [1, 16_379, 16_380, 16_379 + 16_383, 16_379 + 16_383 + 1, 1_048_576, limits.messageBytes]
  test.each(lengths)('of %i bytes arrive as they were, in frames of at most 16 KiB', (length) => {
    const message = numbered(length)
    const frames = frameMessage(message)
    expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(16_384)
    const results = feed(frames)
    expect(results.slice(0, -1).every((result) => 'message' in result && result.message === null)).toBe(true)
    const last = results.at(-1)
    expect(last !== undefined && 'message' in last && Buffer.compare(last.message ?? new Uint8Array(), message)).toBe(0)
  })

  test('of different lanes may be interleaved: a short one overtakes a long one', () => {
    const reassembler = createReassembler()
    const [start, end] = frameMessage(numbered(20_000), 1) as [Uint8Array, Uint8Array]
    expect(reassembler.accept(start)).toEqual({ message: null })
    expect(reassembler.pendingBytes).toBe(16_379)
    expect(reassembler.accept(frameMessage(Uint8Array.of(7))[0] as Uint8Array)).toEqual({ message: Uint8Array.of(7) })
    expect(reassembler.accept(end)).toEqual({ message: numbered(20_000) })
    expect(reassembler.pendingBytes).toBe(0)
  })

  test('do not change when the host reuses the buffer of a frame', () => {
    const reassembler = createReassembler()
    const frames = frameMessage(numbered(20_000))
    for (const frame of frames.slice(0, -1)) {
      reassembler.accept(frame)
      frame.fill(0)
    }
    expect(reassembler.accept(frames.at(-1) as Uint8Array)).toEqual({ message: numbered(20_000) })
  })

  test('cannot be empty, above the limit, or on a lane that does not exist', () => {
    expect(() => frameMessage(new Uint8Array())).toThrow(RangeError)
    expect(() => frameMessage(new Uint8Array(limits.messageBytes + 1))).toThrow(RangeError)
    expect(() => frameMessage(Uint8Array.of(1), limits.lanes)).toThrow(RangeError)
  })
})

describe('a frame is refused', () => {
  const first = (total: number, content: number) => {
    const frame = new Uint8Array(5 + content)
    frame[0] = 0x80
    new DataView(frame.buffer).setUint32(1, total)
    return frame
  }
  const cases: readonly (readonly [FrameRefusal, readonly Uint8Array[]])[] = [
    ['emptyFrame', [new Uint8Array()]],
    ['frameTooLarge', [new Uint8Array(limits.frameBytes + 1)]],
    ['unknownLane', [Uint8Array.of(0x80 | limits.lanes, 0, 0, 0, 1, 0)]],
    ['emptyMessage', [first(0, 0)]],
    ['messageTooLarge', [first(limits.messageBytes + 1, 16_379)]],
    ['unexpectedFirst', [first(20_000, 16_379), first(1, 1)]],
    ['unexpectedContinuation', [Uint8Array.of(0, 1)]],
    ['wrongLength', [Uint8Array.of(0x80, 0)]],
    ['wrongLength', [first(20_000, 1)]],
    ['wrongLength', [first(1, 2)]],
    ['wrongLength', [first(20_000, 16_379), Uint8Array.of(0)]],
  ]
  test.each(cases)('%s', (refused, frames) => {
    expect(feed(frames).at(-1)).toEqual({ refused })
  })

  test('and so is every frame after it, with nothing kept', () => {
    const reassembler = createReassembler()
    reassembler.accept(first(20_000, 16_379))
    reassembler.accept(new Uint8Array())
    expect(reassembler.accept(first(1, 1))).toEqual({ refused: 'emptyFrame' })
    expect(reassembler.pendingBytes).toBe(0)
  })
})

test('whatever bytes arrive, the reassembler never throws and keeps no more than arrived', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (frames) => {
      const reassembler = createReassembler()
      let arrived = 0
      for (const frame of frames) {
        reassembler.accept(frame)
        arrived += frame.length
        expect(reassembler.pendingBytes).toBeLessThanOrEqual(arrived)
      }
    }),
  )
})

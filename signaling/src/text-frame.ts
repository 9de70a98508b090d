/** Imports nothing. */

/** A whole text message as one frame of a server, without a mask (RFC 6455, section 5.2). */
export const textFrame = (payload: Buffer): Buffer => {
  const { length } = payload
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = 0x81
  frame[1] = head === 2 ? length : head === 4 ? 126 : 127
  if (head === 4) frame.writeUInt16BE(length, 2)
  else if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2)
  payload.copy(frame, head)
  return frame
}

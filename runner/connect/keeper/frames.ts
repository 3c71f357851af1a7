import type { Writable } from 'node:stream'

/** What the two ends of the keeper's socket say to each other. */
export const kinds = {
  /** Client: its proof that it can read the card; keeper: its own. */
  hello: 1,
  /** Client: a connection is wanted. Keeper: it is there. */
  open: 2,
  /** Keeper: it could not be made, or is lost. */
  failed: 3,
  /** Client: this connection is not used any more, by this client. */
  close: 4,
  /** Client: a command begins; its number is that of the command. */
  start: 5,
  stdin: 6,
  stdinEnd: 7,
  kill: 8,
  /** Keeper: so many bytes of standard input were taken. */
  taken: 9,
  stdout: 10,
  stderr: 11,
  ended: 12,
  warning: 13,
  list: 14,
  /** Client: end yourself. */
  leave: 15,
} as const

export type Kind = (typeof kinds)[keyof typeof kinds]

/** One message: what it is, the connection or command that it is about, and its bytes. */
export interface Frame {
  readonly kind: Kind
  readonly id: number
  readonly bytes: Buffer
}

const headBytes = 9
/** No honest frame is longer. */
const longest = 64 << 20

/** A frame as bytes. */
export function frame(kind: Kind, id: number, bytes?: Uint8Array | string): Buffer {
  const length = bytes === undefined ? 0 : Buffer.byteLength(bytes)
  const made = Buffer.allocUnsafe(headBytes + length)
  made.writeUInt32BE(length, 0)
  made.writeUInt8(kind, 4)
  made.writeUInt32BE(id, 5)
  if (typeof bytes === 'string') made.write(bytes, headBytes)
  else if (bytes !== undefined) made.set(bytes, headBytes)
  return made
}

/** Sends a frame. */
export type SendFrame = (kind: Kind, id: number, bytes?: Uint8Array | string) => void

/** Writes the frames of one turn of the event loop at once. A stream that holds more than `mostUnread` bytes that the other end does not read is destroyed. */
export function frameWriter(stream: Writable, mostUnread = Infinity): SendFrame {
  let waiting: Buffer[] = []
  const flush = (): void => {
    const all = waiting
    waiting = []
    if (stream.destroyed) return
    stream.write(all.length === 1 ? all[0]! : Buffer.concat(all))
    if (stream.writableLength > mostUnread) stream.destroy()
  }
  return (kind, id, bytes) => {
    if (waiting.length === 0) setImmediate(flush)
    waiting.push(frame(kind, id, bytes))
  }
}

/** Cuts a stream of bytes into frames. What it gives throws where the other end breaks the rules. */
export function frameReader(hear: (frame: Frame) => void): (bytes: Buffer) => void {
  let held: Buffer[] = []
  let size = 0
  let needed = headBytes
  return (bytes) => {
    held.push(bytes)
    size += bytes.length
    if (size < needed) return
    let all = held.length === 1 ? held[0]! : Buffer.concat(held, size)
    needed = headBytes
    while (all.length >= headBytes) {
      const length = all.readUInt32BE(0)
      if (length > longest) throw new Error('a frame that is too long')
      if (all.length < headBytes + length) {
        needed = headBytes + length
        break
      }
      hear({
        kind: all.readUInt8(4) as Kind,
        id: all.readUInt32BE(5),
        bytes: all.subarray(headBytes, headBytes + length),
      })
      all = all.subarray(headBytes + length)
    }
    held = all.length === 0 ? [] : [all]
    size = all.length
  }
}

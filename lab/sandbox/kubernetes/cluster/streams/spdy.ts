import { Duplex } from 'node:stream'
import { constants, createDeflate, createInflate } from 'node:zlib'
import { SPDY_DICTIONARY } from './spdy-dictionary.ts'

/*
 * The server's half of SPDY/3.1 as Kubernetes clients use it: streams that the client opens, no flow control, no push.
 * Frames: draft-mbelshe-httpbis-spdy-00, 2.2 and 2.6.
 */
const VERSION = 3
const SYN_STREAM = 1
const SYN_REPLY = 2
const RST_STREAM = 3
const PING = 6
const GOAWAY = 7
const FLAG_FIN = 1
const LONGEST_FRAME = 16 * 1024 * 1024
const LONGEST_DATA = 16 * 1024

export type SpdyHeaders = Readonly<Record<string, string>>

type Frame = {
  readonly control: boolean
  readonly type: number
  readonly id: number
  readonly flags: number
  readonly payload: Buffer
}

/** A stream that the client opened, as a socket: `end` closes our half, `destroy` resets it. */
export class SpdyStream extends Duplex {
  constructor(
    private readonly connection: SpdyConnection,
    readonly id: number,
    readonly headers: SpdyHeaders,
  ) {
    super({ allowHalfOpen: true })
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    for (let at = 0; at < chunk.length; at += LONGEST_DATA) {
      this.connection.sendData(this.id, chunk.subarray(at, at + LONGEST_DATA), 0)
    }
    done()
  }

  override _final(done: () => void): void {
    this.connection.sendData(this.id, Buffer.alloc(0), FLAG_FIN)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.connection.forget(this.id, !this.writableFinished)
    done(error)
  }
}

/** Reads frames from a socket and hands over each stream, with its headers, as the client opens it. */
export class SpdyConnection {
  private readonly streams = new Map<number, SpdyStream>()
  private readonly inflate = createInflate({ dictionary: SPDY_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH })
  private readonly deflate = createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH })
  private buffer = Buffer.alloc(0)
  private work: Promise<void> = Promise.resolve()

  constructor(
    private readonly socket: Duplex,
    private readonly onStream: (stream: SpdyStream) => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk))
    socket.on('close', () => this.closed())
    socket.on('error', () => socket.destroy())
  }

  sendData(id: number, data: Buffer, flags: number): void {
    const header = Buffer.alloc(8)
    header.writeUInt32BE(id, 0)
    header.writeUInt32BE((flags << 24) | data.length, 4)
    this.write(Buffer.concat([header, data]))
  }

  forget(id: number, reset: boolean): void {
    if (!this.streams.delete(id) || !reset) return
    const payload = Buffer.alloc(8)
    payload.writeUInt32BE(id, 0)
    // CANCEL
    payload.writeUInt32BE(5, 4)
    this.sendControl(RST_STREAM, payload)
  }

  close(): void {
    this.socket.end()
  }

  private write(bytes: Buffer): void {
    if (this.socket.writable) this.socket.write(bytes)
  }

  private sendControl(type: number, payload: Buffer): void {
    const header = Buffer.alloc(8)
    header.writeUInt16BE(0x8000 | VERSION, 0)
    header.writeUInt16BE(type, 2)
    header.writeUInt32BE(payload.length, 4)
    this.write(Buffer.concat([header, payload]))
  }

  private receive(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk])
    while (this.buffer.length >= 8) {
      const length = this.buffer.readUInt32BE(4) & 0xffffff
      if (length > LONGEST_FRAME) return void this.socket.destroy()
      if (this.buffer.length < 8 + length) return
      const frame: Frame = {
        control: (this.buffer.readUInt8(0) & 0x80) !== 0,
        type: this.buffer.readUInt16BE(2),
        id: this.buffer.readUInt32BE(0) & 0x7fffffff,
        flags: this.buffer.readUInt8(4),
        payload: Buffer.from(this.buffer.subarray(8, 8 + length)),
      }
      this.buffer = this.buffer.subarray(8 + length)
      // Headers share one compression context, and data must not overtake the headers before it.
      this.work = this.work.then(() => this.handle(frame)).catch(() => void this.socket.destroy())
    }
  }

  private async handle({ control, type, id, flags, payload }: Frame): Promise<void> {
    if (!control) {
      const stream = this.streams.get(id)
      if (payload.length > 0) stream?.push(payload)
      if (flags & FLAG_FIN) stream?.push(null)
    } else if (type === SYN_STREAM) await this.open(payload, flags)
    else if (type === RST_STREAM) this.streams.get(payload.readUInt32BE(0) & 0x7fffffff)?.destroy()
    else if (type === PING) this.sendControl(PING, payload)
    else if (type === GOAWAY) this.socket.end()
  }

  private async open(payload: Buffer, flags: number): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fffffff
    const headers = readHeaders(await transform(this.inflate, payload.subarray(10)))
    const stream = new SpdyStream(this, id, headers)
    this.streams.set(id, stream)
    const reply = Buffer.alloc(4)
    reply.writeUInt32BE(id, 0)
    this.sendControl(SYN_REPLY, Buffer.concat([reply, await transform(this.deflate, Buffer.alloc(4))]))
    if (flags & FLAG_FIN) stream.push(null)
    this.onStream(stream)
  }

  private closed(): void {
    for (const stream of [...this.streams.values()]) stream.destroy()
    this.inflate.close()
    this.deflate.close()
  }
}

/** What a zlib stream makes of one block, its context kept for the next. */
function transform(stream: Duplex, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const collect = (chunk: Buffer) => chunks.push(chunk)
    stream.on('data', collect)
    stream.once('error', reject)
    stream.write(block, (error) => {
      stream.off('data', collect)
      stream.off('error', reject)
      if (error) reject(error)
      else resolve(Buffer.concat(chunks))
    })
  })
}

/** A block of names and values, each with its length in front. */
function readHeaders(block: Buffer): SpdyHeaders {
  let at = 0
  const word = () => {
    const length = block.readUInt32BE(at)
    at += 4 + length
    return block.toString('utf8', at - length, at)
  }
  const count = block.readUInt32BE(0)
  at = 4
  return Object.fromEntries(Array.from({ length: count }, () => [word().toLowerCase(), word()]))
}

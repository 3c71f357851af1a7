import { Duplex } from 'node:stream'

/**
 * A forwarded stream with the manners of a socket: it closes when its connection is lost, even when nothing reads from it,
 * and can be destroyed. ssh2's own channel does neither, so a kept HTTP connection would wait for ever on a dead one.
 */
export function tunnelSocket(channel: Duplex): Duplex {
  const socket: Duplex = new Duplex({
    read: () => void channel.resume(),
    write(chunk, _encoding, done) {
      if (channel.write(chunk)) return done()
      channel.once('drain', done)
    },
    final(done) {
      channel.end()
      done()
    },
    destroy(error, done) {
      channel.destroy()
      done(error)
    },
  })
  channel.on('data', (bytes: Buffer) => {
    if (!socket.push(bytes)) channel.pause()
  })
  channel.on('end', () => socket.push(null))
  channel.on('close', () => {
    // An answer and the end of its connection may come in one packet: what was received is still to be read.
    if (socket.readableLength === 0) setImmediate(() => socket.destroy())
    else socket.once('end', () => socket.destroy())
  })
  channel.on('error', (error) => socket.destroy(error))
  // What http.Agent calls on a socket, and a forwarded stream has no need of.
  const nothing = (): Duplex => socket
  return Object.assign(socket, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => socket.destroy(),
  })
}

import { connect as dialTo, createServer, type AddressInfo, type Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Unreachable } from '../../model/session.ts'
import { isAlive } from '../../../test/harness/processes.ts'
import { bench, collect, connect, hop, refusal, run, server, stop } from './ssh-bench.fixture.ts'
import { makeKey } from './sshd.fixture.ts'
import { openSshTransport } from './ssh2-transport.ts'

describe('a command over SSH', () => {
  it('speaks with the runner and tells how it ended', async () => {
    const transport = await connect(hop(await server()))
    expect(await run(transport, 'cat; echo oops >&2; exit 255', 'hello')).toEqual({
      code: 255,
      signal: null,
      stdout: 'hello',
      stderr: 'oops\n',
    })
    expect(await run(transport, 'kill -9 $$')).toMatchObject({ code: null, signal: 'KILL' })
  })

  it('misses nothing of one that ends at once', async () => {
    const transport = await connect(hop(await server()))
    for (let i = 0; i < 20; i++)
      expect(await run(transport, 'end at once')).toMatchObject({ code: 3, stdout: 'done' })
  })

  it('carries what is larger than a window both ways', async () => {
    const transport = await connect(hop(await server()))
    const running = await transport.start('cat')
    const heard = collect(running)
    const block = Buffer.alloc(1 << 20, 'x')
    for (let index = 0; index < 8; index++) await running.write(block)
    running.end()
    expect(await running.ended).toEqual({ code: 0, signal: null })
    expect(heard.stdout().length).toBe(8 << 20)
    expect(running.counted()).toEqual({ sent: 8 << 20, received: 8 << 20 })
  })

  it('ends when a child still holds its output', async () => {
    const transport = await connect(hop(await server()))
    const { code, stdout } = await run(transport, 'sleep 6000 & echo $!')
    expect(code).toBe(0)
    // It is still there: the transport did not wait for it.
    process.kill(Number(stdout), 'SIGKILL')
  })

  it('is killed with its group', async () => {
    const transport = await connect(hop(await server()))
    const running = await transport.start('sleep 6000 & echo $!; wait')
    const child = await new Promise<number>((resolve) =>
      running.listen({ stdout: (bytes) => resolve(Number(bytes)), stderr: () => {} }),
    )
    running.kill()
    expect(await running.ended).toMatchObject({ code: null, signal: 'KILL' })
    await expect.poll(() => isAlive(child)).toBe(false)
  })

  it('says lost, not 0, when the connection is cut', async () => {
    const started = await server()
    const transport = await connect(hop(started))
    const running = await transport.start('sleep 20')
    running.listen({ stdout: () => {}, stderr: () => {} })
    for (const each of started.connections) each.end()
    const error = await running.ended.then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(Unreachable)
    expect((error as Unreachable).midway).toBe(true)
    expect(transport.lost).toBe(true)
    expect(await transport.start('true').catch((reason: Unreachable) => reason.midway)).toBe(false)
  })

  it('queues beyond the sessions that the server takes', async () => {
    const narrow = await server({ maxSessions: 2 })
    const transport = await connect(hop(narrow))
    const results = await Promise.all(
      Array.from({ length: 7 }, (_, index) => run(transport, `sleep 0.1; echo ${index}`)),
    )
    expect(results.map((each) => each.stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5', '6'])
    expect(narrow.mostSessions).toBe(2)
    const wide = await server({ maxSessions: 100 })
    const other = await connect(hop(wide))
    await Promise.all(Array.from({ length: 25 }, () => run(other, 'sleep 0.1')))
    expect(wide.mostSessions).toBe(10)
  })

  it('is stopped by its signal before it runs, and then by a kill alone', async () => {
    const transport = await connect(hop(await server()))
    const interrupt = new AbortController()
    const running = await transport.start('sleep 0.2; exit 7', interrupt.signal)
    const other = await transport.start('sleep 20', interrupt.signal)
    interrupt.abort()
    expect(await running.ended).toEqual({ code: 7, signal: null })
    other.kill()
    expect(await other.ended).toMatchObject({ signal: 'KILL' })
    await expect(transport.start('true', interrupt.signal)).rejects.toBeInstanceOf(Unreachable)
  })

  it('is stopped while it waits for its turn, and gives the turn back', async () => {
    const narrow = await server({ maxSessions: 1 })
    const transport = await connect(hop(narrow))
    const interrupt = new AbortController()
    const first = await transport.start('sleep 0.3')
    await run(transport, 'true').catch(() => expect.fail('the queue is broken'))
    const second = await transport.start('sleep 20')
    const waiting = transport.start('true', interrupt.signal).catch((error: unknown) => error)
    interrupt.abort()
    expect(await waiting).toBeInstanceOf(Unreachable)
    second.kill()
    expect(await run(transport, 'echo next')).toMatchObject({ stdout: 'next\n' })
    await first.ended
  })

  it('is refused in words when the server runs no commands', async () => {
    const transport = await connect(hop(await server({ refuseExec: true })))
    await expect(transport.start('true')).rejects.toThrow(/runs no commands/)
  })
})

describe('the way to a host', () => {
  it('leads through jumps, each with its own key and user, shared and closed at the end', async () => {
    const gateKey = makeKey('ecdsa')
    const [gate, inner, node] = [
      await server({ authorized: [gateKey.public] }),
      await server(),
      await server(),
    ]
    const way = [
      hop(gate, {
        name: 'gate',
        user: 'jumper',
        keyFiles: [bench.files.file('gate-key', gateKey.private)],
      }),
      hop(inner, { name: 'inner' }),
      hop(node),
    ]
    const transport = await openSshTransport('node', way, bench.world)
    expect(await run(transport, 'echo behind')).toMatchObject({ stdout: 'behind\n' })
    const ends = Promise.all(
      [gate, inner].map(
        (each) => new Promise((resolve) => each.connections[0]!.on('close', resolve as () => void)),
      ),
    )
    await transport.close()
    await ends
    const stranger = await refusal(hop({ port: gate.port }, { name: 'gate' }), hop(node))
    expect(stranger.diagnostics?.[0]).toMatchObject({
      code: 'connect/host-key-unknown',
      host: 'gate',
    })
    const closedGate = await server({ forwarding: false })
    expect((await refusal(hop(closedGate, { name: 'gate' }), hop(node))).message).toMatch(
      /^the jump gate could not reach 127\.0\.0\.1:\d+: it forbids/,
    )
  })

  it('is lost with the jump', async () => {
    const [gate, node] = [await server(), await server()]
    const transport = await connect(hop(gate, { name: 'gate' }), hop(node))
    const running = await transport.start('sleep 20')
    gate.connections[0]!.end()
    await expect(running.ended).rejects.toMatchObject({ midway: true })
    expect(transport.lost).toBe(true)
    await stop(gate)
    const error = await refusal(hop(gate, { name: 'gate' }), hop(node))
    expect(error).toMatchObject({
      host: 'node',
      message: expect.stringContaining('on the way to node') as string,
    })
  })

  it('does not wait for a jump that reaches nothing', async () => {
    const gate = await server({ forwarding: 'never' })
    const error = await refusal(
      hop(gate, { name: 'gate' }),
      hop({ port: 9 }, { connectTimeout: 0.3 }),
    )
    expect(error.message).toMatch(/the jump before it could not reach it within 0\.3 seconds/)
  })

  it('tries again while the server hangs up before its banner', async () => {
    const target = await server()
    let drops = 0
    const front: Server = createServer((socket) => {
      socket.on('error', () => {})
      if (drops++ < 2) return void socket.destroy()
      const back = dialTo(target.port, '127.0.0.1')
      back.on('error', () => {})
      socket.pipe(back).pipe(socket)
    })
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const { port } = front.address() as AddressInfo
    const transport = await connect(hop({ port, hostKeyLine: target.hostKeyLine }))
    expect(await run(transport, 'echo in')).toMatchObject({ stdout: 'in\n' })
    expect(drops).toBe(3)
    front.close()
  })

  it('says what is wrong with a port', async () => {
    const web: Server = createServer(
      (socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    const silent: Server = createServer(() => {})
    for (const each of [web, silent])
      await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))
    expect((await refusal(hop(web.address() as AddressInfo))).message).toMatch(
      /not an SSH server: it said "HTTP\/1\.1 400 Bad Request"/,
    )
    expect(
      (await refusal(hop(silent.address() as AddressInfo, { connectTimeout: 0.3 }))).message,
    ).toMatch(/no login within 0\.3 seconds/)
    const { port } = web.address() as AddressInfo
    web.close()
    silent.close()
    expect((await refusal(hop({ port }))).message).toMatch(/connection refused/)
  })
})

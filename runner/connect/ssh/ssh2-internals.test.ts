import ssh2 from 'ssh2'
import type { Client } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { quieten } from './ssh2-internals.ts'
import { makeKey, startServer } from './sshd.fixture.ts'

describe('a signed-in connection', () => {
  it('is quietened, and still runs commands and answers what keeps it alive', async () => {
    const key = makeKey()
    const server = await startServer({
      authorized: [key.public],
      server: { keepaliveInterval: 50, keepaliveCountMax: 2 } as never,
    })
    const client = new ssh2.Client()
    const lines: string[] = []
    try {
      await new Promise<void>((resolve, reject) => {
        client.on('ready', resolve).on('error', reject)
        client.connect({
          host: '127.0.0.1',
          port: server.port,
          username: 'root',
          privateKey: key.private,
          hostVerifier: () => true,
          debug: (line) => lines.push(line),
        })
      })
      // Where this is false, ssh2 has changed inside: see what it calls its parts now.
      expect(quieten(client)).toBe(true)
      lines.splice(0)
      // The server gives up on a client that leaves two questions of this kind without an answer.
      await new Promise((resolve) => setTimeout(resolve, 500))
      const said = await new Promise<string>((resolve, reject) => {
        client.exec('echo here', (error, channel) => {
          if (error) return reject(error)
          let text = ''
          channel
            .on('data', (bytes: Buffer) => (text += bytes.toString()))
            .on('close', () => resolve(text))
        })
      })
      expect(said).toBe('here\n')
      expect(lines).toEqual([])
    } finally {
      client.destroy()
      await server.close()
    }
  })

  it('is left alone where ssh2 is made otherwise', () => {
    expect(quieten({} as Client)).toBe(false)
    expect(quieten({ _protocol: { _handlers: {} } } as unknown as Client)).toBe(false)
  })
})

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from '../cli/io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-log-to-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const playbook = join(folder, 'p.yaml')
writeFileSync(
  playbook,
  `playbook: Logged
inputs: { password: { type: string, secret: true, description: p } }
plays:
  - play: it is so
    hosts: localhost
    tasks:
      - ensure: the note is there
        copy: { dest: ${folder}/note, content: "{{ password }}", mode: '0600' }
      - require: it holds
        that: password == "no"
`,
)
const secret = 'sesame-55e1'
writeFileSync(join(folder, 'inputs.yaml'), `password: ${secret}\n`, { mode: 0o600 })

function run(argv: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  rmSync(join(folder, 'note'), { force: true })
  return typed(['run', playbook, '-y', '-e', `@${folder}/inputs.yaml`, ...argv], {
    cwd: folder,
    stateFolder: join(folder, 'state'),
    env: { PATH: process.env['PATH']!, ...env },
  })
}

async function collector(status: number): Promise<{ server: Server; url: string; got: string[] }> {
  const got: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      got.push(`${request.url} ${body}`)
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got }
}

describe('--log-to', () => {
  it('sends what changed and failed to a collector, and no secret', async () => {
    const { server, url, got } = await collector(200)
    const ended = await run(['--log-to', `otlp:${url}`])
    server.close()
    expect(ended.exit).toBe(1)
    const sent = got.join('\n')
    expect(sent).toMatch(/^\/v1\/logs /)
    expect(sent).toContain('localhost: changed: ensure: the note is there')
    expect(sent).toContain('localhost: failed: require: it holds')
    expect(sent).toContain('trueup.host')
    expect(sent).not.toContain(secret)
  })

  it('says that a collector did not take the records, and the run ends as it did', async () => {
    const { server, url } = await collector(400)
    const ended = await run(['--log-to', `otlp:${url}`])
    server.close()
    expect(ended.exit).toBe(1)
    expect(ended.out + ended.err).toContain('[run/log-to]')
  })

  it('writes to the log of the system by logger, a line for each record', async () => {
    const program = join(folder, 'logger')
    writeFileSync(program, `#!/bin/sh\necho "$*" > ${folder}/args\ncat > ${folder}/lines\n`)
    chmodSync(program, 0o755)
    const ended = await run(['--log-to', 'syslog'], { PATH: `${folder}:${process.env['PATH']}` })
    expect(ended.exit).toBe(1)
    expect(readFileSync(join(folder, 'args'), 'utf8')).toContain('--tag trueup --prio-prefix')
    const lines = readFileSync(join(folder, 'lines'), 'utf8')
    expect(lines).toMatch(/^<14>run begins: Logged/)
    expect(lines).toMatch(/^<11>localhost: failed: require: it holds/m)
    expect(lines).not.toContain(secret)
  })

  it('says that logger is not there, and refuses what is no log before anything begins', async () => {
    const without = await run(['--log-to', 'syslog'], { PATH: join(folder, 'empty') })
    expect(without.out + without.err).toContain('logger cannot be started')
    for (const wrong of ['journal', 'otlp:', 'otlp:ftp://a', 'http://a']) {
      const refused = await run(['--log-to', wrong])
      expect(refused).toMatchObject({ exit: 3 })
      expect(refused.err).toContain('[cli/log-to]')
    }
  })
})

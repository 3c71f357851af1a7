import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

let at: string
beforeEach(() => {
  at = mkdtempSync(join(tmpdir(), 'trueup-ways-'))
  write(
    'hosts.yaml',
    'hosts: { h1: { address: 127.0.0.1, port: 9 }, h2: { address: 127.0.0.1, port: 9 } }\n',
  )
  write(
    'playbook.yaml',
    `playbook: b
plays:
  - play: here
    hosts: localhost
    tasks:
      - ensure: a mark
        copy: { dest: "${at}/mark", content: made }
  - play: there
    hosts: h1,h2
    tasks:
      - read: r
        command: { argv: ["true"] }
`,
  )
})
afterEach(() => rmSync(at, { recursive: true, force: true }))

function write(name: string, text: string): string {
  writeFileSync(join(at, name), text, { mode: 0o600 })
  return join(at, name)
}
const type = (...argv: string[]): ReturnType<typeof typed> =>
  typed(argv, { cwd: at, stateFolder: join(at, 'state') })

describe('a mistake of the ssh_config', () => {
  it.each([
    ['in a block that no host matches', 'Host nobody\n  Colour blue\n', 'connect/ssh-config', 2],
    [
      'of one host of several',
      'Match originalhost 127.0.0.1 exec true\n',
      'connect/ssh-config-unsupported',
      1,
    ],
    ['in the words of a value', 'HostName %n.x\n', 'connect/ssh-config', 1],
  ])('is found before anything is touched: %s', async (_what, text, code, line) => {
    write('config', text)
    for (const words of [
      ['run', join(at, 'playbook.yaml'), '-i', join(at, 'hosts.yaml'), '-F', join(at, 'config')],
      [
        'plan',
        join(at, 'playbook.yaml'),
        '-i',
        join(at, 'hosts.yaml'),
        '--ssh-config',
        join(at, 'config'),
      ],
    ]) {
      const told = await type(...words)
      expect([told.exit, told.err], told.err).toEqual([3, expect.stringContaining(code)])
      expect(told.err).toContain(`config:${line}`)
    }
    const told = await typed(
      [
        'validate',
        join(at, 'playbook.yaml'),
        '-i',
        join(at, 'hosts.yaml'),
        '-F',
        join(at, 'config'),
      ],
      { cwd: at, stateFolder: join(at, 'state') },
    )
    expect([told.exit, told.err]).toEqual([3, expect.stringContaining(code)])
    expect(existsSync(join(at, 'mark'))).toBe(false)
  })

  it('of a host that --limit leaves out is not told', async () => {
    write(
      'hosts.yaml',
      'hosts: { h1: { address: 127.0.0.1, port: 9 }, h2: { address: 127.0.0.2, port: 9 } }\n',
    )
    write('config', 'Host 127.0.0.2\n  ProxyCommand nc %h %p\n')
    const some = [join(at, 'playbook.yaml'), '-i', join(at, 'hosts.yaml'), '-F', join(at, 'config')]
    expect((await type('plan', ...some)).exit).toBe(3)
    expect((await type('plan', ...some, '--limit', 'h1')).exit).toBe(1)
  })

  it('does not count where `docs --host` names another file', async () => {
    write('config', 'Host *\n  ProxyCommand nc %h %p\n')
    const docs = ['docs', join(at, 'playbook.yaml'), '-i', join(at, 'hosts.yaml'), '--host', 'h1']
    const refused = await type(...docs, '-F', join(at, 'config'))
    expect(refused.exit).not.toBe(0)
    expect(refused.err + refused.out).toContain('ProxyCommand')
    const other = await type(...docs, '-F', 'none')
    expect(other.err + other.out).not.toContain('ProxyCommand')
    expect(other.err + other.out).toContain('connection refused')
  })

  it('gives a name with plus signs its address, as for ssh', async () => {
    write('hosts.yaml', 'hosts: { gate+a+node1: , gate+a+node2: }\n')
    write('config', 'Host *+*+*\n  HostName 127.0.0.1\n  Port 9\n')
    const book = readFileSync(join(at, 'playbook.yaml'), 'utf8').replace(
      'h1,h2',
      'gate+a+node[1-2]',
    )
    write('playbook.yaml', book)
    const words = ['plan', join(at, 'playbook.yaml'), '-i', join(at, 'hosts.yaml')]
    const { exit, out } = await type(...words, '-F', join(at, 'config'), '--limit', '*+node1')
    expect(exit).toBe(1)
    expect(out).toMatch(/gate\+a\+node1/)
    expect(out).not.toMatch(/node2/)
    expect(out).toContain('127.0.0.1:9')
  })

  it('of one file is told once for all hosts, and the way out by another file works', async () => {
    write('config', 'Host *\n  ProxyCommand nc %h %p\n')
    const told = await type(
      'plan',
      join(at, 'playbook.yaml'),
      '-i',
      join(at, 'hosts.yaml'),
      '-F',
      'config',
    )
    expect(told.err.split('ProxyCommand would change').length).toBe(2)
    expect(told.err).toContain('transport: openssh')
    const other = await type(
      'plan',
      join(at, 'playbook.yaml'),
      '-i',
      join(at, 'hosts.yaml'),
      '-F',
      'none',
    )
    expect(other.exit).toBe(1)
    expect(other.err + other.out).toContain('connection refused')
  })
})

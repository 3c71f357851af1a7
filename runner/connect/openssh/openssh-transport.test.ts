import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../contract/probe.ts'
import { Secret } from '../../contract/secret.ts'
import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import type { ConnectionSettings, Host, Inventory } from '../../model/host.ts'
import { Unreachable, type Session } from '../../model/session.ts'
import { sessionContract } from '../../../test/contract/session-contract.ts'
import { createConnections } from '../connections.ts'
import { makeKey } from '../ssh/sshd.fixture.ts'
import { controlFolder } from './master.ts'
import { noSshd, skipsWithout, startRealSshd, type RealSshd } from './real-sshd.fixture.ts'

const without = skipsWithout('the transport by the system’s OpenSSH')
let sshd: RealSshd
let warnings: Diagnostic[] = []
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  if (noSshd === null) sshd = await startRealSshd()
})
afterAll(async () => sshd?.stop())
beforeEach(() => void (warnings = []))
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** An ssh_config of these lines, which lead to the sshd. */
function config(...lines: string[]): string {
  return sshd.file(
    `config-${Math.random().toString(36).slice(2)}`,
    [
      'Host *',
      `  Port ${sshd.port}`,
      `  IdentityFile ${sshd.key}`,
      `  UserKnownHostsFile ${sshd.knownHosts}`,
      '  GlobalKnownHostsFile none',
      '  HostKeyAlias [127.0.0.1]:PORT'.replace('PORT', String(sshd.port)),
      '',
    ]
      .filter(
        (line) =>
          !line.includes('HostKeyAlias') || lines.every((each) => !each.includes('no-alias')),
      )
      .join('\n') + `${lines.filter((each) => each !== 'no-alias').join('\n')}\n`,
  )
}

function made(host: Host): ReturnType<typeof createConnections> {
  const inventory: Inventory = {
    hosts: new Map([[host.name, host]]),
    groups: new Map(),
    services: new Map(),
    select: () => [host],
  }
  const connections = createConnections({
    inventory,
    env: process.env,
    warn: (diagnostic) => void warnings.push(diagnostic),
  })
  closing.push(() => connections.closeAll())
  return connections
}

function node(sshConfig: string, more: Partial<ConnectionSettings> = {}, name = '127.0.0.1'): Host {
  return {
    name,
    groups: [],
    vars: {},
    connection: { kind: 'ssh', transport: 'openssh', sshConfig, ...more },
  }
}

async function open(host: Host): Promise<Session> {
  return made(host).session({ host }, null)
}

async function says(host: Host, ...argv: [string, ...string[]]): Promise<unknown> {
  const session = await open(host)
  return (await session.exchange({ probes: [ask(argv, 'any')] })).readings[0]
}

async function refusal(host: Host): Promise<Error> {
  return open(host).then(
    () => expect.fail('it connected'),
    (error: Error) => error,
  )
}
const first = (error: Error): Diagnostic => {
  expect(error).toBeInstanceOf(DiagnosticError)
  return (error as DiagnosticError).diagnostics[0]!
}

describe.skipIf(without)('the system’s ssh', () => {
  it('does what ssh_config says, whatever it says', async () => {
    const nc = `ProxyCommand ${process.execPath} -e 'const s = require("net").connect(%p, "127.0.0.1"); process.stdin.pipe(s).pipe(process.stdout)'`
    for (const lines of [
      [nc],
      [`Match exec "test %n = 127.0.0.1"`, '  SetEnv SITE_NAME=here', 'Match all'],
      ['RemoteCommand top', 'RequestTTY force', 'SessionType none'],
      [
        `KnownHostsCommand /bin/echo ${`[127.0.0.1]:${sshd.port}`} ${sshd.hostKey}`,
        'UserKnownHostsFile none',
      ],
      ['CanonicalizeHostname always', 'CanonicalDomains invalid'],
      ['LocalForward 1 127.0.0.1:2', 'ExitOnForwardFailure yes'],
      ['ControlMaster auto', 'ControlPersist 10m', `ControlPath ${sshd.folder}/users-own`],
    ])
      expect(await says(node(config(...lines)), 'echo', 'hello'), lines.join()).toMatchObject({
        stdout: 'hello\n',
      })
    expect(existsSync(`${sshd.folder}/users-own`)).toBe(false)
  })

  it('sends the variables of ssh_config along', async () => {
    const host = node(config('SetEnv SITE_NAME=here'))
    expect(await says(host, 'sh', '-c', 'echo "$SITE_NAME"')).toMatchObject({ stdout: 'here\n' })
  })

  it('logs in with a certificate, and checks that of a host', async () => {
    sshd.keygen('-t', 'ed25519', '-N', '', '-f', 'ca')
    sshd.keygen('-t', 'ed25519', '-N', '', '-f', 'other')
    sshd.keygen('-s', 'ca', '-I', 'me', '-n', sshd.user, 'other.pub')
    sshd.keygen('-s', 'ca', '-I', 'host', '-h', '-n', '127.0.0.1', 'host.pub')
    const authority = await startRealSshd(
      `TrustedUserCAKeys ${sshd.folder}/ca.pub`,
      `HostCertificate ${sshd.folder}/host-cert.pub`,
      `HostKey ${sshd.folder}/host`,
    )
    closing.push(() => authority.stop())
    const known = sshd.file(
      'known-ca',
      `@cert-authority * ${readFileSync(`${sshd.folder}/ca.pub`, 'utf8')}`,
    )
    const file = sshd.file(
      'config-ca',
      `Host *\n Port ${authority.port}\n IdentityFile ${sshd.folder}/other\n IdentitiesOnly yes\n UserKnownHostsFile ${known}\n GlobalKnownHostsFile none\n`,
    )
    expect(await says(node(file), 'echo', 'hello')).toMatchObject({ stdout: 'hello\n' })
    const strange = sshd.file('known-strange', `@cert-authority * ${makeKey().public}\n`)
    const other = node(file, { knownHostsFile: strange })
    expect(first(await refusal(other)).code).toBe('connect/host-key-unknown')
  })

  it.each([
    ['unknown', '', 'connect/host-key-unknown'],
    ['changed', 'KEY', 'connect/host-key-changed'],
    ['revoked', '@revoked * OWN', 'connect/host-key-revoked'],
  ])(
    'refuses a host key that is %s, also where ssh_config checks nothing',
    async (what, line, code) => {
      const known = sshd.file(
        `known-${what}`,
        line === 'KEY'
          ? `[127.0.0.1]:${sshd.port} ${makeKey().public}\n`
          : line.replace('OWN', sshd.hostKey) + '\n',
      )
      const strict = config('no-alias')
      expect(first(await refusal(node(strict, { knownHostsFile: known }))).code).toBe(code)
      const off = config('no-alias', 'StrictHostKeyChecking no')
      const loose = open(node(off, { knownHostsFile: known })).then(
        () => 'in',
        (error: Error) => first(error).code,
      )
      expect(await loose).toBe(what === 'unknown' ? 'in' : code)
      expect(warnings.map((each) => each.code)).toEqual(['connect/host-key-unchecked'])
    },
  )

  it('refuses a password, which it would have no safe way to give', async () => {
    const error = await refusal(node(config(), { password: new Secret('password', 'hush') }))
    expect(first(error)).toMatchObject({ code: 'connect/openssh-password' })
  })

  it('tells a refused login, and a line of ssh_config that is wrong at its place', async () => {
    const refused = await refusal(node(config('IdentitiesOnly yes', 'PubkeyAuthentication no')))
    expect(refused).toBeInstanceOf(Unreachable)
    expect(refused.message).toMatch(/Permission denied/)
    const wrong = first(await refusal(node(config('Colour blue'))))
    expect(wrong).toMatchObject({ code: 'connect/ssh-config', at: { line: 7 } })
    const closed = await refusal(node(config(), { port: 9 }))
    expect(closed.message).toMatch(/Connection refused/)
  })

  it('gives up a proxy that leads nowhere, and leaves none of its processes', async () => {
    const mark = '31.415926'
    const host = node(config(`ProxyCommand sleep ${mark}`), { connectTimeout: 1 })
    expect((await refusal(host)).message).toMatch(/no login within 1 seconds/)
    const left = spawnSync('sh', ['-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "'])
    expect(left.stdout.toString()).not.toContain(`sleep ${mark}`)
  })

  it('opens a connection once for all, lost when its master is, and ends with it', async () => {
    const host = node(config())
    const connections = made(host)
    const session = await connections.session({ host }, null)
    const pid = await session.exchange({ probes: [ask(['sh', '-c', 'echo $SSH_CONNECTION'])] })
    const again = await session.exchange({ probes: [ask(['sh', '-c', 'echo $SSH_CONNECTION'])] })
    expect(again.readings).toEqual(pid.readings)
    const running = session
      .exchange({ probes: [ask(['sleep', '60'])] })
      .catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 500))
    const cut = session.exchange({
      probes: [
        ask([
          'sh',
          '-c',
          'p=$PPID; while [ "$(tr "\\0" " " </proc/$p/cmdline | grep -c "sshd:")" = 0 ]; do p=$(cut -d" " -f4 /proc/$p/stat); done; kill -KILL $p; sleep 9',
        ]),
      ],
    })
    await expect(cut).rejects.toBeInstanceOf(Unreachable)
    expect(await running).toBeInstanceOf(Unreachable)
    const next = await connections.session({ host }, null)
    expect((await next.exchange({ probes: [ask(['true'])] })).readings).toMatchObject([{ exit: 0 }])
  })

  it('is quiet about more sessions than the server takes', async () => {
    const narrow = await startRealSshd('MaxSessions 2')
    closing.push(() => narrow.stop())
    const file = narrow.file(
      'config',
      `Host *\n Port ${narrow.port}\n IdentityFile ${narrow.key}\n UserKnownHostsFile ${narrow.knownHosts}\n`,
    )
    const session = await open(node(file))
    const answers = await Promise.all(
      Array.from({ length: 7 }, (_, i) =>
        session.exchange({ probes: [ask(['sh', '-c', `sleep 0.3; echo ${i}`])] }),
      ),
    )
    expect(answers.map(({ readings }) => (readings[0] as { stdout: string }).stdout)).toEqual(
      Array.from({ length: 7 }, (_, i) => `${i}\n`),
    )
  })

  it('keeps its sockets in a folder that nobody else enters', () => {
    const folder = controlFolder()
    const path = folder.path('s')
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700)
    folder.remove()
    expect(existsSync(join(path, '..'))).toBe(false)
  })
})

if (!without)
  sessionContract('the system’s ssh', { processes: true, unprivileged: false }, async () => {
    const server = await startRealSshd()
    const folder = mkdtempSync(join(tmpdir(), 'trueup-openssh-'))
    const file = server.file(
      'config',
      `Host *\n Port ${server.port}\n IdentityFile ${server.key}\n UserKnownHostsFile ${server.knownHosts}\n GlobalKnownHostsFile none\n`,
    )
    const host = node(file)
    const inventory: Inventory = {
      hosts: new Map([[host.name, host]]),
      groups: new Map(),
      services: new Map(),
      select: () => [host],
    }
    const connections = createConnections({ inventory, env: process.env, warn: () => undefined })
    const session = await connections.session({ host }, null)
    return {
      session,
      local: mkdtempSync(join(folder, 'local-')),
      scratch: mkdtempSync(join(folder, 'scratch-')),
      async close() {
        await connections.closeAll()
        await server.stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  })

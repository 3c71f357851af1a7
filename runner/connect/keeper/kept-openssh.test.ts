import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../contract/probe.ts'
import type { ConnectionSettings, Host } from '../../model/host.ts'
import { createConnections } from '../connections.ts'
import { noSshd, skipsWithout, startRealSshd, type RealSshd } from '../openssh/real-sshd.fixture.ts'
import { greetPresent } from './find-keeper.ts'
import { serveKeeper } from './keeper-server.ts'

const without = skipsWithout('kept connections of the system’s OpenSSH')
let sshd: RealSshd
let folder: string
let end: () => Promise<void>

beforeAll(async () => {
  if (noSshd === null) sshd = await startRealSshd()
})
afterAll(async () => sshd?.stop())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-'))
  let served: Promise<void> = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    served = serveKeeper({ folder: join(folder, 'k'), build: 'b', listening: () => resolve() })
    served.catch(reject)
  })
  end = async () => {
    await (await keeper())?.dismiss()
    await served
  }
})
afterEach(async () => {
  await end()
  rmSync(folder, { recursive: true, force: true })
})

const keeper = (warn = (): void => undefined): ReturnType<typeof greetPresent> =>
  greetPresent(join(folder, 'k'), { build: 'b', keep: 60_000, warn })

/** An ssh_config whose way to the host leaves a mark for each login. */
function config(...lines: string[]): string {
  const way = `const s = require("net").connect(${sshd.port}, "127.0.0.1"); process.stdin.pipe(s).pipe(process.stdout)`
  return sshd.file(
    'config',
    [
      'Host *',
      `  Port ${sshd.port}`,
      `  IdentityFile ${sshd.key}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${sshd.knownHosts}`,
      '  GlobalKnownHostsFile none',
      `  HostKeyAlias [127.0.0.1]:${sshd.port}`,
      `  ProxyCommand sh -c 'echo login >>${folder}/logins; echo $$ >>${folder}/ways; exec ${process.execPath} -e "$0"' '${way}'`,
      ...lines,
      '',
    ].join('\n'),
  )
}
const logins = (): number =>
  existsSync(join(folder, 'logins'))
    ? readFileSync(join(folder, 'logins'), 'utf8').split('\n').length - 1
    : 0

function node(sshConfig: string, more: Partial<ConnectionSettings> = {}): Host {
  const connection = { kind: 'ssh', transport: 'openssh', sshConfig, ...more } as const
  return { name: '127.0.0.1', groups: [], vars: {}, connection }
}

async function run(host: Host): Promise<string> {
  const connections = createConnections({
    inventory: {
      hosts: new Map([[host.name, host]]),
      groups: new Map(),
      services: new Map(),
      select: () => [host],
    },
    env: process.env,
    warn: () => undefined,
    keeper: () => keeper(),
  })
  try {
    const session = await connections.session({ host }, null)
    const { readings } = await session.exchange({ probes: [ask(['echo', 'here'], 'any')] })
    return (readings[0] as { readonly stdout: string }).stdout
  } finally {
    await connections.closeAll()
  }
}

describe.skipIf(without)('a kept connection of the system’s ssh', () => {
  it('costs the next run no login, and is listed', async () => {
    const host = node(config())
    for (let i = 0; i < 3; i++) expect(await run(host)).toBe('here\n')
    expect(logins()).toBe(1)
    const found = await keeper()
    expect(await found!.list()).toMatchObject([{ name: '127.0.0.1', users: 0 }])
    found!.close()
  })

  it.each<[string, () => Host]>([
    ['another line of ssh_config', () => node(config('  ServerAliveInterval 7'))],
    [
      'another date of the key file',
      () => {
        utimesSync(sshd.key, new Date(1e12), new Date(1e12))
        return node(join(sshd.folder, 'config'))
      },
    ],
    ['another user', () => node(join(sshd.folder, 'config'), { user: sshd.user })],
  ])('makes way for a new login: %s', async (_what, change) => {
    const host = node(config())
    await run(host)
    await run(host)
    expect(logins()).toBe(1)
    expect(await run(change())).toBe('here\n')
    expect(logins()).toBe(2)
  })

  it('is refused when the known key of the host is gone', async () => {
    const host = node(config())
    await run(host)
    sshd.file('known_hosts', '')
    try {
      await expect(run(host)).rejects.toThrow(/not known|unknown|known_hosts|verification/i)
    } finally {
      sshd.file('known_hosts', `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`)
    }
    expect(await run(host)).toBe('here\n')
  })

  it('is replaced without a word when the host has booted', async () => {
    const host = node(config())
    await run(host)
    // The way to the host ends, as its network does when it boots.
    for (const pid of readFileSync(join(folder, 'ways'), 'utf8').trim().split('\n'))
      process.kill(Number(pid), 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect(await run(host)).toBe('here\n')
    expect(logins()).toBe(2)
  })

  it('is not made where host keys are hardly checked', async () => {
    const host = node(config('  StrictHostKeyChecking no'))
    await run(host)
    await run(host)
    expect(logins()).toBe(2)
  })
})

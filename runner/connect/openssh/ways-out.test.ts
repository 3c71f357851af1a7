import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../contract/probe.ts'
import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import type { ConnectionSettings, Host, Inventory } from '../../model/host.ts'
import { createConnections } from '../connections.ts'
import { noSshd, skipsWithout, startRealSshd, type RealSshd } from './real-sshd.fixture.ts'

// Each hint of a line of ssh_config that ssh2 does not have is followed to the letter: it names two or three ways out, and each of them leads to the host.

const without = skipsWithout('the ways out that hints name')
let sshd: RealSshd
const closing: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  if (noSshd === null) sshd = await startRealSshd()
})
afterAll(async () => sshd?.stop())
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const plain = (): string[] => [
  'Host h',
  '  HostName 127.0.0.1',
  `  Port ${sshd.port}`,
  `  IdentityFile ${sshd.key}`,
  `  UserKnownHostsFile ${sshd.knownHosts}`,
]
const proxy = `ProxyCommand ${process.execPath} -e 'const s = require("net").connect(%p, "127.0.0.1"); process.stdin.pipe(s).pipe(process.stdout)'`

/** What is in the way, and where `Host h` with a neutral value leads round it. */
const lines: Readonly<Record<string, () => string[]>> = {
  ProxyCommand: () => [...plain(), proxy],
  CertificateFile: () => [...plain(), `CertificateFile ${sshd.folder}/none-cert.pub`],
  PKCS11Provider: () => [...plain(), 'PKCS11Provider /usr/lib/none.so'],
  SecurityKeyProvider: () => [...plain(), 'SecurityKeyProvider /usr/lib/none.so'],
  CanonicalizeHostname: () => [...plain(), 'CanonicalizeHostname yes'],
  RemoteCommand: () => [...plain(), 'RemoteCommand top'],
  KnownHostsCommand: () => [...plain(), `KnownHostsCommand /bin/echo ${sshd.hostKey}`],
  RevokedHostKeys: () => [...plain(), `RevokedHostKeys ${sshd.folder}/authorized`],
  BindInterface: () => [...plain(), 'BindInterface lo'],
  SessionType: () => [...plain(), 'SessionType none'],
  'Match exec': () => [...plain(), 'Match exec "true"', '  Compression no'],
  PreferredAuthentications: () => [
    ...plain(),
    'PreferredAuthentications hostbased,gssapi-with-mic',
  ],
}

async function tryHost(
  file: string,
  more: Partial<ConnectionSettings> = {},
): Promise<Diagnostic | 'in'> {
  const host: Host = {
    name: 'h',
    groups: [],
    vars: {},
    connection: { kind: 'ssh', sshConfig: file, ...more },
  }
  const inventory: Inventory = {
    hosts: new Map([['h', host]]),
    groups: new Map(),
    services: new Map(),
    select: () => [host],
  }
  const connections = createConnections({ inventory, env: process.env, warn: () => undefined })
  closing.push(() => connections.closeAll())
  try {
    const session = await connections.session({ host }, null)
    await session.exchange({ probes: [ask(['true'])] })
    return 'in'
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0]!
    throw error
  }
}

describe.skipIf(without)('the hint of a line that ssh2 does not have', () => {
  it.each(Object.entries(lines))('leads to the host: %s', async (keyword, text) => {
    const file = sshd.file(`config-${keyword.replace(' ', '')}`, `${text().join('\n')}\n`)
    const refused = (await tryHost(file)) as Diagnostic
    expect(refused).toMatchObject({ code: 'connect/ssh-config-unsupported', at: { file } })
    const hint = refused.hint!
    // A host key that a file revokes, or a login method that the server lacks, ssh refuses as well.
    if (!['RevokedHostKeys', 'PreferredAuthentications'].includes(keyword)) {
      expect(hint).toContain('`transport: openssh`')
      expect(await tryHost(file, { transport: 'openssh' })).toBe('in')
    }
    const above = [...hint.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
    const added = above.slice(above.indexOf('Host h'))
    if (hint.includes('at the top of your ssh_config')) {
      expect(added.length).toBe(3)
      const changed = sshd.file('changed', `${added.join('\n')}\n${readFileSync(file, 'utf8')}`)
      expect(await tryHost(changed)).toBe('in')
    }
    if (hint.includes('-F FILE'))
      expect(await tryHost(sshd.file('other', `${plain().join('\n')}\n`))).toBe('in')
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSession } from '../../runner/connect/batch/script-session.ts'
import { bootKeys } from '../../runner/connect/ssh/boot-keys.ts'
import { createPace } from '../../runner/connect/ssh/login-pace.ts'
import { keyring } from '../../runner/connect/ssh/keyring.ts'
import { knownHostsReader } from '../../runner/connect/ssh/openssh-files/known-hosts-file.ts'
import { openSshTransport } from '../../runner/connect/ssh/ssh2-transport.ts'
import { ask } from '../../runner/contract/probe.ts'
import { DiagnosticError } from '../../runner/model/diagnostic.ts'
import { Secret } from '../../runner/contract/secret.ts'
import { labNodes, labPassword } from '../../lab/inhabitants.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { sessionContract } from './session-contract.ts'
import type { SshTransport } from '../../runner/connect/ssh/ssh2-transport.ts'

// The interpreter of the rehearsal lab is a shell of its own: the same script must run in it.
let folder = ''
let lab: Lab
const node = labNodes[1]!.name
const transports: SshTransport[] = []

async function raise(): Promise<void> {
  folder = mkdtempSync(`${tmpdir()}/session-lab-`)
  lab = await raiseLab({ folder: `${folder}/lab`, nodes: labNodes.slice(0, 2) })
}
async function lower(): Promise<void> {
  for (const transport of transports.splice(0)) await transport.close()
  await lab.close()
  rmSync(folder, { recursive: true })
}
async function signIn(user: string): Promise<SshTransport> {
  const world = {
    keys: keyring(),
    knownHosts: knownHostsReader(),
    bootKeys: bootKeys(),
    pace: createPace(50),
    warn: () => undefined,
  }
  const hop = {
    name: node,
    address: '127.0.0.1',
    port: lab.nodes.get(node)!.port,
    user,
    policy: 'off' as const,
    knownHostsFiles: [],
    globalKnownHostsFiles: [],
    hashKnownHosts: false,
    checkHostIp: false,
    requiredRsaSize: 1024,
    home: '/root',
    signatureAlgorithms: ['ssh-ed25519'],
    keyFiles: [`${folder}/lab/id_ed25519`],
    defaultKeyFiles: [],
    identitiesOnly: true,
    agent: null,
    methods: ['publickey' as const],
    connectTimeout: 10,
    keepalive: { seconds: 15, count: 3 },
  }
  const transport = await openSshTransport(node, [hop], world)
  transports.push(transport)
  return transport
}

sessionContract(
  'a node of the lab, through sudo with a password',
  { processes: false, unprivileged: false },
  async () => {
    await raise()
    const session = openSession(await signIn('admin'), {
      user: 'root',
      password: new Secret('become', labPassword),
    })
    await session.exchange({
      apply: { guards: [], actions: [{ do: 'exec', argv: ['mkdir', '-p', '/root/scratch'] }] },
      probes: [],
    })
    return { session, local: folder, scratch: '/root/scratch', close: lower }
  },
)

sessionContract(
  'a node of the lab with the tools of BSD, as a Mac has them',
  { processes: false, unprivileged: false },
  async () => {
    await raise()
    const become = { user: 'root', password: new Secret('become', labPassword) }
    const linux = openSession(await signIn('admin'), become)
    const folders = ['/root/scratch', '/System/Library/CoreServices']
    await linux.exchange({
      apply: {
        guards: [],
        actions: [
          { do: 'exec', argv: ['rm', '-f', '/usr/bin/getent'] },
          { do: 'exec', argv: ['mkdir', '-p', ...folders] },
        ],
      },
      probes: [],
    })
    const session = openSession(await signIn('admin'), become)
    const lacks = await session.exchange({
      probes: [
        ask(['sh', '-c', 'command -v flock getent; echo none'], 'any'),
        ask(['stat', '-c', '%f', '/'], 'any'),
      ],
    })
    expect(lacks.readings).toMatchObject([
      { stdout: 'none\n' },
      { stderr: expect.stringMatching(/illegal option -- c/) },
    ])
    return { session, local: folder, scratch: '/root/scratch', close: lower }
  },
)

describe('sudo on a node of the lab', () => {
  beforeAll(raise)
  afterAll(lower)
  const whoami = { probes: [ask(['whoami'])] }

  it.each([
    ['deploy', undefined],
    ['deploy', labPassword],
    ['admin', labPassword],
  ])('lets %s in', async (user, password) => {
    const session = openSession(await signIn(user), {
      user: 'root',
      ...(password === undefined ? {} : { password: new Secret('become', password) }),
    })
    for (let i = 0; i < 2; i += 1)
      expect((await session.exchange(whoami)).readings).toMatchObject([{ stdout: 'root\n' }])
  })

  it.each([
    ['admin', undefined, 'become/password-needed'],
    ['admin', 'wrong', 'become/password-wrong'],
    ['guest', labPassword, 'become/not-allowed'],
  ])('refuses %s, and says why', async (user, password, code) => {
    const session = openSession(await signIn(user), {
      user: 'root',
      ...(password === undefined ? {} : { password: new Secret('become', password) }),
    })
    const error = await session.exchange(whoami).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(DiagnosticError)
    expect((error as DiagnosticError).diagnostics).toMatchObject([
      { code, hint: expect.any(String) },
    ])
  })
})

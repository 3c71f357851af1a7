import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { askGateway } from '../../lab/ask-gateway.ts'
import { issueToken, expireTokens } from '../../lab/csm/keycloak.ts'
import { releases, type Release } from '../../lab/csm/system-model.ts'
import { labFiles } from '../../lab/lab-files.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import type { Finding } from '../../runner/doctor/finding.ts'
import { expectedServices } from '../../runner/doctor/service-expectations.ts'
import { typed } from '../../runner/cli/io.fixture.ts'
import { serviceTranscripts } from '../conformance/transcripts.ts'

// `trueup doctor` over a lab in each release, and over what can be wrong with a site.

let folder: string
let lab: Lab
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'))
})
afterEach(() => lab?.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function raise(release: Release = '1.6'): Promise<void> {
  lab = await raiseLab({ folder: mkdtempSync(join(folder, 'lab-')), release })
}
/** Adds a file to the lab's inventory. */
function site(name: string, text: string): readonly string[] {
  const file = join(folder, name)
  writeFileSync(file, text, { mode: 0o600 })
  return ['-i', file]
}
function ask(...words: readonly string[]) {
  return typed(['doctor', ...lab.inventoryFiles.flatMap((file) => ['-i', file]), ...words], {
    stateFolder: join(folder, 'state'),
  })
}
/** What was found that is not as it should be, and the exit. */
async function wrong(...words: readonly string[]) {
  const { exit, out, err } = await ask('--json', ...words)
  expect(err).toBe('')
  const { findings, exit: said } = JSON.parse(out) as { findings: Finding[]; exit: number }
  expect(said).toBe(exit)
  return { exit, found: findings.filter(({ verdict }) => verdict !== 'ok') }
}
const one = ['-l', 'x3000c0s19b1n0']

describe('a lab as it is', () => {
  it.each(['1.6.0', '1.6', '1.7'] as const)('is as trueup was proved: CSM %s', async (release) => {
    await raise(release)
    const { exit, out, err } = await ask()
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    for (const name of ['ims', 'cfs', 'bos', 'hsm', 'sls', 'pcs', ...lab.nodes.keys()])
      expect(out).toMatch(new RegExp(`^  ok +${name} `, 'm'))
    expect(out).toMatch(/^\d+ checks: \d+ ok, 0 differ, 0 fail\.\n$/m)
  })

  it('differs where the release does: CSM 1.5', async () => {
    await raise('1.5')
    const { exit, found } = await wrong(...one)
    expect(exit).toBe(2)
    expect(found.map(({ name, check, verdict }) => [name, check, verdict])).toEqual([
      ['ims', 'version', 'differs'],
      ['ims', expect.stringContaining('GET /v3/remote-build-nodes/status/'), 'differs'],
      ['cfs', 'version', 'differs'],
      ['bos', 'version', 'differs'],
    ])
    expect(found[0]!.says).toBe('it is 3.15.0; trueup was proved against 3.20.0 and 3.33.0')
  })

  it('is asked and not changed, and IMS never for the status of all nodes', async () => {
    await raise()
    await ask()
    const asked = [...lab.gateway.counts.keys()]
    const changing = asked.filter((each) => !each.startsWith('GET '))
    expect(changing).toEqual(['POST /keycloak/realms/shasta/protocol/openid-connect/token'])
    expect(asked).not.toContain('GET /apis/ims/v3/remote-build-nodes/status')
    expect(asked).toContain('GET /apis/ims/v3/images')
    expect((await askGateway(lab, '/apis/ims/v3/remote-build-nodes')).json).toEqual([])
  })
})

describe('trouble of services', () => {
  it('names an authority that did not sign the certificate', async () => {
    await raise()
    const other = await raiseLab({ folder: mkdtempSync(join(folder, 'other-')) })
    const authority = join(folder, 'other-ca.pem')
    writeFileSync(authority, readFileSync(labFiles(other.folder).authority))
    await other.close()
    const { exit, found } = await wrong(
      ...one,
      ...site('ca.yaml', `services: { bos: { ca: ${JSON.stringify(authority)} } }\n`),
    )
    expect(exit).toBe(1)
    expect(found).toMatchObject([
      { name: 'bos', check: 'connection', verdict: 'fails', code: 'connect/tls-untrusted' },
    ])
    expect(found[0]!.hint).toBeDefined()
  })

  it('names a token that has expired', async () => {
    await raise()
    const token = join(folder, 'token')
    writeFileSync(token, issueToken(lab.system).access_token, { mode: 0o600 })
    const file = site(
      'token.yaml',
      `services: { ims: { token: { from: file, path: ${JSON.stringify(token)} } } }\n`,
    )
    expect(await wrong(...one, ...file)).toMatchObject({ exit: 0 })
    expireTokens(lab.system)
    const { exit, found } = await wrong(...one, ...file)
    expect(exit).toBe(1)
    expect(found.every(({ name, verdict }) => name === 'ims' && verdict === 'fails')).toBe(true)
    expect(found[0]!.says).toContain('401')
    expect(found[0]!.hint).toContain(token)
  })

  it('names a route that is missing, and an answer of another shape', async () => {
    await raise()
    const url = (path: string): string => `https://api-gw-service-nmn.local${path}`
    const { exit, found } = await wrong(
      ...one,
      ...site(
        'routes.yaml',
        `services: { cfs: { url: ${url('/apis/cfs/v2')} }, sls: { url: ${url('/apis/sls')} }, pcs: { url: ${url('/apis/bos/v2/sessions')} } }\n`,
      ),
    )
    expect(exit).toBe(1)
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set(['cfs', 'sls', 'pcs']))
    expect(found).toContainEqual(
      expect.objectContaining({
        name: 'cfs',
        check: 'GET /v3/configurations?limit=1',
        verdict: 'fails',
        says: expect.stringContaining('404'),
      }),
    )
    const shape = await wrong(
      ...one,
      ...site('shape.yaml', `services: { sls: { url: ${url('/apis/bos/v2')} } }\n`),
    )
    expect(shape.found).toMatchObject([{ name: 'sls', verdict: 'fails' }])
  })

  it('names a service that does not answer, and one that the inventory lacks', async () => {
    await raise()
    await lab.fault({ on: 'gateway', fault: { kind: 'unavailable', path: '/apis/smd' } })
    const { exit, found } = await wrong(...one)
    expect(exit).toBe(1)
    expect(found.every(({ name, says }) => name === 'hsm' && says.includes('503'))).toBe(true)
    const few = site('few.yaml', 'hosts: { n: {} }\nservices: {}\n')
    const playbook = join(folder, 'lock.yaml')
    writeFileSync(
      playbook,
      'playbook: p\nplays:\n  - play: p\n    hosts: n\n    tasks:\n      - read: the lock\n        hsm_lock: { xname: x0c0s0b0n0 }\n',
    )
    const { out } = await typed(['doctor', '--json', ...few, '-l', 'n', playbook], {
      stateFolder: join(folder, 'state'),
    })
    expect((JSON.parse(out) as { findings: Finding[] }).findings).toContainEqual(
      expect.objectContaining({ of: 'service', name: 'hsm', check: 'inventory', verdict: 'fails' }),
    )
  })
})

describe('trouble of hosts', () => {
  const onNode = (command: string) =>
    lab.nodes.get('x3000c0s19b1n0')!.run(command, { user: 'root' })

  it('names a program that is missing, and who needs it', async () => {
    await raise()
    await onNode('rm -f /usr/bin/zypper /usr/bin/blkid /usr/sbin/blkid /sbin/blkid')
    const { exit, found } = await wrong(...one)
    expect(exit).toBe(1)
    expect(found).toMatchObject([
      { of: 'host', name: 'x3000c0s19b1n0', check: 'programs', code: 'doctor/program' },
    ])
    expect(found[0]!.says).toContain('zypper is missing, which zypper_repository needs')
    expect(found[0]!.says).toContain('blkid is missing, which ')
    expect(found[0]!.says).not.toContain('podman')
  })

  it('names a host that is off', async () => {
    await raise()
    await lab.fault({ on: 'power', node: 'x3000c0s19b1n0', power: 'off' })
    const { exit, found } = await wrong(...one)
    expect(exit).toBe(1)
    expect(found).toMatchObject([{ name: 'x3000c0s19b1n0', check: 'connection', verdict: 'fails' }])
  })

  it('names who may not use sudo, and who is not root', async () => {
    await raise()
    await onNode(
      'mkdir -p ~guest/.ssh; cp ~root/.ssh/authorized_keys ~guest/.ssh/; chown -R guest ~guest/.ssh; chmod 700 ~guest/.ssh',
    )
    const guest = site('guest.yaml', 'hosts: { x3000c0s19b1n0: { user: guest } }\n')
    const playbook = join(folder, 'become.yaml')
    const text = (become: string): string =>
      `playbook: p\nplays:\n  - play: p\n    hosts: x3000c0s19b1n0\n${become}    tasks:\n      - ensure: a\n        file: { path: /a, state: directory }\n`
    writeFileSync(playbook, text('    become: true\n'))
    expect(await wrong(...one, ...guest, playbook)).toMatchObject({
      exit: 1,
      found: [{ check: 'sudo', verdict: 'fails', code: expect.stringMatching(/^become\//) }],
    })
    writeFileSync(playbook, text(''))
    expect(await wrong(...one, ...guest, playbook)).toMatchObject({
      exit: 2,
      found: [{ check: 'user', verdict: 'differs' }],
    })
  })

  it('names a cluster that kubectl does not reach', async () => {
    await raise()
    lab.system.cluster.objects = lab.system.cluster.objects.filter(
      ({ name }) => name !== 'cray-product-catalog',
    )
    expect(await wrong('-l', 'ncn-m001')).toMatchObject({
      exit: 1,
      found: [
        {
          name: 'ncn-m001',
          check: 'kubectl',
          says: expect.stringContaining('no ConfigMap cray-product-catalog'),
        },
      ],
    })
  })
})

describe('what is asked wrongly', () => {
  it('ends with 3 before anything is asked', async () => {
    await raise()
    for (const words of [['nosuch.yaml'], ['-l', 'nosuch'], ['-i', 'nosuch']]) {
      const { exit, err } = await ask(...words)
      expect({ words, exit }).toEqual({ words, exit: 3 })
      expect(err).toContain('nosuch')
    }
    expect(lab.gateway.counts.size).toBe(0)
    const none = await typed(['doctor'], { stateFolder: join(folder, 'state'), cwd: folder })
    expect(none).toMatchObject({ exit: 3, err: expect.stringContaining('cli/no-inventory') })
  })

  it('says so where a playbook that was named has no host here', async () => {
    await raise()
    const playbook = join(folder, 'none.yaml')
    writeFileSync(
      playbook,
      'playbook: none\nplays:\n  - play: nobody\n    hosts: nosuch\n    tasks:\n      - read: a\n        print: { value: a }\n',
    )
    expect(await wrong(...one, playbook)).toMatchObject({
      exit: 2,
      found: [{ of: 'playbook', name: 'none', check: 'nobody', verdict: 'differs' }],
    })
  })
})

it('knows each service in the versions that were recorded, and each release', () => {
  const recorded = new Map<string, Set<string>>()
  for (const { name } of serviceTranscripts) {
    const [service = '', version = ''] = name.split('-')
    const known = service === 'smd' ? 'hsm' : service
    recorded.set(known, (recorded.get(known) ?? new Set()).add(version))
  }
  expect(
    new Map([...expectedServices].map(([name, { proved }]) => [name, new Set(proved)])),
  ).toEqual(recorded)
  expect(releases).toHaveLength(4)
})

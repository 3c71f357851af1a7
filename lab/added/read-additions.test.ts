import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileAccounts } from '../../runner/files/accounts.ts'
import type { Diagnostic, DiagnosticError } from '../../runner/model/diagnostic.ts'
import { issueToken } from '../csm/keycloak.ts'
import { sendToGateway } from '../gateway-request.ts'
import { raiseLab, type Lab } from '../lab.ts'
import { packFolder, readFolderFiles, unpackFolder } from './folder-files.ts'
import { readAdditions } from './read-additions.ts'

const trust = {
  user: process.geteuid?.() ?? null,
  groups: [],
  product: null,
  accounts: fileAccounts(),
}
let root: string
let lab: Lab | null = null
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lab-added-'))
})
afterEach(async () => {
  await lab?.close()
  lab = null
  rmSync(root, { recursive: true, force: true })
})

function put(path: string, text: string): void {
  const file = join(root, 'mine', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

async function faults(files: Readonly<Record<string, string>>): Promise<readonly Diagnostic[]> {
  for (const [path, text] of Object.entries(files)) put(path, text)
  const { found, diagnostics } = readFolderFiles(join(root, 'mine'), trust)
  if (diagnostics.length > 0) return diagnostics
  try {
    await readAdditions(unpackFolder(packFolder(found)))
    return []
  } catch (error) {
    return (error as DiagnosticError).diagnostics
  }
}

const script = '#!/bin/sh\necho "$0 on $(hostname)"\n'

const service = (routes: string): string =>
  `services:\n  s:\n    prefix: /apis/s\n    state: { things: {} }\n    routes:\n${routes}`

describe('a folder of additions', () => {
  it.each([
    ['commandz: {}', 'schema/unknown-key', '1:1', "unknown key 'commandz'"],
    ['commands: { sat: commands/sta }', 'lab/with-file', '1:18', 'commands/sta does not exist'],
    ['commands: { sat: ../sat }', 'lab/with-file', '1:18', '../sat leads out of the folder'],
    ['commands: { s/t: commands/sat }', 'lab/with-name', '1:13', 'not the name of a command'],
    ['commands: { zypper: commands/sat }', 'lab/with-name', '1:13', 'has the command zypper'],
    [
      'commands: { sat: { script: commands/sat, replaces: true } }',
      'lab/with-name',
      '1:52',
      'no command sat to replace',
    ],
    [
      'commands: { sat: { script: commands/sat, on: managment } }',
      'lab/with-name',
      '1:46',
      "no group 'managment'",
    ],
    ['files: { etc/motd: commands/sat }', 'lab/with-name', '1:10', 'not the path of a file'],
    ['files: { /proc/x: commands/sat }', 'lab/with-name', '1:10', 'not the path of a file'],
    ['files: { /etc/../motd: commands/sat }', 'lab/with-name', '1:10', 'not the path of a file'],
    ['files: { /a: { content: x, mode: "999" } }', 'lab/with-value', '1:34', 'not a mode'],
    ['files: { /a: { mode: "0644" } }', 'lab/with-value', '1:14', 'neither src nor content'],
    [
      'commands: { sat: commands/sat }\nfiles: { /usr/bin/sat: commands/sat }',
      'lab/with-name',
      '1:18',
      '/usr/bin/sat is added twice',
    ],
    ['nodes: { ncn-m001: { role: master } }', 'lab/with-name', '1:10', 'has a node ncn-m001'],
    ['nodes: { nid9: { role: compute } }', 'lab/with-name', '1:10', 'the name of a node'],
    ['nodes: { x1c0s0b0n0: { role: cook } }', 'schema/value', '1:30', 'not one of compute'],
    [
      'nodes: { x1c0s0b0n0: { role: compute, packages: [jqq] } }',
      'lab/with-name',
      '1:50',
      "no package 'jqq'",
    ],
    ['packages: { p: { version: 1.0, repository: r } }', 'schema/type', '1:27', 'wants a text'],
    [
      'packages: { p: { version: "1.0", repository: r } }',
      'lab/with-value',
      '1:27',
      'not the version of a package',
    ],
    ['services: { ims: { prefix: /apis/x } }', 'lab/with-route', '1:13', 'no route'],
    ['services: { s: { routes: [{ GET: /a }] } }', 'lab/with-name', '1:13', 'no prefix'],
    [
      'services: { s: { prefix: /apis/ims/v9, routes: [{ GET: /a }] } }',
      'lab/with-name',
      '1:26',
      'belongs to the service ims',
    ],
    [
      'services: { ims: { routes: [{ GET: /v3/images }] } }',
      'lab/with-route',
      '1:13',
      'plays GET /v3/images of ims',
    ],
    [service('      - GET: things'), 'lab/with-route', '6:14', 'not a path below'],
    [service('      - { GET: /a, staus: 1 }'), 'lab/with-route', '6:20', "no 'staus'"],
    [service('      - { GET: /a, status: 99 }'), 'lab/with-route', '6:28', 'not a status'],
    [service('      - { GET: /a, POST: /a }'), 'lab/with-route', '6:20', 'names 2 methods'],
    [
      service('      - { GET: /:id, when: params.ib == "" }'),
      'expression/unknown-field',
      '6:28',
      "'params' has no 'ib'",
    ],
    [
      service('      - { GET: /:id, body: !expr state.thing }'),
      'expression/unknown-field',
      '6:34',
      "'state' has no 'thing'",
    ],
    [
      service('      - { PUT: /:id, set: { "thing/{{ params.id }}": 1 } }'),
      'lab/with-route',
      '6:29',
      "declares no 'thing'",
    ],
    [service('      - GET: /a\n      - GET: /a'), 'lab/with-route', '7:9', 'answers every GET /a'],
    ['requests: [{ POST: v3/images }]', 'lab/with-route', '1:12', 'not a request'],
    ['objects: [{ kind: Pond }]', 'lab/with-value', '1:19', "no kind 'Pond'"],
    ['objects: [{ kind: Pod }]', 'lab/with-value', '1:19', 'no metadata.name'],
    ['commands: [', 'yaml/syntax', '1:12', ''],
    ['{}', 'lab/with-file', '1:1', 'lab.yaml does not name commands/sat'],
  ])('with %j is refused at its place', async (yaml, code, place, message) => {
    const found = await faults({ 'lab.yaml': yaml, 'commands/sat': script })
    const first = found.find((each) => each.code === code)
    expect(found.map((each) => each.code)).toContain(code)
    expect(`${first!.at!.line}:${first!.at!.column}`).toBe(place)
    expect(first!.message).toContain(message)
    expect(first!.hint).toBeTruthy()
  })

  it.each([
    ['#!/usr/bin/python3\nprint(1)\n', 1, 'the nodes of the lab have no python3'],
    ['echo hello\n', 1, 'does not say what runs it'],
    ['#!/bin/sh\nif true; then\n  echo x\n', 4, 'Expected FI'],
  ])('with the script %j is refused at the line of the script', async (text, line, message) => {
    const [fault] = await faults({ 'lab.yaml': 'commands: { sat: sat }', sat: text })
    expect(fault).toMatchObject({ code: 'lab/with-script', at: { line } })
    expect(fault!.at!.file).toBe(join(root, 'mine/sat'))
    expect(fault!.message).toContain(message)
  })

  it.each([
    ['export default { routes: { "GET /a": 5 } }\n', 1, 'is not a function'],
    ['export default { routes: { "FETCH /a": () => ({}) } }\n', 1, 'is not a route'],
    ['const a = 1\nexport default 7\n', 2, 'exports no routes'],
    ['const a = 1\nconst = 2\n', 2, 'cannot be loaded'],
    ['const a = 1\n\nthrow new Error("no")\n', 3, 'cannot be loaded: no'],
    ['import "./other.mjs"\nexport default { routes: {} }\n', 1, 'cannot be loaded'],
  ])('with the module %j is refused at its line', async (text, line, message) => {
    const [fault] = await faults({
      'lab.yaml': 'services: { s: { prefix: /apis/s, module: s.mjs } }',
      's.mjs': text,
    })
    expect(fault).toMatchObject({ code: 'lab/with-module', at: { line } })
    expect(fault!.message).toContain(message)
    expect(fault!.hint).toBeTruthy()
  })

  it('without lab.yaml, with a link in it, or that others can write to, is refused', async () => {
    expect((await faults({ x: '' }))[0]).toMatchObject({ code: 'lab/with-folder' })
    symlinkSync('/etc/passwd', join(root, 'mine/passwd'))
    expect((await faults({}))[0]).toMatchObject({ code: 'lab/with-file', hint: expect.any(String) })
    rmSync(join(root, 'mine/passwd'))
    chmodSync(join(root, 'mine/x'), 0o666)
    expect((await faults({}))[0]).toMatchObject({ code: 'trust/others' })
    expect(readFolderFiles(join(root, 'none'), trust).diagnostics[0]).toMatchObject({
      code: 'lab/with-folder',
      hint: expect.stringContaining('lab.yaml'),
    })
  })
})

const whole = {
  'lab.yaml': `commands:
  sat: { script: commands/sat, on: management }
  hostname: { script: commands/hostname, replaces: true, on: ncn-w003 }
files:
  /etc/slurm/slurm.conf: { content: "NodeName=x\\n", mode: "0640", on: [slurm, x3000c0s19b1n0] }
nodes:
  ncn-w003: { role: worker, packages: [jq] }
  x3000c0s21b1n0: { role: compute, arch: aarch64, service_pack: 6, groups: [slurm] }
packages:
  slurm-node:
    version: 23.02.7-1
    repository: slurm
    commands: { slurmd: commands/sat }
    files: { /etc/slurm/plugstack.conf: { content: "optional\\n" } }
    installed_on: slurm
services:
  scsd:
    prefix: /apis/scsd/v1
    state: { bmcs: { x9000c1s0b0: { Port: 123 } } }
    routes:
      - GET: /bmc/:xname
        when: params.xname in state.bmcs
        body: !expr state.bmcs[params.xname]
      - GET: /bmc/:xname
        status: 404
        body: { detail: "no {{ params.xname }}" }
      - POST: /bmc/:xname
        set: { "bmcs/{{ params.xname }}": !expr body }
        status: 201
        headers: { location: "/bmc/{{ params.xname }}" }
      - DELETE: /bmc/:xname
        remove: "bmcs/{{ params.xname }}"
        status: 204
      - GET: /bmc/all
        body: !expr state.bmcs
  counter: { prefix: /apis/counter, module: counter.mjs }
  sls: { routes: [{ GET: /mine, body: here }] }
objects:
  - kind: ConfigMap
    metadata: { name: site, namespace: services }
    data: { a: b }
requests:
  - PUT: /apis/cfs/v3/configurations/one
    body: { layers: [] }
`,
  'commands/sat': script,
  'commands/hostname': '#!/bin/sh\necho "I am $(/usr/bin/hostname)"\n',
  'counter.mjs': `export default {
  state: { count: 0 },
  routes: {
    'POST /': ({ state, body }) => ({ status: 201, body: { count: (state.count += body.by) } }),
    'GET /broken': () => { throw new Error('broken on purpose') },
  },
}
`,
}

describe('a lab with additions', () => {
  it('has the commands, files, packages and nodes, also after a reboot', async () => {
    for (const [path, text] of Object.entries(whole)) put(path, text)
    const { found } = readFolderFiles(join(root, 'mine'), trust)
    lab = await raiseLab({ folder: join(root, 'lab'), added: await readAdditions(found) })
    const run = async (node: string, command: string): Promise<string> => {
      const { stdout, stderr } = await lab!.nodes.get(node)!.run(command, { user: 'root' })
      return stdout + stderr
    }
    expect(await run('ncn-m001', 'sat')).toBe('/usr/bin/sat on ncn-m001\n')
    expect(await run('x3000c0s19b1n0', 'sat')).toContain('command not found')
    expect(await run('ncn-w003', 'hostname')).toBe('I am ncn-w003\n')
    await lab.reboot('x3000c0s21b1n0')
    expect(await run('x3000c0s21b1n0', 'stat -c %a /etc/slurm/slurm.conf; uname -m')).toBe(
      '640\naarch64\n',
    )
    expect(await run('x3000c0s21b1n0', 'rpm -q slurm-node; slurmd')).toBe(
      'slurm-node-23.02.7-1.noarch\n/usr/bin/slurmd on x3000c0s21b1n0\n',
    )
    expect(await run('x3000c0s19b1n0', 'cat /etc/slurm/slurm.conf')).toBe('NodeName=x\n')
    expect(
      await run(
        'x3000c0s19b2n0',
        'zypper -n ar https://packages.local/repository/slurm slurm >/dev/null && zypper -n in slurm-node >/dev/null; slurmd; cat /etc/slurm/plugstack.conf',
      ),
    ).toBe('/usr/bin/slurmd on x3000c0s19b2n0\noptional\n')
    expect(await run('ncn-m001', 'kubectl get cm -n services site -o jsonpath={.data.a}')).toBe('b')
    expect(lab.system.components.get('x3000c0s13b0n0')).toMatchObject({ subRole: 'Worker' })
  })

  it('answers the routes, and remembers what was sent', async () => {
    for (const [path, text] of Object.entries(whole)) put(path, text)
    const { found } = readFolderFiles(join(root, 'mine'), trust)
    lab = await raiseLab({ folder: join(root, 'lab'), added: await readAdditions(found) })
    const ask = (method: string, path: string, body?: unknown) => asked(lab!, method, path, body)
    const bmc = '/apis/scsd/v1/bmc'
    expect(await ask('GET', `${bmc}/x9000c1s0b0`)).toEqual([200, { Port: 123 }])
    expect(await ask('GET', `${bmc}/x9`)).toEqual([404, { detail: 'no x9' }])
    expect(await ask('POST', `${bmc}/__proto__`, { Port: 1 })).toEqual([201, ''])
    expect(await ask('POST', `${bmc}/x9`, { Port: 9 })).toEqual([201, ''])
    expect(await ask('GET', `${bmc}/x9`)).toEqual([200, { Port: 9 }])
    expect(await ask('DELETE', `${bmc}/x9000c1s0b0`)).toEqual([204, ''])
    expect(await ask('GET', `${bmc}/all`)).toEqual([200, { x9: { Port: 9 } }])
    expect(({} as { Port?: number }).Port).toBeUndefined()
    expect(await ask('GET', '/apis/scsd/v1/nothing')).toMatchObject([404, {}])
    expect(await ask('PUT', `${bmc}/x9`)).toMatchObject([405, {}])
    expect(await ask('POST', '/apis/counter/', { by: 2 })).toEqual([201, { count: 2 }])
    expect(await ask('POST', '/apis/counter/', { by: 3 })).toEqual([201, { count: 5 }])
    expect(await ask('GET', '/apis/counter/broken')).toEqual([
      500,
      'counter.mjs: broken on purpose\n',
    ])
    expect(await ask('GET', '/apis/sls/v1/mine')).toEqual([200, 'here'])
    expect(await ask('GET', '/apis/cfs/v3/configurations/one')).toMatchObject([
      200,
      { name: 'one' },
    ])
  })

  it('is not raised where a service refuses a request, and says where that stands', async () => {
    put('lab.yaml', 'requests:\n  - PUT: /apis/cfs/v3/configurations/one\n    body: { layer: 1 }\n')
    const { found } = readFolderFiles(join(root, 'mine'), trust)
    const added = await readAdditions(found)
    const error = (await raiseLab({ folder: join(root, 'lab'), added }).catch(
      (thrown: unknown) => thrown,
    )) as DiagnosticError
    expect(error.diagnostics[0]).toMatchObject({
      code: 'lab/refused',
      message: expect.stringContaining('400'),
      at: { line: 2, column: 10 },
    })
  })
})

/** The status of a request to the lab's gateway, and the JSON or the text of its answer. */
async function asked(
  { gateway, system }: Lab,
  method: string,
  path: string,
  body?: unknown,
): Promise<readonly [number, unknown]> {
  const headers = { authorization: `Bearer ${issueToken(system).access_token}` }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const { status, text } = await sendToGateway(gateway, { method, path, headers, ...sent })
  return [status, /^[[{]/.test(text) ? JSON.parse(text) : text]
}

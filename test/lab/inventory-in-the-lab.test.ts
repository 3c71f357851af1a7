import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from '../../runner/cli/io.fixture.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'

// An inventory that is asked of HSM and SLS through the gateway of the rehearsal lab, over SSH through its management node.

let folder = ''
let lab: Lab
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inventory-in-the-lab-'))
  lab = await raiseLab({ folder: join(folder, 'lab') })
  const playbook = write(
    'blue.yaml',
    `playbook: A group of HSM
plays:
  - play: it is made
    hosts: localhost
    tasks:
      - run: make the blue group
        http: { service: hsm, method: POST, path: /groups, body: { label: blue, members: { ids: [x3000c0s19b2n0, X3000c0s019b3n0] } }, status_code: [201] }
`,
  )
  const made = await trueup(['run', playbook])
  if (made.exit !== 0) throw new Error(made.out + made.err)
})
afterAll(async () => {
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}
/** A command with the lab's connections behind the inventories that are named. */
function trueup(line: readonly string[], ...inventories: readonly string[]): Promise<Ended> {
  const cache = join(folder, 'cache')
  const connections = lab.inventoryFiles.at(-1)!
  return typed([...line, ...[...inventories, connections].flatMap((path) => ['-i', path])], {
    cwd: folder,
    stateFolder: join(folder, 'state'),
    env: { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: cache },
  })
}
const asked = (route: string): number => lab.gateway.counts.get(`GET ${route}`) ?? 0
const managers = [1, 3, 5, 7, 9, 11].map((slot) => `x3000c0s${slot}b0n0`)
const components = '/apis/smd/hsm/v2/State/Components'
const site = (): string => write('csm.yaml', 'source: csm\n')

describe('an inventory of HSM and SLS', () => {
  it('has the nodes by xname, with groups, vars and aliases', async () => {
    const { exit, out, err } = await trueup(['inventory', '--list'], site())
    expect({ exit, err }).toMatchObject({ exit: 0 })
    const { hosts, groups, sources } = JSON.parse(out) as {
      hosts: Record<string, { vars: object; connection: object }>
      groups: Record<string, string[]>
      sources: object[]
    }
    expect(Object.keys(hosts)).toEqual([
      ...managers,
      'x3000c0s19b1n0',
      'x3000c0s19b2n0',
      'x3000c0s19b3n0',
      'x3000c0s19b4n0',
    ])
    expect(hosts['x3000c0s19b3n0']!.vars).toEqual({
      xname: 'x3000c0s19b3n0',
      nid: 3,
      role: 'Compute',
      subrole: null,
      arch: 'ARM',
      class: 'River',
      state: 'Ready',
      enabled: true,
      aliases: ['nid000003'],
    })
    expect(groups).toMatchObject({
      role_compute: ['x3000c0s19b1n0', 'x3000c0s19b2n0', 'x3000c0s19b3n0', 'x3000c0s19b4n0'],
      role_management: managers,
      subrole_master: managers.slice(0, 3),
      subrole_worker: managers.slice(3, 5),
      subrole_storage: managers.slice(5),
      arch_arm: ['x3000c0s19b3n0', 'x3000c0s19b4n0'],
      class_river: expect.any(Array) as string[],
      cabinet_x3000: expect.any(Array) as string[],
      chassis_x3000c0: expect.any(Array) as string[],
      group_blue: ['x3000c0s19b2n0', 'x3000c0s19b3n0'],
    })
    // What the lab's file says of ncn-m001 holds for the node that has this alias.
    expect(hosts['x3000c0s1b0n0']).toMatchObject({
      connection: { address: '127.0.0.1', port: lab.nodes.get('ncn-m001')!.port },
      vars: { aliases: ['ncn-m001', 'nid100001'] },
    })
    expect(sources).toEqual([expect.objectContaining({ kind: 'csm', cached: false })])
  })

  it('finds nodes by NID and alias, in ranges and operators', async () => {
    const { out } = await trueup(
      ['inventory', '--limit', 'nid[000002-000004]!@group_blue,ncn-m001'],
      site(),
    )
    expect(out.trim().split('\n')).toEqual(['x3000c0s1b0n0', 'x3000c0s19b4n0'])
  })

  it('is narrowed, named and divided as its file says', async () => {
    const path = write(
      'narrow.yaml',
      "source: { kind: csm, only: { role: Compute, arch: '!ARM' }, prefix: csm_ }\ngroups:\n  even: { where: host.vars.nid % 2 == 0 }\n  by_state: { by: host.vars.state }\n",
    )
    // The lab's own file names every node again; this one only says how ncn-m001 is reached.
    const connections = readFileSync(lab.inventoryFiles.at(-1)!, 'utf8').replace(
      /^ {2}(?:x3000|ncn-(?!m001)).*\n/gm,
      '',
    )
    const { exit, out, err } = await typed(
      ['inventory', '--list', '-i', path, '-i', write('reach.yaml', connections)],
      {
        cwd: folder,
        stateFolder: join(folder, 'state'),
        env: { PATH: process.env['PATH'], HOME: folder },
      },
    )
    expect({ exit, err }).toMatchObject({ exit: 0 })
    expect((JSON.parse(out) as { groups: object }).groups).toMatchObject({
      all: ['ncn-m001', 'x3000c0s19b1n0', 'x3000c0s19b2n0'],
      csm_arch_x86: ['x3000c0s19b1n0', 'x3000c0s19b2n0'],
      even: ['x3000c0s19b2n0'],
      by_state_ready: ['x3000c0s19b1n0', 'x3000c0s19b2n0'],
    })
  })

  it('runs a playbook on its groups, with a delegate by its alias', async () => {
    const playbook = write(
      'playbook.yaml',
      `playbook: The builders are there
plays:
  - play: each knows its number
    hosts: role_compute&arch_x86
    tasks:
      - require: it runs what HSM says
        that: facts.arch == "x86_64" && nid > 0 && state == "Ready"
      - read: the management node says its name
        command: { argv: [hostname] }
        delegate_to: ncn-m001
        register: manager
      - require: it was asked there
        that: manager.stdout.startsWith("ncn-m001")
`,
    )
    const { exit, out, err } = await trueup(['run', playbook], site())
    expect({ exit, out, err }).toMatchObject({ exit: 0 })
    expect((await trueup(['validate', playbook], site())).exit).toBe(0)
  })

  it('uses an answer again for as long as its file allows, and says how old it is', async () => {
    const path = write('cached.yaml', 'source: { kind: csm, max_age: 10m }\n')
    const playbook = write(
      'small.yaml',
      'playbook: Nothing much\nplays:\n  - play: it has a number\n    hosts: nid000001\n    tasks:\n      - require: one\n        that: nid == 1\n',
    )
    expect((await trueup(['run', playbook], path)).exit).toBe(0)
    const before = asked(components)
    const again = await trueup(['run', playbook], path)
    expect(asked(components)).toBe(before)
    expect(again.out).toMatch(/^inventory of cached\.yaml read \d+m?s? ?\w* ?ago$/m)
    expect(again.events[0]).toMatchObject({
      type: 'run-started',
      sources: [{ file: path, cached: true }],
    })
    expect((await trueup(['inventory'], path)).out).toMatch(
      /sources\n {2}cached\.yaml {2}csm {2}read .* ago, from the cache/,
    )
    await trueup(['run', playbook, '--refresh-inventory'], path)
    expect(asked(components)).toBe(before + 1)
    const kept = join(folder, 'cache/trueup/inventory')
    expect(readdirSync(kept).length).toBeGreaterThan(0)
    for (const name of readdirSync(kept))
      expect(statSync(join(kept, name)).mode & 0o777).toBe(0o600)
  })

  it('is an error when HSM is down, which names what is kept; that is used only when told', async () => {
    const path = site()
    expect((await trueup(['inventory'], path)).exit).toBe(0)
    lab.gateway.fault({ kind: 'unavailable', path: '/apis/smd' })
    try {
      const { exit, err } = await trueup(['inventory'], path)
      expect(exit).toBe(3)
      expect(err.replace(/\s+/g, ' ')).toMatch(
        /csm\.yaml:1:1: .*503.*ago is kept.*\[inventory\/source-failed\].*--cached-inventory/,
      )
      const cached = await trueup(['inventory', '--cached-inventory'], path)
      expect(cached).toMatchObject({ exit: 0, out: expect.stringContaining('from the cache') })
    } finally {
      lab.gateway.clearFaults()
    }
  })

  it('is held by a saved plan, which asks nothing when it is applied', async () => {
    const playbook = write(
      'plan.yaml',
      'playbook: A file\nplays:\n  - play: it is there\n    hosts: nid000001\n    tasks:\n      - ensure: it is written\n        copy: { dest: /root/of-hsm, content: "{{ xname }}\\n" }\n',
    )
    const saved = join(folder, 'saved.plan')
    expect((await trueup(['plan', playbook, '-o', saved], site())).exit).toBe(2)
    const before = asked(components)
    const { exit, out, err } = await typed(['apply', saved], {
      cwd: folder,
      stateFolder: join(folder, 'state'),
      env: { PATH: process.env['PATH'], HOME: folder },
    })
    expect({ exit, out, err }).toMatchObject({
      exit: 0,
      out: expect.stringContaining('inventory of csm.yaml read'),
    })
    expect(asked(components)).toBe(before)
  })

  it('says which service is missing, and which host cannot lead to one', async () => {
    const alone = await typed(['inventory', '-i', site()], {
      cwd: folder,
      stateFolder: join(folder, 'state'),
    })
    expect(alone).toMatchObject({
      exit: 3,
      err: expect.stringContaining('inventory/source-service'),
    })
    const circle = write(
      'circle.yaml',
      'source: csm\nservices:\n  hsm: { url: "https://gw/hsm", via: ncn-m009 }\n  sls: { url: "https://gw/sls", via: ncn-m009 }\n',
    )
    const { exit, err } = await typed(['inventory', '-i', circle], {
      cwd: folder,
      stateFolder: join(folder, 'state'),
    })
    expect({ exit, err: err.replace(/\s+/g, ' ') }).toMatchObject({
      exit: 3,
      err: expect.stringContaining('in an inventory file'),
    })
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { labNodes } from '../../lab/inhabitants.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { runInLab, type Told } from '../harness/run-in-lab.ts'
import { time } from '../harness/skipped-time.ts'

vi.mock('../../runner/wiring/clock.ts', () => import('../harness/skipped-time.ts'))

// enable-nodes.yaml, blade-out.yaml and blade-in.yaml on a rehearsal lab with a blade of two node cards.

const folder = mkdtempSync(join(tmpdir(), 'blade-playbooks-'))
const slot = 'x1000c3s0'
const nodes = [`${slot}b0n0`, `${slot}b1n0`]
const image = 'f6d9cfc7-9291-4c46-8350-c252b919d396'
const out = ['--confirm', 'the blade goes out, and no workload uses its nodes']
const back = [
  '--confirm',
  'the new blade is in its slot',
  '--confirm',
  'the firmware of the new blade is as it should be',
]
let lab: Lab

beforeAll(async () => {
  lab = await raiseLab({
    folder: join(folder, 'lab'),
    now: () => Date.now() + time.skipped,
    nodes: [...labNodes.slice(0, 2), ...nodes.map((name) => ({ ...labNodes[1]!, name }))],
  })
  lab.system.contents.set(image, { packages: ['bos-reporter'], rootKeys: [], servicePack: 5 })
  lab.system.bos.templates.set('blades', {
    name: 'blades',
    tenant: null,
    boot_sets: {
      compute: {
        path: `s3://boot-images/${image}/manifest.json`,
        type: 's3',
        arch: 'X86',
        node_roles_groups: ['Compute'],
      },
    },
  })
})
afterAll(async () => {
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})

function told(playbook: string, ...flags: readonly string[]): Promise<Told> {
  return runInLab({ lab, folder, command: 'run', playbook, flags })
}
const blade = (playbook: string, ...flags: readonly string[]) =>
  told(playbook, '-e', `blade=${slot}`, '-e', 'template=blades', ...flags)

describe('enable-nodes.yaml', () => {
  const use = (state: string, which = nodes[0]!, ...flags: readonly string[]) =>
    told('enable-nodes', '-e', `nodes=${which}`, '-e', `state=${state}`, ...flags)

  it('disables and enables a node, and changes nothing the second time', async () => {
    const which = 'x3000c0s19b1n0'
    for (const state of ['disabled', 'enabled']) {
      expect(await use(state, which)).toMatchObject({
        exit: 0,
        errors: [],
        changes: ['the node is as wanted in HSM'],
      })
      expect(lab.system.disabled.has(which)).toBe(state === 'disabled')
      expect(await use(state, which)).toMatchObject({ exit: 0, changes: [] })
    }
  })

  it('disables a management node only where that was asked for', async () => {
    const master = lab.system.components.get('x3000c0s1b0n0')!
    const inventory = join(folder, 'ncn.yaml')
    writeFileSync(inventory, `hosts:\n  ${master.xname}:\n`)
    const refused = await use('disabled', master.xname, '-i', inventory)
    expect(refused).toMatchObject({ exit: 1, changes: [] })
    expect(lab.system.disabled.has(master.xname)).toBe(false)
    const meant = await use('disabled', master.xname, '-i', inventory, '-e', 'management=true')
    expect(meant).toMatchObject({ exit: 0, errors: [] })
    expect((await use('enabled', master.xname, '-i', inventory)).exit).toBe(0)
  })
})

describe('blade-out.yaml and blade-in.yaml', () => {
  it('ask before the blade goes out, and touch nothing without an answer', async () => {
    const asked = await blade('blade-out', '--yes')
    expect(asked).toMatchObject({ exit: 1, changes: [] })
    expect(asked.errors.join()).toContain('run/no-terminal')
    expect(nodes.map((each) => lab.nodes.get(each)!.power)).toEqual(['on', 'on'])
  })

  it('refuse a slot that HSM does not know, and one that feeds a locked node', async () => {
    const unknown = await told('blade-out', '-e', 'blade=x9c0s0', '-e', 'template=blades', ...out)
    expect(unknown).toMatchObject({ exit: 1, changes: [] })
    lab.system.locks.set(nodes[1]!, { locked: true, reservationDisabled: false })
    const locked = await blade('blade-out', ...out)
    expect(locked.exit).toBe(1)
    expect(locked.errors.join()).toContain(`${nodes[1]!} is locked in HSM`)
    expect(nodes.map((each) => lab.nodes.get(each)!.power)).toEqual(['on', 'on'])
    lab.system.locks.clear()
  })

  it('go on where they were ended, and change nothing once the blade is out', async () => {
    // The run is ended as soon as the nodes are off.
    const stop = new AbortController()
    const ended = await runInLab({
      lab,
      folder,
      command: 'run',
      playbook: 'blade-out',
      flags: ['-e', `blade=${slot}`, '-e', 'template=blades', ...out],
      stop: stop.signal,
      hear: (event) => {
        if (event.type === 'outcome' && lab.nodes.get(nodes[0]!)!.power === 'off') stop.abort()
      },
    })
    expect(ended.exit).not.toBe(0)
    const rest = await blade('blade-out', ...out)
    expect(rest).toMatchObject({ exit: 0, errors: [] })
    expect(rest.changes).toContain('HSM has forgotten the node cards')
    expect(
      [...lab.system.inventory.endpoints.keys()].filter((each) => each.startsWith(slot)),
    ).toEqual([])
    expect(
      [...lab.system.inventory.interfaces.values()].filter((each) =>
        nodes.includes(each.ComponentID),
      ),
    ).toEqual([])
    expect(nodes.map((each) => lab.nodes.get(each)!.power)).toEqual(['off', 'off'])
    expect(await blade('blade-out')).toMatchObject({ exit: 0, errors: [], changes: [] })
  })

  it('bring the blade back, once', async () => {
    const first = await blade('blade-in', ...back)
    expect(first.errors).toEqual([])
    // A controller that HSM asks again is discovered by itself: the task that sees to it may find that done.
    expect(first.changes.filter((each) => each !== 'HSM has found the nodes')).toEqual([
      'services use the slot',
      'the slot is on',
      'HSM asks the node cards',
      'the nodes run their image',
    ])
    expect(first.exit).toBe(0)
    expect(nodes.map((each) => lab.nodes.get(each)!.power)).toEqual(['on', 'on'])
    expect(lab.system.emptied.size).toBe(0)
    expect(await blade('blade-in')).toMatchObject({ exit: 0, errors: [], changes: [] })
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { labNodes } from '../../lab/inhabitants.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { runInLab, type Told } from '../harness/run-in-lab.ts'
import { time } from '../harness/skipped-time.ts'

// A node is taken from its users only when its workload manager was asked. Waiting moves the clock.

vi.mock('../../runner/wiring/clock.ts', () => import('../harness/skipped-time.ts'))

const node = 'x3000c0s19b1n0'
const nid = 'nid000001'
const drains = 'no job of users runs on the node, and none comes'
const boots = 'the node is booted into the builder image'
let folder: string
let lab: Lab
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workload-manager-'))
  writeFileSync(
    join(folder, 'host-keys.yaml'),
    'groups:\n  remote_build_nodes:\n    host_keys: new-after-boot\n',
  )
  lab = await raiseLab({
    folder: join(folder, 'lab'),
    now: () => Date.now() + time.skipped,
    nodes: labNodes.map((each) =>
      each.role === 'management'
        ? { ...each, imagePackages: [...each.imagePackages, 'slurm'] }
        : each,
    ),
  })
})
afterEach(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

function trueup(playbook: string, ...flags: readonly string[]): Promise<Told> {
  return runInLab({
    lab,
    folder,
    command: 'run',
    playbook,
    flags: ['-i', join(folder, 'host-keys.yaml'), '--limit', node, ...flags],
  })
}
async function slurm(command: string, exit = 0): Promise<string> {
  const { stdout, stderr, exitCode } = await lab.nodes
    .get('ncn-m001')!
    .run(command, { user: 'root' })
  expect({ command, stderr, exitCode }).toMatchObject({ exitCode: exit })
  return stdout.trim()
}

describe('boot.yaml on a system with Slurm', () => {
  beforeEach(async () => {
    expect(await trueup('builder-image')).toMatchObject({ exit: 0 })
  })

  it('takes no node on which a job of a user runs', async () => {
    const id = await slurm(`sbatch --parsable -w ${nid} --wrap work`)
    const before = lab.nodes.get(node)!.bootId
    const refused = await trueup('boot')
    expect(refused).toMatchObject({ exit: 1, outcomes: { failed: [drains] } })
    expect(refused.errors.join()).toContain('run/refused')
    expect(lab.nodes.get(node)!.bootId).toBe(before)
    expect(await slurm(`squeue -h -w ${nid} -o %i`)).toBe(id)
    expect(await slurm(`scontrol -o show node ${nid}`)).toContain('State=MIXED ')
  })

  it('or drains it, waits until the job has ended, and boots it then', async () => {
    await slurm(`sbatch -w ${nid} --wrap 'sleep 40'`)
    const done = await trueup('boot', '-e', 'jobs=wait')
    expect(done).toMatchObject({ exit: 0, errors: [] })
    expect(done.changes).toEqual(expect.arrayContaining([drains, boots]))
    expect(await slurm(`scontrol -o show node ${nid}`)).toMatch(
      /State=IDLE\+DRAIN .*Reason=remote build node \[/,
    )
    await slurm(`sbatch -w ${nid} --wrap work`, 1)
    expect(await trueup('boot', '-e', 'jobs=wait')).toMatchObject({ exit: 0, changes: [] })
  })

  it('asks no workload manager where the operator says that there is none', async () => {
    await slurm(`sbatch -w ${nid} --wrap work`)
    const done = await trueup('boot', '-e', 'workload_manager=none')
    expect(done).toMatchObject({ exit: 0, errors: [] })
    expect(done.changes).not.toContain(drains)
  })
})

describe('the commands of Slurm in the lab', () => {
  it('say what a node does, and who may change it', async () => {
    expect(await slurm(`sinfo -h -N -n ${nid} -o '%N %t %E'`)).toBe(`${nid} idle none`)
    await slurm(`scontrol update nodename=${nid} state=drain`, 1)
    await slurm(`scontrol update nodename=${nid} state=drain reason=test`)
    expect(await slurm(`sinfo -h -N -n ${nid} -o '%N %t %E'`)).toBe(`${nid} drain test`)
    await slurm(`scontrol update nodename=${nid} state=resume`)
    await slurm(`scontrol update nodename=${nid} state=resume`, 1)
    expect(await slurm('scontrol show node nowhere', 1)).toBe('Node nowhere not found')
    const id = await slurm(`sbatch --parsable -w ${nid} --wrap work`)
    expect(await slurm('squeue')).toMatch(/JOBID PARTITION[\s\S]*workq +wrap +root +R /)
    await slurm(`scancel ${id}`)
    expect(await slurm('squeue -h')).toBe('')
    await lab.nodes.get(node)!.powerOff()
    expect(await slurm(`scontrol -o show node ${nid}`)).toContain('State=DOWN* ')
  })
})

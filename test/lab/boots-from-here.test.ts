import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { typed } from '../../runner/cli/io.fixture.ts'

// A boot is judged by the nodes that it boots, not by the host that the task is for.

let folder: string
let lab: Lab
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'boots-from-here-'))
  lab = await raiseLab({ folder: join(folder, 'lab') })
})
afterAll(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

function plan(hosts: string, limit: string, ...more: readonly string[]) {
  const file = join(folder, 'playbook.yaml')
  writeFileSync(
    file,
    `playbook: p\nplays:\n  - play: p\n    hosts: ${hosts}\n    tasks:\n      - ensure: it is booted\n        bos_session: { name: s, template_name: t, operation: reboot, limit: [${limit}] }\n`,
  )
  const inventories = [...lab.inventoryFiles, ...more].flatMap((each) => ['-i', each])
  return typed(['plan', file, ...inventories], {
    stateFolder: join(folder, 'state'),
  })
}
it('boots other nodes from the machine of the run, and never that machine', async () => {
  lab.system.bos.templates.set('t', {
    name: 't',
    boot_sets: { compute: { path: 's3://b/m', type: 's3', node_roles_groups: ['Compute'] } },
  } as never)
  const other = await plan('localhost', 'x3000c0s19b1n0')
  expect(other).toMatchObject({ exit: 2, err: '' })
  expect(other.out).toContain('would change  ensure: it is booted: localhost')
  const here = join(folder, 'here.yaml')
  writeFileSync(here, 'hosts: { x3000c0s19b1n0: { connection: local } }\n')
  const own = await plan('x3000c0s19b1n0', 'x3000c0s19b1n0', here)
  expect(own.exit).toBe(1)
  expect(own.out.replace(/\s+/g, ' ')).toContain('this is the machine that the run itself is on')
  const neighbour = await plan('x3000c0s19b1n0', 'x3000c0s19b2n0', here)
  expect(neighbour.exit).toBe(2)
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'
import { labNodes } from '../../lab/inhabitants.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'

// A reboot or a restart as a step of its own, where something says when it need not happen.

let lab: Lab
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'run-events-'))
  lab = await raiseLab({ folder: join(folder, 'lab'), nodes: labNodes.slice(0, 2) })
})
afterAll(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

const head = `playbook: Events
plays:
  - play: they happen
    hosts: x3000c0s19b1n0
    tasks:
`

async function type(verb: string, tasks: string, ...more: readonly string[]) {
  const file = join(folder, 'events.yaml')
  writeFileSync(file, head + tasks)
  const inventories = lab.inventoryFiles.flatMap((each) => ['-i', each])
  return typed([verb, file, ...(verb === 'validate' ? [] : inventories), ...more], {
    stateFolder: join(folder, 'state'),
  })
}

describe('an event that is run', () => {
  it('reboots a node, goes on behind it, and does not do it again', async () => {
    const node = lab.nodes.get('x3000c0s19b1n0')!
    const before = node.bootId
    const tasks = `      - run: the node is rebooted
        reboot: {}
        unless: "! grep -q ${before} /proc/sys/kernel/random/boot_id"
      - require: it is another boot
        command: { argv: [cat, /proc/sys/kernel/random/boot_id], stdout: { not: "${before}" } }
`
    const plan = await type('plan', tasks)
    expect(plan.exit).toBe(2)
    expect(plan.out).toMatch(/would change +run: the node is rebooted/)
    const first = await type('run', tasks)
    expect(first).toMatchObject({ exit: 0 })
    expect(first.out).toMatch(/changed +run: the node is rebooted/)
    expect(node.bootId).not.toBe(before)
    const after = node.bootId
    const second = await type('run', tasks)
    expect(second.out).toContain('true already')
    expect(node.bootId).toBe(after)
  })

  it('restarts a service where an earlier task changed something', async () => {
    const tasks = `      - ensure: the settings are right
        copy: { dest: /etc/site.conf, content: "level=2\\n" }
        register: settings
      - run: cron has read them
        systemd_service: { name: cron, state: restarted }
        when: settings.changed
        register: restarted
      - require: it was so, or need not be
        that: restarted.changed == settings.changed
`
    expect((await type('run', tasks)).out).toMatch(/changed +run: cron has read them/)
    const second = await type('run', tasks)
    expect(second.out).toMatch(/skipped +run: cron has read them/)
    expect(second.out).toContain('true already')
  })

  it.each([
    [
      '      - run: x\n        reboot: {}\n',
      'nothing says when reboot need not happen: it would happen in every run',
    ],
    [
      '      - run: x\n        systemd_service: { name: cron, state: restarted }\n        when: facts.sp == 5\n',
      'nothing says when systemd_service need not happen',
    ],
    [
      '      - ensure: x\n        reboot: {}\n',
      'reboot without a state is an event, not a state: it would never be true',
    ],
    [
      '      - ensure: x\n        systemd_service: { name: cron, state: restarted }\n',
      "'restarted' is an event, not a state",
    ],
    [
      '      - run: x\n        systemd_service: { name: cron, state: started }\n        unless: "false"\n',
      'systemd_service has a state; run is for what has none',
    ],
    [
      '      - run: x\n        reboot: {}\n        unless: "false"\n        failed_when: "true"\n',
      'failed_when does not go with reboot',
    ],
  ])('is refused where it makes no sense: %j', async (tasks, message) => {
    const { exit, err, out } = await type('validate', tasks)
    expect(exit).toBe(3)
    expect((err + out).replace(/\s+/g, ' ')).toContain(message)
  })
})

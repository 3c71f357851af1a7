import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from '../../runner/cli/io.fixture.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'

// A playbook as the page that it replaces, with the commands for one node of the rehearsal lab.

const root = join(import.meta.dirname, '../..')
const playbook = join(root, 'playbooks/remote-build-node.yaml')
const node = 'x3000c0s19b1n0'
let folder = ''
let lab: Lab
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-docs-'))
  lab = await raiseLab({ folder: join(folder, 'lab') })
})
afterAll(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})
const trueup = (...argv: readonly string[]): Promise<Ended> =>
  typed(argv, {
    cwd: folder,
    stateFolder: join(folder, 'state'),
    env: { HOME: folder, PATH: process.env['PATH'] },
  })
const inventory = (): readonly string[] => lab.inventoryFiles.flatMap((each) => ['-i', each])

/** The parts of a page, by the heading of the step. */
function steps(page: string): ReadonlyMap<string, string> {
  return new Map(
    page
      .split(/^### \d+\. /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')), part]),
  )
}

describe('trueup docs', () => {
  it('says for each step in which role it is done', async () => {
    const page = steps((await trueup('docs', playbook)).out)
    expect(page.get('Podman is installed')).toContain('`cn#`: Made true with `package`')
    expect(page.get('the public key that IMS signs in with')).toContain(
      '`ncn-mw#`: Read with `k8s_config_map`',
    )
    expect(page.get('the node is registered with IMS')).toContain('Service `ims`: Made true')
    const storage = steps((await trueup('docs', join(root, 'playbooks/storage.yaml'))).out)
    expect([...storage.values()].some((part) => part.includes('`ncn-m#`'))).toBe(true)
  })

  it('shows the commands that would be run for a host, and then that there are none', async () => {
    const told = await trueup('docs', playbook, '--host', node, ...inventory())
    expect([told.exit, told.err]).toEqual([0, ''])
    expect(told.out).toContain(`# IMS remote build nodes on ${node}`)
    const page = steps(told.out)
    expect(page.get('Podman is installed')).toMatch(/```text\ncn# zypper .*install.* podman\n```/)
    expect(page.get('the node is registered with IMS')).toMatch(/```text\nPOST ims:\S+\n```/)
    expect(page.get('the public key that IMS signs in with')).toContain(
      'Nothing to do: it is so already.',
    )
    expect(page.get('IMS can run jobs on the node')).toContain('Unknown')
    expect((await trueup('run', playbook, '--limit', node, ...inventory())).exit).toBe(0)
    const after = await trueup('docs', playbook, '--host', node, ...inventory())
    expect(after.exit).toBe(0)
    // Blocks that are left show what a command prints, not one that would be run.
    expect(after.out).not.toMatch(/```text\n(?:\w*# |[A-Z]+ \w+:)/)
  })

  it('shows what a `run` would run, and of no_log nothing', async () => {
    const file = join(folder, 'here.yaml')
    writeFileSync(
      file,
      `playbook: here\ninputs:\n  word: { type: string, description: A word }\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - run: it is said\n        command: { argv: [echo, "{{ word }} & more"] }\n      - run: it is said in secret\n        command: { argv: [echo, hushed] }\n        no_log: true\n`,
    )
    const told = await trueup('docs', file, '--host', 'localhost', '-e', 'word=hi')
    expect(told.out).toContain("# echo 'hi & more'")
    expect(told.out.split('it is said in secret')[1]).not.toMatch(/```text/)
    expect(told.out).toContain('- `argv`: hidden by `no_log`')
    expect(told.out + (await trueup('docs', file)).out).not.toContain('hushed')
    expect(await trueup('docs', file, '--host', 'nobody', '-e', 'word=hi')).toMatchObject({
      exit: 3,
    })
    expect((await trueup('docs', file, '--host', 'localhost')).err).toContain('input/missing')
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { runInLab, type Told } from '../harness/run-in-lab.ts'

// root-keys.yaml on the nodes of a rehearsal lab.

const [before, after] = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXH441HmSKpVpvks2bAHQNGEkuNqCM3ENBaKbOf0sEu',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII1OEugmocN/+b/VR1L+X3WRCHa3ubkZitf8tu4eqarr',
]
const nodes = ['x3000c0s19b1n0', 'x3000c0s19b2n0', 'x3000c0s19b3n0', 'x3000c0s19b4n0']
let folder = ''
let lab: Lab
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'root-keys-'))
  lab = await raiseLab({ folder: join(folder, 'lab') })
  for (const node of nodes)
    await on(node, `echo '${before} admin@old' >> /root/.ssh/authorized_keys`)
})
afterAll(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

async function on(name: string, command: string): Promise<string> {
  return (await lab.nodes.get(name)!.run(command, { user: 'root' })).stdout
}
function keysOf(name: string): Promise<string> {
  return on(name, 'cat /root/.ssh/authorized_keys')
}
function rotate(...flags: readonly string[]): Promise<Told> {
  return runInLab({
    lab,
    folder,
    command: 'run',
    playbook: 'root-keys',
    flags: [
      '-e',
      'nodes=remote_build_nodes',
      '-e',
      `new_key=${after} admin@new`,
      '-e',
      `old_key=${before} some comment`,
      ...flags,
    ],
  })
}

describe('root-keys.yaml', () => {
  it('lets the new key in and asks before the old one goes: the first node, and no other, waits for a person', async () => {
    const told = await rotate()
    expect(told).toMatchObject({ exit: 1, changes: ['root may sign in with the new key'] })
    expect(told.errors.join('\n')).toContain('run/no-terminal')
    expect(await keysOf(nodes[0]!)).toContain(after)
    for (const node of nodes) expect(await keysOf(node)).toContain(before)
    for (const node of nodes.slice(1)) expect(await keysOf(node)).not.toContain(after)
  })

  it('changes the keys of all, leaves every other key, and asks nothing more', async () => {
    const others = (await Promise.all(nodes.map(keysOf))).map((text) =>
      text
        .split('\n')
        .filter((line) => line !== '' && !line.includes(before) && !line.includes(after)),
    )
    expect(await rotate('--yes')).toMatchObject({
      exit: 0,
      errors: [],
      changes: ['root may sign in with the new key', 'root may not sign in with the old key'],
    })
    for (const [i, node] of nodes.entries()) {
      const text = await keysOf(node)
      expect(text).toContain(`${after} admin@new`)
      expect(text).not.toContain(before)
      for (const other of others[i]!) expect(text).toContain(other)
    }
    expect(await rotate()).toMatchObject({ exit: 0, errors: [], changes: [] })
  })

  it('refuses a key that is none, and one in the place of itself', async () => {
    expect(await rotate('-e', 'new_key=/root/.ssh/id_ed25519.pub')).toMatchObject({ exit: 3 })
    expect(await rotate('-e', `new_key=${before} renamed`)).toMatchObject({ exit: 1, changes: [] })
  })
})

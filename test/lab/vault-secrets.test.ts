import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { newMount } from '../../lab/csm/vault/vault-records.ts'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// vault_secret against the lab's Vault, with both kinds of engines: no value shows anywhere.

const site = sharedLab('vault-secrets')
beforeAll(() => {
  site.lab.system.vault.mounts.set('kv', newMount(2))
})

const canary = 'canary-55120'
const state = join(site.folder, 'state')
function run(tasks: string): Promise<Told> {
  const values = join(site.folder, 'values.yaml')
  writeFileSync(values, `password: ${canary}\n`)
  return runTasks({
    ...site,
    inputs: 'inputs: { password: { type: string, secret: true, description: The password } }\n',
    tasks,
    state,
    flags: ['-e', `@${values}`, '--diff'],
  })
}
function* filesIn(path: string): Generator<string> {
  for (const name of readdirSync(path)) {
    const file = join(path, name)
    if (statSync(file).isDirectory()) yield* filesIn(file)
    else yield readFileSync(file, 'utf8')
  }
}
const set = (mount: string, path: string) =>
  `      - ensure: the password
        vault_secret: { mount: ${mount}, path: ${path}, values: { password: "{{ password }}" } }
`

describe.each([
  ['secret', 'csm/users/root'],
  ['kv', 'site/root'],
])('a secret of the engine %s', (mount, path) => {
  it('is set once, beside what is there, and shows nowhere', async () => {
    const first = await run(set(mount, path))
    expect(first).toMatchObject({ exit: 0, changes: ['the password'] })
    const { values, versions } = site.lab.system.vault.mounts.get(mount)!
    const held = values.get(path) ?? versions.get(path)!.at(-1)!.data
    expect(held['password']).toBe(canary)
    if (mount === 'secret') expect(held).toHaveProperty('ssh_public_key')
    expect(await run(set(mount, path))).toMatchObject({ exit: 0, changes: [] })
    expect(JSON.stringify(first)).not.toContain(canary)
    for (const text of filesIn(state)) expect(text).not.toContain(canary)
  })

  it('is deleted once, and written again afterwards', async () => {
    const gone = `      - ensure: none\n        vault_secret: { mount: ${mount}, path: ${path}, state: absent }\n`
    expect((await run(gone)).changes).toEqual(['none'])
    expect(await run(gone)).toMatchObject({ exit: 0, changes: [] })
    expect((await run(set(mount, path))).changes).toEqual(['the password'])
  })
})

import { describe, expect, it } from 'vitest'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// What stands twice, and what is replaced, on a node of a rehearsal lab.

const node = 'x3000c0s19b1n0'
const site = sharedLab('identities')

async function on(command: string): Promise<string> {
  return (await site.lab.nodes.get(node)!.run(command, { user: 'root' })).stdout
}

function run(task: string): Promise<Told> {
  return runTasks({
    ...site,
    hosts: 'remote_build_nodes',
    tasks: `      - ensure: it\n        ${task}\n`,
    flags: ['--limit', node],
  })
}

const definition = [
  '[SLE-Pool]',
  'name=SLE-Pool',
  'enabled=1',
  'autorefresh=1',
  'baseurl=https://127.0.0.1:9/old',
  'path=/',
  'type=rpm-md',
  'priority=90',
  'keeppackages=1',
  'gpgcheck=1',
  'repo_gpgcheck=0',
  'pkg_gpgcheck=1',
  'gpgkey=https://127.0.0.1:9/key',
  '',
].join('\n')
const file = '/etc/zypp/repos.d/SLE-Pool.repo'

describe('a repository that moves', () => {
  it('keeps every setting, those that the type does not know too', async () => {
    await on(`cat > ${file} <<'END'\n${definition}END`)
    const moved = await run(
      'zypper_repository: { name: SLE-Pool, repo: "https://127.0.0.1:9/new" }',
    )
    expect([moved.exit, moved.errors]).toEqual([0, []])
    expect(await on(`cat ${file}`)).toBe(definition.replace('/old', '/new'))
  })

  it('stays as it is where zypper does not take the new address', async () => {
    await on(`cat > ${file} <<'END'\n${definition}END`)
    const refused = await run('zypper_repository: { name: SLE-Pool, repo: "tftp://127.0.0.1/new" }')
    expect(refused.exit).toBe(1)
    expect(await on(`cat ${file}`)).toBe(definition)
    expect(await on('ls /etc/zypp/repos.d')).not.toContain('proof')
  })
})

const [key, other] = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXH441HmSKpVpvks2bAHQNGEkuNqCM3ENBaKbOf0sEu',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII1OEugmocN/+b/VR1L+X3WRCHa3ubkZitf8tu4eqarr',
]

describe('a key that is free in one line and restricted in another', () => {
  it('is drift, and becomes one line', async () => {
    const path = '/root/keys'
    await on(`printf '%s\\n' '${key} free' '${other}' 'command="/bin/backup" ${key} r' > ${path}`)
    const task = `authorized_key: { user: root, path: ${path}, key: '${key} box', key_options: 'command="/bin/backup"' }`
    expect((await run(task)).changes).toEqual(['it'])
    expect(await on(`cat ${path}`)).toBe(`command="/bin/backup" ${key} free\n${other}\n`)
    expect((await run(task)).changes).toEqual([])
  })
})

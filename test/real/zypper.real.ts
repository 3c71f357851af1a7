import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { playbook, desk, type Desk, type Told } from './desk.ts'
import { startNode, stopNodes, type RealNode } from './nodes.ts'

// zypper 1.14 against repositories that are well and that are not; what its exits mean for a task.

let [node, held]: RealNode[] = []
let one: Desk
let waits: Promise<Told>
beforeAll(async () => {
  // The lock is a file with the id of a process that lives.
  const lock = '(sleep 100000) >/dev/null 2>&1 & echo $! >/run/zypp.pid'
  ;[node, held] = await Promise.all([
    startNode({ name: 'x3000c0s21b1n0', at: 21 }),
    startNode({ name: 'x3000c0s21b2n0', at: 22, setup: lock }),
  ])
  one = desk([node!])
  // It waits for a minute: the other tests go on beside it, and the last one takes up what came of it.
  waits = desk([held!]).trueup('run', playbook('- ensure: a tool\n  package: { name: tool }'))
})
afterAll(async () => {
  await waits
  await stopNodes()
})
beforeEach(() => {
  node!.sh(
    'rm -f /run/zypp.pid; had=$(rpm -q --qf "%{NAME}\\n" tool late early rival needy conmon | grep -v " "); [ -z "$had" ] || rpm -e $had; rm -rf /etc/zypp/repos.d/* /var/cache/zypp; ls /usr/local/share/ca-certificates | grep -q . && rm /usr/local/share/ca-certificates/* && update-ca-certificates --fresh',
  )
})

const url = (name: string): string => `http://packages.local/repository/${name}`
const pool = url('SUSE-SLE-Module-Basesystem-15-SP5-x86_64-Pool')
const add = (alias: string, where: string): unknown =>
  node!.sh(`zypper --non-interactive addrepo ${where} ${alias}`)
const repository = (more: string): string =>
  playbook(`- ensure: the repository\n  zypper_repository: { name: it, ${more} }`)
const tool = (name: string, more = ''): string =>
  playbook(`- ensure: the package\n  package: { name: ${name}${more} }`)
const installed = (name: string): boolean => node!.sh(`rpm -q ${name}`).exit === 0

describe('repositories', () => {
  it('that are signed with a known key are refreshed', async () => {
    const told = await one.trueup('run', repository(`repo: "${pool}", runrefresh: true`))
    expect([told.exit, told.of('changed')], told.words).toEqual([0, ['the repository']])
  })

  it('that are not signed are refused, until the playbook says that signatures do not matter', async () => {
    const refused = await one.trueup(
      'run',
      repository(`repo: "${url('unsigned')}", runrefresh: true`),
    )
    expect(refused.outcomes, refused.words).toEqual(['failed: the repository (action/failed)'])
    expect(refused.words).toMatch(/unsigned/i)
    const taken = await one.trueup(
      'run',
      repository(`repo: "${url('unsigned')}", runrefresh: true, disable_gpg_check: true`),
    )
    expect([taken.exit, taken.of('changed')], taken.words).toEqual([0, ['the repository']])
    const had = await one.trueup('run', tool('tool'))
    expect([had.exit, installed('tool')], had.words).toEqual([0, true])
  })

  it('that are signed with a strange key are refused, until the playbook trusts it', async () => {
    const refused = await one.trueup(
      'run',
      repository(`repo: "${url('foreign')}", runrefresh: true`),
    )
    expect(refused.outcomes, refused.words).toEqual(['failed: the repository (action/failed)'])
    expect(refused.words).toMatch(/key|signature/i)
    node!.sh('zypper --non-interactive removerepo it')
    const taken = await one.trueup(
      'run',
      repository(`repo: "${url('foreign')}", auto_import_keys: true`),
    )
    expect(taken.exit, taken.words).toBe(0)
    const had = await one.trueup('run', tool('tool'))
    expect([had.exit, installed('tool')], had.words).toEqual([0, true])
    node!.sh(
      "rpm -e $(rpm -q gpg-pubkey --qf '%{NAME}-%{VERSION}-%{RELEASE} %{SUMMARY}\\n' | sed -n 's/ .*stranger.*//p')",
    )
  })

  it.each([
    ['dead', 'http://packages.local:81/x', /connect|refused|81/i],
    ['not there', 'http://packages.local/repository/none', /404|metadata not found/i],
  ])('that are %s are named', async (_, where, words) => {
    const told = await one.trueup('run', repository(`repo: "${where}", runrefresh: true`))
    expect(told.outcomes, told.words).toEqual(['failed: the repository (action/failed)'])
    expect(told.words).toMatch(words)
  })

  it('with a private authority are refused, until the node trusts it', async () => {
    const secure = 'https://packages.local/repository/SUSE-SLE-Module-Basesystem-15-SP5-x86_64-Pool'
    const refused = await one.trueup('run', repository(`repo: "${secure}", runrefresh: true`))
    expect(refused.outcomes, refused.words).toEqual(['failed: the repository (action/failed)'])
    expect(refused.words).toMatch(/certificate/i)
    node!.sh(
      'curl --silent --fail http://packages.local/ca.crt --output /usr/local/share/ca-certificates/platform.crt && update-ca-certificates',
    )
    node!.sh('zypper --non-interactive removerepo it')
    const taken = await one.trueup('run', repository(`repo: "${secure}", runrefresh: true`))
    expect(taken.exit, taken.words).toBe(0)
  })

  it('are moved to another URL, and set back', async () => {
    add('it', url('updates'))
    const moved = await one.trueup(
      'run',
      repository(`repo: "${pool}/", priority: 3, enabled: false`),
    )
    expect(moved.exit, moved.words).toBe(0)
    expect(node!.sh('cat /etc/zypp/repos.d/it.repo').stdout).toMatch(
      /enabled=0[\s\S]*Basesystem[\s\S]*priority=3/,
    )
    expect(
      (await one.trueup('run', repository(`repo: "${pool}", priority: 3, enabled: false`))).of(
        'changed',
      ),
    ).toEqual([])
  })

  it('wait for a lock that is held for a while', async () => {
    node!.sh('(sleep 4; rm /run/zypp.pid) >/dev/null 2>&1 & echo $! >/run/zypp.pid')
    const told = await one.trueup('run', repository(`repo: "${pool}"`))
    expect([told.exit, told.of('changed')], told.words).toEqual([0, ['the repository']])
  })
})

describe('packages', () => {
  it('exit 4: what it requires is nowhere', async () => {
    add('odd', url('odd'))
    const told = await one.trueup('run', tool('needy'))
    expect(told.outcomes, told.words).toEqual(['failed: the package (action/failed)'])
    expect(told.words).toMatch(/exit 4[\s\S]*nothing-has-it/)
  })

  it('exit 7 is not met when the lock is let go of', async () => {
    add('base', pool)
    node!.sh('(sleep 4; rm /run/zypp.pid) >/dev/null 2>&1 & echo $! >/run/zypp.pid')
    const told = await one.trueup('run', tool('tool'))
    expect([told.exit, installed('tool')], told.words).toEqual([0, true])
  })

  it.each([
    ['a file that is gone', 'gone', /404|not found|gone-1\.0/i],
    ['a scriptlet before', 'early', /early|%pre|scriptlet/i],
  ])('exit 8: %s', async (_, name, words) => {
    add('odd', url('odd'))
    const told = await one.trueup('run', tool(name))
    expect(told.outcomes, told.words).toEqual(['failed: the package (action/failed)'])
    expect(told.words).toMatch(/exit 8/)
    expect(told.words).toMatch(words)
  })

  it('exit 8: a file that another package has', async () => {
    add('base', pool)
    add('odd', url('odd'))
    node!.sh('zypper --non-interactive install tool')
    const told = await one.trueup('run', tool('rival'))
    expect(told.outcomes, told.words).toEqual(['failed: the package (action/failed)'])
    expect(told.words).toMatch(/conflict|\/usr\/bin\/tool/i)
  })

  it('exit 104: no repository has it', async () => {
    add('base', pool)
    const told = await one.trueup('run', tool('[tool, nowhere]'))
    expect(told.outcomes, told.words).toEqual(['failed: the package (action/failed)'])
    expect(told.words).toMatch(/exit 104[\s\S]*nowhere/)
    expect(installed('tool')).toBe(false)
  })

  it('exit 104: the true cause is a key that nobody trusts', async () => {
    add('it', url('foreign'))
    const told = await one.trueup('run', tool('tool'))
    expect(told.outcomes, told.words).toEqual(['failed: the package (action/failed)'])
    expect(told.words).toMatch(/signature|key/i)
  })

  it('exit 104: the true cause is a repository that is dead', async () => {
    add('it', 'http://packages.local:81/x')
    const told = await one.trueup('run', tool('tool'))
    expect(told.outcomes, told.words).toEqual(['failed: the package (action/failed)'])
    expect(told.words).toMatch(/packages\.local|repositor/i)
  })

  it('exit 106: another repository is dead, and it worked', async () => {
    add('base', pool)
    add('dead', 'http://packages.local:81/x')
    const told = await one.trueup('run', tool('tool'))
    expect([told.exit, told.of('changed'), installed('tool')], told.words).toEqual([
      0,
      ['the package'],
      true,
    ])
    expect(told.words).toMatch(/repository\s+was\s+skipped/)
  })

  it('exit 107: the scriptlet behind it failed, and it is installed', async () => {
    add('odd', url('odd'))
    const told = await one.trueup('run', tool('late'))
    expect([told.exit, told.of('changed'), installed('late')], told.words).toEqual([
      0,
      ['the package'],
      true,
    ])
    expect(told.words).toMatch(/script\s+of\s+a\s+package\s+failed/)
  })

  it('latest: what a repository has newer is had, once', async () => {
    add('base', pool)
    await one.trueup('run', tool('tool'))
    expect((await one.trueup('run', tool('tool', ', state: latest'))).of('changed')).toEqual([])
    add('updates', url('updates'))
    const told = await one.trueup('run', tool('tool', ', state: latest, update_cache: true'))
    expect([told.exit, told.of('changed'), node!.sh('rpm -q tool').stdout], told.words).toEqual([
      0,
      ['the package'],
      'tool-1.1-1.noarch\n',
    ])
    expect((await one.trueup('run', tool('tool', ', state: latest'))).of('changed')).toEqual([])
  })

  it('exit 7: a lock that stays is waited for, and named', async () => {
    const told = await waits
    expect(told.outcomes, told.words).toEqual(['failed: a tool (action/failed)'])
    expect(told.words).toMatch(/exit 7[\s\S]*locked/)
  })
})

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playbook, desk } from './desk.ts'
import { checked, startNode, stopNodes, type RealNode } from './nodes.ts'
import { work } from './places.ts'

// What OpenSSH's sshd, sudo and login shells do under pressure, and what a run makes of it.

let [node, far, narrow, strict]: RealNode[] = []
beforeAll(async () => {
  ;[node, far, narrow, strict] = await Promise.all([
    startNode({
      name: 'x3000c0s31b1n0',
      at: 31,
      setup:
        'mkdir /small /fixed; mount -t tmpfs -o size=64k small /small; mount -t tmpfs -o ro fixed /fixed',
    }),
    startNode({ name: 'x3000c0s31b2n0', at: 32, sshd: '-o LogLevel=DEBUG1' }),
    startNode({ name: 'x3000c0s31b3n0', at: 33, sshd: '-o MaxSessions=1' }),
    startNode({ name: 'x3000c0s31b4n0', at: 34, sshd: '-o MaxStartups=3:70:6' }),
  ])
})
afterAll(stopNodes)

const mark = playbook('- ensure: a mark\n  copy: { dest: /tmp/mark, content: made }')
const become = '    become: true\n'
const asked = playbook(
  '- read: who I am\n  command: { argv: [id, -un] }\n  register: me\n- require: it is root\n  that: me.stdout.startsWith("root")',
  'remote_build_nodes',
  become,
)

describe('logins', () => {
  it('fifty at once at one host succeed, also where its sshd drops some of them', async () => {
    for (const host of [node!, strict!]) {
      const crowd = desk(
        Array.from({ length: 50 }, (_, i) => ({
          node: host,
          name: `nid${String(i + 1).padStart(6, '0')}`,
        })),
      )
      const told = await crowd.trueup(
        'run',
        playbook('- require: it answers\n  command: { argv: [echo, hello], rc: 0 }'),
        '--forks',
        '50',
      )
      expect([told.exit, told.of('ok').length], told.words).toEqual([0, 50])
    }
    expect(strict!.log()).toMatch(/MaxStartups|drop connection/)
  })

  it.each([
    ['one session at a time', () => narrow!],
    ['ten sessions at a time', () => far!],
  ])('%s is enough for thirty hosts whose tasks meet on one connection', async (_, gate) => {
    const crowd = desk([
      { node: gate(), name: 'gate' },
      ...Array.from({ length: 30 }, (__, i) => ({
        node: node!,
        name: `nid${String(i + 1).padStart(6, '0')}`,
      })),
    ])
    writeFileSync(join(crowd.folder, 'load.bin'), Buffer.alloc(300_000, 7))
    const told = await crowd.trueup(
      'run',
      playbook(
        `
- ensure: a file for it
  copy: { dest: "/tmp/{{ host.name }}", src: load.bin }
  delegate_to: gate
- read: how large it is
  command: { argv: [stat, -c, '%s', "/tmp/{{ host.name }}"] }
  delegate_to: gate
`,
        'nid*',
      ),
      '--forks',
      '30',
    )
    expect([told.exit, told.of('changed').length, told.of('failed')], told.words).toEqual([
      0,
      30,
      [],
    ])
  })

  it.each(['talker', 'csher'])(
    'the shell of %s prints, or is no POSIX shell, and spoils nothing',
    async (user) => {
      const one = desk([{ node: node!, lines: [`user: ${user}`] }])
      const told = await one.trueup('run', asked)
      expect(told.exit, told.words).toBe(0)
      const written = await one.trueup(
        'run',
        playbook(`- ensure: a mark\n  copy: { dest: /tmp/mark-of-${user}, content: "it's $HOME" }`),
      )
      expect([written.exit, node!.sh(`cat /tmp/mark-of-${user}`).stdout], written.words).toEqual([
        0,
        "it's $HOME",
      ])
    },
  )

  it('asks sshd for nothing that nobody needs', async () => {
    const before = far!.log().length
    const told = await desk([{ node: far! }]).trueup('run', mark)
    expect(told.exit, told.words).toBe(0)
    const log = far!.log().slice(before)
    expect(log).toContain('Accepted publickey')
    expect(log).toContain('debug1: ')
    // The proof of each of its host keys would be a signature of each.
    expect(log).not.toContain('hostkeys-prove')
  })

  it('an account without a shell is named as such', async () => {
    const told = await desk([{ node: node!, lines: ['user: shut'] }]).trueup('run', mark)
    expect(told.exit).toBe(1)
    expect(told.words).toMatch(/not available|nologin/)
  })

  it('a node that is booting is named as such', async () => {
    far!.sh('echo "System is booting up." >/run/nologin')
    const told = await desk([{ node: far!, lines: ['user: admin'] }]).trueup('run', mark)
    far!.sh('rm /run/nologin')
    expect(told.outcomes[0]).toMatch(/^unreachable/)
    expect(told.words).toMatch(/booting/)
  })

  it('another host key than the known one ends it', async () => {
    const one = desk([node!])
    one.write('known_hosts', `${node!.address} ${far!.hostKey}\n`)
    const told = await one.trueup('run', mark)
    expect([told.exit, told.words]).toEqual([1, expect.stringMatching(/connect\/host-key-changed/)])
  })

  it('an encrypted key is opened, and one that stays closed is named', async () => {
    const key = join(work, 'encrypted')
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', key])
    node!.sh(`echo '${readFileSync(`${key}.pub`, 'utf8').trim()}' >>/root/.ssh/authorized_keys`)
    const one = desk([{ node: node!, lines: [`key_files: ${key}`, 'key_passphrase_file: phrase'] }])
    one.write('phrase', 'open sesame\n')
    const told = await one.trueup('run', mark)
    expect(told.exit, told.words).toBe(0)
    one.write('phrase', 'open barley\n')
    const shut = await one.trueup('run', mark)
    expect([shut.exit, shut.words]).toEqual([1, expect.stringMatching(/passphrase/)])
  })

  it('the agent signs', async () => {
    const key = join(work, 'agents')
    const socket = join(work, 'agent.sock')
    spawnSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', key])
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    try {
      while (
        spawnSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
          .status !== 0
      )
        await new Promise((resolve) => setTimeout(resolve, 50))
      node!.sh(`echo '${readFileSync(`${key}.pub`, 'utf8').trim()}' >>/root/.ssh/authorized_keys`)
      spawnSync('rm', [key])
      const one = desk([node!], { env: { SSH_AUTH_SOCK: socket } })
      const path = join(one.folder, 'inventory.yaml')
      writeFileSync(path, readFileSync(path, 'utf8').replace(/ +key_files:.*\n/, ''))
      const told = await one.trueup('run', mark)
      expect(told.exit, told.words).toBe(0)
    } finally {
      agent.kill()
    }
  })

  it('two jumps lead to a node that only the second one reaches', async () => {
    far!.sh('rm -f /tmp/mark')
    // Packets from anywhere else are not answered.
    far!.sh(`ip route del 10.92.100.0/24; ip route add ${narrow!.address} dev eth0`)
    const jumping = desk([
      { node: far!, lines: ['jump: [gate, last]'] },
      { node: node!, name: 'gate' },
      { node: narrow!, name: 'last' },
    ])
    const told = await jumping.trueup('run', mark, '--limit', far!.name)
    far!.sh(`ip route add 10.92.100.0/24 dev eth0 src ${far!.address} quickack 1`)
    expect([told.exit, told.of('changed')], told.words).toEqual([0, ['a mark']])
    expect(far!.log()).toMatch(new RegExp(`Accepted publickey for root from ${narrow!.address}`))
  })
})

describe('sudo', () => {
  const lines = ['user: admin', 'become_password_file: password']

  it('with a password and a lecture', async () => {
    const one = desk([{ node: node!, lines }])
    one.write('password', 'rehearsal\n')
    const told = await one.trueup('run', asked)
    expect(told.exit, told.words).toBe(0)
  })

  it('with a wrong password, and for a user whom it does not know', async () => {
    const one = desk([{ node: node!, lines }])
    one.write('password', 'canary-5150\n')
    const told = await one.trueup('run', asked)
    expect([told.exit, told.words]).toEqual([1, expect.stringMatching(/become\//)])
    expect(told.words).not.toContain('canary')
    const guest = desk([{ node: node!, lines: ['user: guest', 'become_password_file: password'] }])
    guest.write('password', 'rehearsal\n')
    const refused = await guest.trueup('run', asked)
    expect([refused.exit, refused.words]).toEqual([1, expect.stringMatching(/sudoers|may not/)])
  })
})

describe('trouble', () => {
  it.each([
    ['small', /no space left|full/i],
    ['fixed', /read-only/i],
  ])('/%s is named: there is no room, or no writing', async (folder, words) => {
    const one = desk([node!])
    writeFileSync(join(one.folder, 'load.bin'), Buffer.alloc(300_000, 7))
    const told = await one.trueup(
      'run',
      playbook(`- ensure: a file\n  copy: { dest: /${folder}/file, src: load.bin }`),
    )
    expect(told.outcomes, told.words).toEqual(['failed: a file (action/failed)'])
    expect(told.words).toMatch(words)
    const small = await one.trueup(
      'run',
      playbook(`- ensure: a text\n  copy: { dest: /${folder}/text, content: "${'x'.repeat(40)}" }`),
    )
    expect([folder, small.exit]).toEqual([folder, folder === 'small' ? 0 : 1])
    expect(node!.sh(`ls -A /${folder}`).stdout).toBe(folder === 'small' ? 'text\n' : '')
  })

  it('200 MB arrive whole', async () => {
    const one = desk([node!])
    const path = join(one.folder, 'image.bin')
    const file = openSync(path, 'w')
    writeSync(file, Buffer.from('begin'), 0, 5, 0)
    writeSync(
      file,
      Buffer.alloc(1_000_000, Buffer.from([0, 255, 10, 13, 39])),
      0,
      1_000_000,
      100_000_000,
    )
    ftruncateSync(file, 200_000_000)
    closeSync(file)
    const told = await one.trueup(
      'run',
      playbook(
        '- ensure: an image\n  copy: { dest: /var/image.bin, src: image.bin, mode: "0640" }',
      ),
    )
    expect(told.exit, told.words).toBe(0)
    expect(
      node!.sh(
        'sha256sum </var/image.bin; stat -c "%a %s" /var/image.bin; ls -A /var | grep -c image',
      ).stdout,
    ).toBe(
      `${createHash('sha256').update(readFileSync(path)).digest('hex')}  -\n640 200000000\n1\n`,
    )
    node!.sh('rm /var/image.bin')
  })

  const long = playbook(
    '- run: something long\n  command: { cmd: "touch /tmp/began; sleep 600" }\n- ensure: a mark\n  copy: { dest: /tmp/mark, content: made }',
  )
  const begun = async (one: RealNode): Promise<void> => {
    while (one.sh('test -e /tmp/began').exit !== 0)
      await new Promise((resolve) => setTimeout(resolve, 100))
  }

  it('a node that is killed in the middle of a task is unreachable, and the others go on', async () => {
    const victim = await startNode({ name: 'x3000c0s31b6n0', at: 36 })
    const both = desk([victim, node!])
    const running = both.trueup(
      'run',
      playbook(
        `- run: something long\n  command: { cmd: "touch /tmp/began; sleep 600" }\n  when: host.name == "${victim.name}"\n- ensure: a mark\n  copy: { dest: /tmp/mark-2, content: made }`,
      ),
    )
    await begun(victim)
    await victim.kill()
    const told = await running
    expect(told.exit).toBe(1)
    expect(
      told.outcomes.filter((each) => each.startsWith('unreachable')),
      told.words,
    ).toHaveLength(1)
    expect(told.of('changed')).toEqual(['a mark'])
  })

  it('a link that is cut in the middle of a task is noticed, and the command ends too', async () => {
    const cut = await startNode({
      name: 'x3000c0s31b5n0',
      at: 35,
      sshd: '-o ClientAliveInterval=1 -o ClientAliveCountMax=2',
    })
    // As an operator may have it; without it a minute passes. The mount is this test's own, and ends with its namespace.
    const config = join(work, 'ssh_config')
    writeFileSync(config, `Host ${cut.address}\n  ServerAliveInterval 2\n  ServerAliveCountMax 2\n`)
    checked('mount', ['--bind', config, '/etc/ssh/ssh_config'])
    const running = desk([cut]).trueup('run', long)
    await begun(cut)
    cut.link('down')
    const told = await running
    expect(told.outcomes[0], told.words).toMatch(/^unreachable/)
    // sshd notices by itself; the script then ends the command that it watched over.
    while (cut.sh('pgrep -x sleep').exit === 0)
      await new Promise((resolve) => setTimeout(resolve, 500))
    expect(cut.sh('test -e /tmp/mark').exit).toBe(1)
    cut.link('up')
    const again = await desk([cut]).trueup('run', mark)
    expect(again.exit, again.words).toBe(0)
  })
})

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNode, stopNodes, type RealNode } from './nodes.ts'
import { packages, work } from './places.ts'

// What is installed where there is no clone: by npm, as one file, by rpm and dpkg, and in a container.

const named = (pattern: RegExp): string => {
  const found = readdirSync(packages).find((name) => pattern.test(name))
  if (found === undefined) throw new Error(`no ${pattern} in ${readdirSync(packages).join(', ')}`)
  return found
}
/** An account that is not root, as a number: it needs no entry in /etc/passwd. */
const ordinary = 61_234
const works = /^demo: 4 hosts, first run 20 changed, second run 0 changed/m

function run(program: string, argv: readonly string[], more: object = {}) {
  const { status, stdout, stderr } = spawnSync(program, argv, {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
    ...more,
  })
  return { status, out: stdout, err: stderr }
}

describe('by npm', () => {
  const home = join(work, 'npm-user')
  const options = {
    uid: ordinary,
    gid: ordinary,
    cwd: '/',
    env: {
      HOME: home,
      PATH: `${home}/.local/bin:${process.env['PATH']}`,
      XDG_STATE_HOME: join(home, 'state'),
    },
  }

  it('an ordinary user installs the tarball without a compiler and a network, and everything works', () => {
    mkdirSync(home, { recursive: true })
    chownSync(home, ordinary, ordinary)
    chmodSync(work, 0o755)
    const tarball = join(packages, named(/\.tgz$/))
    chmodSync(packages, 0o755)
    const installed = run(
      'npm',
      ['install', '-g', '--offline', '--prefix', `${home}/.local`, tarball],
      options,
    )
    expect(installed.status, installed.err).toBe(0)
    expect(run('trueup', ['demo'], options).out).toMatch(works)
    expect(run('trueup', ['types', 'file'], options).out).toContain('file')
    expect(run('trueup', ['shipped', 'playbooks'], options).out).toContain('playbooks/storage.yaml')
    const lab = join(home, 'lab')
    expect(run('trueup', ['lab', 'up', '--folder', lab], options).status).toBe(0)
    expect(run('trueup', ['lab', 'down', '--folder', lab], options).status).toBe(0)
  })
})

describe('one file', () => {
  it('has the same bytes, wherever it is built', () => {
    const root = join(import.meta.dirname, '../..')
    const digests = ['here', 'there/and/deeper'].map((folder) => {
      const out = join(work, folder)
      const words = ['--platform', `linux-${process.arch}`, '--only', 'one-file', '--level', '0']
      const made = run(process.execPath, [
        join(root, 'tools/package/package.mjs'),
        ...[...words, '--out', out],
      ])
      expect(made.status, made.err).toBe(0)
      const file = readdirSync(out).find((name) => /^trueup-[^/]*-linux-\w+$/.test(name))!
      const digest = createHash('sha256')
        .update(readFileSync(join(out, file)))
        .digest('hex')
      rmSync(out, { recursive: true })
      return digest
    })
    expect(digests[1]).toBe(digests[0])
  })

  it('for arm64 starts under an emulator', () => {
    const file = join(packages, named(/^trueup-.*-linux-arm64$/))
    const { out, err } = run(
      'qemu-aarch64-static',
      ['-L', '/usr/aarch64-linux-gnu', file, '--version'],
      {
        env: { ...process.env, HOME: join(work, 'arm') },
      },
    )
    expect(out, err).toContain('linux-arm64')
  })
})

describe('on a node', () => {
  let node: RealNode
  beforeAll(async () => {
    node = await startNode({ name: 'packaged', at: 190, size: '1536m' })
  })
  afterAll(stopNodes)
  const fetched = (name: string, to: string): string =>
    `curl -fsS -o ${to} http://packages.local/packages/${name}`

  it('the executable works from where it was copied, own types included', () => {
    const name = named(/^trueup-.*-linux-x64$/)
    const ran = node.sh(`
      ${fetched(name, '/opt/trueup')} && chmod 0755 /opt/trueup && cd /root &&
      /opt/trueup --version && /opt/trueup demo | tail -n 1 &&
      /opt/trueup new type site.motd --ts >/dev/null && /opt/trueup test types | tail -n 1 &&
      /opt/trueup shipped copy playbooks/storage.yaml . && rm /opt/trueup`)
    expect(ran.exit, ran.stderr + ran.stdout).toBe(0)
    expect(ran.stdout).toMatch(works)
    expect(ran.stdout).toContain('all laws hold')
    expect(ran.stdout).toContain('/root/storage.yaml')
    expect(ran.stderr).toBe('')
  })

  it('the RPM is installed, works, is whole, and leaves nothing but what was changed', () => {
    const ran = node.sh(`
      ${fetched(named(/\.x86_64\.rpm$/), '/root/trueup.rpm')} &&
      rpm --nodeps -i /root/trueup.rpm && trueup --version && trueup demo | tail -n 1 &&
      rpm --nodeps -V trueup && ls /usr/share/man/man1/trueup.1.gz /usr/share/trueup/playbooks/storage.yaml \\
        /usr/share/bash-completion/completions/trueup /usr/lib/systemd/system/trueup-drift@.timer /usr/share/doc/trueup/LICENSE &&
      echo 'forks: 7' >/etc/trueup/config.yaml && trueup config | grep ^forks &&
      rpm -e trueup; ls /usr/bin/trueup /usr/share/trueup; ls /etc/trueup; rm -rf /etc/trueup`)
    expect(ran.stdout).toMatch(works)
    expect(ran.stdout).toMatch(/^forks +7 +\/etc\/trueup\/config\.yaml:1:8$/m)
    expect(ran.stdout).toContain('config.yaml.rpmsave')
    expect(ran.stderr).toContain("cannot access '/usr/bin/trueup'")
    expect(ran.stderr).toContain("cannot access '/usr/share/trueup'")
  })

  it('the deb is installed, works, and is removed', () => {
    const ran = node.sh(`
      ${fetched(named(/_amd64\.deb$/), '/root/trueup.deb')} &&
      dpkg --force-depends -i /root/trueup.deb >/dev/null && trueup demo | tail -n 1 && dpkg --verify trueup &&
      dpkg -P trueup >/dev/null; ls /usr/bin/trueup /etc/trueup`)
    expect(ran.stdout).toMatch(works)
    expect(ran.stderr).toContain("cannot access '/usr/bin/trueup'")
    expect(ran.stderr).toContain("cannot access '/etc/trueup'")
  })
})

describe('a container', () => {
  it('is built from scratch, is not root, and keeps its state on a volume', () => {
    const store = [
      '--root',
      join(work, 'images'),
      '--runroot',
      join(work, 'images-run'),
      '--storage-driver',
      'vfs',
    ]
    const buildah = (...words: readonly string[]) =>
      run('buildah', [...store, ...words], { cwd: packages })
    const built = buildah(
      'build',
      '--isolation',
      'chroot',
      '-t',
      'trueup',
      join(packages, 'container'),
    )
    expect(built.status, built.err).toBe(0)
    const from = buildah('from', '--name', 'tried', 'localhost/trueup')
    expect(from.status, from.err).toBe(0)
    try {
      const inside = (...words: readonly string[]) =>
        buildah('run', '--isolation', 'chroot', 'tried', '--', '/usr/bin/trueup', ...words)
      expect(inside('--version').out).toMatch(/^trueup \d/)
      expect(inside('demo').out).toMatch(works)
      const history = inside('history')
      expect(history.status, history.err).toBe(0)
      expect(buildah('inspect', '--format', '{{.OCIv1.Config.User}}', 'tried').out.trim()).toBe(
        '10001:10001',
      )
    } finally {
      buildah('rm', 'tried')
    }
  })
})

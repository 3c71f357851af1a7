// `npm run test:real`: the same types and playbooks against real programs (sshd, sudo, zypper, rpm, mount, blkid, mkfs, Ceph, rbd) on nodes
// that are namespaces of this machine, or user-mode Linux. Needs root on Debian 12; elsewhere it says so and ends with 0, since there is nothing to be found wrong.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  utimesSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseline, leftovers, watchDescendants } from './leftovers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(here))
const packages = [
  'mmdebstrap',
  'rpm',
  'createrepo-c',
  'gnupg',
  'openssl',
  'iproute2',
  'openssh-client',
  'util-linux',
  'user-mode-linux',
  'tcc',
  'zsh',
  'fish',
  'man-db',
  'buildah',
  'qemu-user-static',
  'libc6-arm64-cross',
  'libstdc++6-arm64-cross',
]
const limit = 15 * 60_000

const missing = whyNot()
if (missing) {
  say(
    `skipped: ${missing}. NOTHING was tested against real sshd, sudo, zypper, rpm, mount, blkid, mkfs, Ceph and rbd.`,
  )
  process.exit(0)
}

const running = new Set()
let interrupted = null
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted ??= signal
    for (const each of running) each.kill('SIGKILL')
  })
}

const began = Date.now()
const before = baseline()
removeAbandoned()
const packaged = mkdtempSync(join(tmpdir(), `trueup-real-packages-${process.pid}-`))
const marks = mkdtempSync(join(tmpdir(), `trueup-real-${process.pid}-`))
const seen = watchDescendants()
const tiers = {}
let code = 1
try {
  installPackages()
  // Side by side, and both to their end, so that neither is left behind where the other fails.
  const built = await Promise.allSettled([
    (async () => {
      const nodes = await cached('', ['golden.sh', 'repositories.sh'], async (draft, script) => {
        await script('repositories.sh', join(draft, 'built'))
        await script('golden.sh', join(draft, 'golden'), join(draft, 'built'))
      })
      const storage = await cached(
        'storage-',
        ['ceph.sh', 'ptrace.c', 'golden.sh', 'repositories.sh'],
        (draft, script) => script('ceph.sh', draft, join(nodes, 'built'), join(nodes, 'golden')),
      )
      return {
        TRUEUP_REAL_GOLDEN: join(nodes, 'golden'),
        TRUEUP_REAL_BUILT: join(nodes, 'built'),
        TRUEUP_REAL_STORAGE: storage,
      }
    })(),
    cached('debian-', ['debian.sh'], (draft, script) => script('debian.sh', draft)).then(
      (debian) => ({ TRUEUP_REAL_DEBIAN: debian }),
    ),
  ])
  const failed = built.find(({ status }) => status === 'rejected')
  if (failed) throw failed.reason
  // Made before there is no network any more: Node's runtimes come from the npm registry.
  makePackages()
  tiers['set-up'] = seconds()
  say(`roots and repositories are ready after ${seconds()} s`)
  const words = process.argv.slice(2)
  const reporters = [
    ...(words.some((word) => word.startsWith('--reporter')) ? [] : ['--reporter=default']),
    `--reporter=${join(here, 'tiers.ts')}`,
  ]
  code = await contained(
    [
      'sh',
      join(here, 'inside.sh'),
      process.execPath,
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      join(here, 'vitest.config.ts'),
      ...reporters,
      ...words,
    ],
    {
      TRUEUP_REAL_WORK: marks,
      TRUEUP_REAL_PACKAGES: packaged,
      ...Object.assign({}, ...built.map(({ value }) => value)),
    },
  )
} catch (error) {
  if (!interrupted) process.stderr.write(`test:real: ${error.message}\n`)
} finally {
  seen.stop()
  rmSync(marks, { recursive: true, force: true })
  rmSync(packaged, { recursive: true, force: true })
}
const left = await leftovers(before, seen)
say(
  `seconds, side by side: ${[...Object.entries(tiers).map(([tier, each]) => `${tier} ${Math.round(each)}`), `in all ${seconds()}`].join(', ')}`,
)
if (left.length > 0) {
  say(`LEFT BEHIND (${left.length}):\n  ${left.join('\n  ')}`)
  code = 1
} else {
  say(
    `left behind: 0. ${seen.processes.size} processes and ${seen.namespaces.size} namespaces came and went; mounts ${before.mounts.size}, links ${before.links.size}, loop devices ${before.loops.size}, as before`,
  )
}
say(
  `${interrupted ? `interrupted by ${interrupted}` : code === 0 ? 'passed' : `failed (exit ${code})`} after ${seconds()} s`,
)
process.exit(interrupted ? 130 : code)

/** The packages for this machine's processor, not compressed, the executable for arm64, and the tarball for npm. */
function makePackages() {
  const make = (...words) => {
    const { status } = spawnSync(process.execPath, words, {
      cwd: root,
      stdio: ['ignore', 'ignore', 2],
    })
    if (status !== 0) throw new Error(`${words.join(' ')} failed`)
  }
  const script = join(root, 'tools/package/package.mjs')
  make(script, '--platform', 'linux-x64', '--level', '0', '--out', packaged)
  make(script, '--platform', 'linux-arm64', '--only', 'one-file', '--level', '0', '--out', packaged)
  const packed = spawnSync(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', packaged],
    { cwd: root, stdio: ['ignore', 'ignore', 2] },
  )
  if (packed.status !== 0) throw new Error('npm pack failed')
}

/** What keeps it from running here, or null. */
function whyNot() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  if (!/^ID=debian$/m.test(release) || !/^VERSION_ID="12"$/m.test(release))
    return `this is ${/^PRETTY_NAME="(.*)"$/m.exec(release)?.[1] ?? process.platform}, and it needs Debian 12`
  if (process.getuid() !== 0) return `it needs root, and this is user ${process.getuid()}`
  const tried = spawnSync(
    'unshare',
    [
      '--mount',
      '--net',
      '--uts',
      '--ipc',
      '--pid',
      '--fork',
      '--kill-child=KILL',
      'sh',
      '-c',
      'mount --make-rprivate / && mount -t tmpfs none /tmp && mkdir /tmp/l /tmp/u /tmp/w /tmp/m && mount -t overlay -o lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w none /tmp/m',
    ],
    { encoding: 'utf8' },
  )
  if (tried.status !== 0)
    return `this machine does not let root make namespaces and overlays (${(tried.stderr || String(tried.error)).trim()})`
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'there is no apt-get'
  return null
}

function installPackages() {
  const have = spawnSync(
    'dpkg-query',
    ['--show', '--showformat', '${Package} ${db:Status-Status}\n', '--', ...packages],
    { encoding: 'utf8' },
  ).stdout
  const wanted = packages.filter((name) => !have.includes(`${name} installed`))
  if (wanted.length === 0) return
  say(`installing ${wanted.join(', ')} …`)
  const options = [
    '--assume-yes',
    '-qq',
    '-o',
    'DPkg::Lock::Timeout=120',
    '-o',
    'APT::Update::Error-Mode=any',
  ]
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = () =>
    spawnSync('apt-get', [...options, 'install', '--no-install-recommends', ...wanted], {
      stdio: ['ignore', 'ignore', 2],
      env: environment,
    }).status === 0
  // The lists of a fresh machine are empty or old.
  if (install()) return
  spawnSync('apt-get', [...options, 'update'], { stdio: ['ignore', 'ignore', 2], env: environment })
  if (!install())
    throw new Error(`apt-get could not install ${wanted.join(' ')}; its words stand above`)
}

/** A folder of the cache, filled by `build` when the scripts that make it are new. */
async function cached(kind, names, build) {
  const folder =
    process.env.TRUEUP_REAL_CACHE ||
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'trueup-real')
  const path = (name) => join(here, 'build', name)
  const key =
    kind +
    createHash('sha256')
      .update(names.map((name) => readFileSync(path(name))).join('\0'))
      .digest('hex')
      .slice(0, 12)
  const ready = join(folder, key)
  if (existsSync(ready)) {
    utimesSync(ready, new Date(), new Date())
    return ready
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  say(`building ${key} in ${folder} …`)
  const draft = mkdtempSync(join(folder, 'draft-'))
  try {
    await build(draft, async (name, ...words) => {
      if ((await contained(['sh', path(name), ...words], {}, 2)) !== 0)
        throw new Error(`${name} failed; its words stand above`)
    })
    // Somebody else may have been faster.
    if (!existsSync(ready)) renameSync(draft, ready)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  for (const other of readdirSync(folder)) {
    if (other !== key && other.startsWith(kind) && /^[0-9a-f]{12}$/.test(other.slice(kind.length)))
      rmSync(join(folder, other), { recursive: true, force: true })
  }
  return ready
}

/** Runs a program in namespaces of its own, so that killing one process ends whatever it started; its exit. */
function contained(words, environment, out = 'inherit') {
  if (interrupted) return Promise.resolve(1)
  // setpriv: when this process is killed the kernel kills the next, and so on down.
  const wrapper = [
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--net',
    '--uts',
    '--ipc',
    '--pid',
    '--fork',
    '--kill-child=KILL',
    '--mount-proc',
  ]
  const network = environment.TRUEUP_REAL_WORK
    ? wrapper
    : wrapper.filter((word) => word !== '--net')
  return new Promise((resolve, reject) => {
    const child = spawn('setpriv', [...network, ...words], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', out, 'inherit', 'pipe'],
      detached: true,
    })
    let told = ''
    running.add(child)
    child.stdio[3].setEncoding('utf8').on('data', (chunk) => (told += chunk))
    seen.from(child.pid)
    const timer = setTimeout(() => {
      say(`it takes more than ${limit / 60_000} minutes: stopped`)
      child.kill('SIGKILL')
    }, limit)
    child.once('error', reject)
    child.once('close', (status) => {
      clearTimeout(timer)
      running.delete(child)
      // Nothing is told where it was stopped, or where a script was run.
      if (told.endsWith('\n')) Object.assign(tiers, JSON.parse(told))
      resolve(status ?? 1)
    })
  })
}

/** Folders of runs that were killed, which could not remove them; what lay in them was in memory, and went with its namespace. */
function removeAbandoned() {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^trueup-real-(?:(\d+)-)?[A-Za-z0-9]{6}$/.exec(name)
    if (!owner || (owner[1] && existsSync(`/proc/${owner[1]}`))) continue
    try {
      rmdirSync(join(tmpdir(), name))
    } catch {
      // Something lies in it: not one of ours, or somebody looks at it.
    }
  }
}

function seconds() {
  return Math.round((Date.now() - began) / 1000)
}

function say(text) {
  process.stdout.write(`test:real: ${text}\n`)
}

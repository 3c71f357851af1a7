// Makes a clone ready to run: installs what the lock file says, compiles what is out of date. Node's own modules only, since
// nothing else is there yet. `node tools/setup.mjs trueup ARGS` goes on as the command line.
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const nodeNeeded = [20, 19]
const bundlers = [
  'tools/bundle/build.mjs',
  'tools/bundle/chunks.cjs',
  'tools/bundle/bytecode-cache.cjs',
  'tools/bundle/keep-bytecode.cjs',
  'tools/bundle/licenses.mjs',
]
const staleLock = 10 * 60_000

checkNode()
// `install`: for programs that run from the sources.
const mayBuild = process.argv[2] !== 'install'
if (!isInstalled() || (mayBuild && !isBuilt())) {
  locked(() => {
    // Another one may have done it while this one waited.
    if (!isInstalled()) install()
    if (mayBuild && !isBuilt()) build()
  })
}
if (process.argv[2] === 'trueup') await goOn('bin/main.cjs', process.env.INIT_CWD)

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > nodeNeeded[0] || (major === nodeNeeded[0] && minor >= nodeNeeded[1])) return
  fail(
    `trueup needs Node ${nodeNeeded.join('.')} or newer; this is ${process.versions.node} (${process.execPath})`,
  )
}

/** Whether node_modules holds what the lock file says: npm keeps its own account of what it installed. */
function isInstalled() {
  const account = readJson(join(root, 'node_modules/.package-lock.json'))
  const lock = readJson(join(root, 'package-lock.json'))
  if (!lock) fail('package-lock.json is missing: this clone is not whole')
  if (!account) return false
  const installed = account.packages ?? {}
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true
    const there = installed[path]
    if (!there) return wanted.optional === true
    return there.version === wanted.version && there.integrity === wanted.integrity
  })
}

function install() {
  say('installing what package-lock.json says (npm ci) …')
  const npm = process.env.npm_execpath
  const argv = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const [program, words] =
    npm && /\.[cm]?js$/.test(npm) ? [process.execPath, [npm, ...argv]] : ['npm', argv]
  // npm's standard output is not the command's.
  const done = spawnSync(program, words, { cwd: root, stdio: ['ignore', 2, 2] })
  if (done.error) fail(`npm could not be started: ${done.error.message}`)
  if (done.status !== 0)
    fail(`npm ci failed (exit ${done.status ?? done.signal}); what it said stands above`)
}

/** Whether dist is newer than every source it was made from; the stamp is written last, so an interrupted build counts as not built. */
function isBuilt() {
  const stamp = readJson(join(root, 'dist/.built.json'))
  return stamp !== null && stamp.of === fingerprint()
}

/** The names, sizes and times of all that the build reads, and the Node that its bytecode is of. */
function fingerprint() {
  const files = ['package-lock.json', ...bundlers, ...sources('runner'), ...sources('lab')]
  const stamps = files.map((file) => {
    const { size, mtimeMs } = statSync(join(root, file))
    return `${file} ${size} ${Math.round(mtimeMs)}`
  })
  return [`node ${process.version} ${process.arch}`, ...stamps].join('\n')
}

function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return sources(path)
      return /(?<!\.test|\.fixture)\.(?:ts|json)$/.test(entry.name) ? [path] : []
    })
}

function build() {
  const of = fingerprint()
  say('building …')
  const built = spawnSync(process.execPath, [join(root, bundlers[0])], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (built.status !== 0) fail('the sources could not be bundled; the reason stands above')
  const draft = join(root, `dist/.built.${process.pid}`)
  writeFileSync(draft, JSON.stringify({ of }))
  renameSync(draft, join(root, 'dist/.built.json'))
}

/** One set-up at a time: the second one waits, and then mostly finds everything done. */
function locked(work) {
  // Beside node_modules, which npm ci removes first.
  const lockFile = join(root, '.setup.lock')
  let saidWaiting = false
  for (;;) {
    try {
      const handle = openSync(lockFile, 'wx')
      writeFileSync(handle, String(process.pid))
      closeSync(handle)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`this clone cannot be written to: ${error.message}`)
      if (isAbandoned(lockFile)) {
        rmSync(lockFile, { force: true })
        continue
      }
      if (!saidWaiting) say('another set-up of this clone is under way, waiting for it …')
      saidWaiting = true
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
  const release = () => rmSync(lockFile, { force: true })
  process.once('exit', release)
  work()
  release()
  process.off('exit', release)
}

function isAbandoned(lockFile) {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'))
    if (Date.now() - statSync(lockFile).mtimeMs > staleLock) return true
    if (!Number.isInteger(pid) || pid <= 0) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/** Becomes a program of dist, in this folder: npm itself starts scripts in the package's folder, wherever the user is. */
async function goOn(program, folder) {
  const main = join(root, 'dist', program)
  process.argv = [process.argv[0], main, ...process.argv.slice(3)]
  if (folder) process.chdir(folder)
  await import(pathToFileURL(main).href)
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

function say(text) {
  process.stderr.write(`trueup: ${text}\n`)
}

function fail(text) {
  process.stderr.write(`trueup: ${text}\n`)
  process.exit(1)
}

// Makes trueup in one file: Node's runtime for a platform with the bundle, types, schemas, playbooks, lab and docs inside.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const { version: nodeVersion, packages } = JSON.parse(
  readFileSync(join(here, 'runtimes.json'), 'utf8'),
)
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** The platforms that there are runtimes for. */
export const platforms = Object.keys(packages)

/** Writes the executable of a platform; gives its path. */
export async function makeOneFile(platform, folder, version) {
  mkdirSync(folder, { recursive: true })
  const work = join(folder, `.work-${platform}`)
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work)
  try {
    const blob = await makeBlob(work)
    const file = join(folder, `trueup-${version}-${platform}`)
    copyFileSync(runtimeOf(platform), `${file}.part`)
    chmodSync(`${file}.part`, 0o755)
    const { inject } = createRequire(import.meta.url)('postject')
    await inject(`${file}.part`, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: fuse })
    renameSync(`${file}.part`, file)
    return file
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The part of the executable that is trueup. It holds no bytecode, so that one blob serves every platform. */
async function makeBlob(work) {
  const bundle = await rolldown({ input: join(here, 'one-file.cjs'), platform: 'node' })
  await bundle.write({ file: join(work, 'main.cjs'), format: 'cjs' })
  const bin = join(root, 'dist/bin')
  const chunks = readdirSync(bin)
    .filter((name) => name.endsWith('.chunk'))
    .sort()
  const shipped = JSON.stringify(shippedTexts())
  const entryOf = (name) =>
    /load\('([^']+)'\)/.exec(readFileSync(join(bin, `${name}.cjs`), 'utf8'))[1]
  const digest = createHash('sha256').update(shipped).digest('hex').slice(0, 16)
  writeFileSync(join(work, 'shipped.json'), shipped)
  writeFileSync(
    join(work, 'entries.json'),
    JSON.stringify({ main: entryOf('main'), background: entryOf('background-main'), digest }),
  )
  const config = {
    // The blob holds this path: where the build happens must not show in it.
    main: 'main.cjs',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    useSnapshot: false,
    useCodeCache: false,
    assets: {
      'entries.json': join(work, 'entries.json'),
      'shipped.json': join(work, 'shipped.json'),
      ...Object.fromEntries(chunks.map((name) => [`bin/${name}`, join(bin, name)])),
    },
  }
  writeFileSync(join(work, 'sea.json'), JSON.stringify(config))
  // The runtime that will read the blob writes it: its form belongs to a version of Node.
  execFileSync(runtimeOf(`linux-${process.arch}`), ['--experimental-sea-config', 'sea.json'], {
    cwd: work,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return join(work, 'blob')
}

/** What is shipped beside the code, by path. */
export function shippedTexts() {
  const wanted = [
    /^package\.json$/,
    /^(?:LICENSE|CHANGELOG\.md|README\.md)$/,
    /^(?:playbooks|schemas|inventory|docs|completions|man)\//,
    /^runner\/resources\/[^/]+\/readme\.md$/,
  ]
  const listed = execFileSync('git', ['-C', root, 'ls-files', '-z'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  const paths = [
    ...listed.split('\0').filter((path) => wanted.some((each) => each.test(path))),
    'dist/THIRD-PARTY-LICENSES.txt',
  ]
  return Object.fromEntries(
    paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  )
}

/** The runtime of a platform, from the npm registry; its integrity is pinned and checked. */
function runtimeOf(platform) {
  const { name, integrity } = packages[platform] ?? {}
  if (!name)
    throw new Error(`no runtime is known for ${platform}; known are ${platforms.join(', ')}`)
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'trueup-package')
  const folder = join(cache, `${name}-${nodeVersion}`)
  const node = join(folder, 'bin/node')
  if (existsSync(node)) return node
  mkdirSync(folder, { recursive: true })
  execFileSync(
    'npm',
    ['pack', '--silent', '--pack-destination', folder, `${name}@${nodeVersion}`],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const tarball = join(folder, `${name}-${nodeVersion}.tgz`)
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
  if (found !== integrity) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(
      `${name}@${nodeVersion} has the integrity ${found}, and ${integrity} is expected`,
    )
  }
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'])
  rmSync(tarball)
  return node
}
